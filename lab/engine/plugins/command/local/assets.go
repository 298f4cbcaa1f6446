package local

import (
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/gobwas/glob"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// rule includes or excludes the files that its glob matches.
type rule struct {
	glob    glob.Glob
	exclude bool
}

func rules(patterns []string) ([]rule, error) {
	var all []rule
	for _, pattern := range patterns {
		text, exclude := strings.CutPrefix(pattern, "!")
		compiled, err := glob.Compile(text, '/')
		if err != nil {
			return nil, err
		}
		all = append(all, rule{compiled, exclude})
	}
	return all, nil
}

// matching returns every file under the folder whose last matching rule includes it.
func matching(dir string, patterns []string) (map[string]*resource.Asset, error) {
	all, err := rules(patterns)
	if err != nil {
		return nil, err
	}
	assets := map[string]*resource.Asset{}
	err = fs.WalkDir(os.DirFS(dir), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !included(all, file) {
			return err
		}
		assets[file], err = resource.NewPathAsset(path.Join(dir, file))
		return err
	})
	return assets, err
}

func included(all []rule, file string) bool {
	yes := false
	for _, r := range all {
		if r.glob.Match(file) {
			yes = !r.exclude
		}
	}
	return yes
}
