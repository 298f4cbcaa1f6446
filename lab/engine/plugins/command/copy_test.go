package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"deephaven.example/lab/engine/plugins/internal/engine"
	"deephaven.example/lab/engine/plugins/internal/sshserver"
)

func newCopy(t *testing.T) *engine.Resource { return engine.New(t, provider(), copyToRemote) }

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func has(t *testing.T, path, content string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, string(got), content)
}

// file returns a FileAsset in the engine's form: the path and the current digest of its content.
func file(t *testing.T, path string) property.Value {
	t.Helper()
	a, err := asset.FromPath(path)
	if err != nil {
		t.Fatal(err)
	}
	return property.New(a)
}

func copies(s *sshserver.Server, source property.Value, path string) values {
	return values{"connection": to(s, nil), "source": source, "remotePath": text(path)}
}

func TestCopyIsRepeatedOnlyWhenContentOrPathChanges(t *testing.T) {
	first, second := server(t), server(t)
	source, target := filepath.Join(t.TempDir(), "source"), filepath.Join(t.TempDir(), "target")
	write(t, source, "one")
	r := newCopy(t)
	up(t, r, "create", copies(first, file(t, source), target))
	has(t, target, "one")
	up(t, r, "same", copies(first, file(t, source), target))

	write(t, source, "two")
	up(t, r, "update", copies(first, file(t, source), target))
	has(t, target, "two")

	up(t, r, "update", copies(first, file(t, source), target+".moved"))
	has(t, target+".moved", "two")

	if err := os.Remove(target + ".moved"); err != nil {
		t.Fatal(err)
	}
	up(t, r, "update", copies(second, file(t, source), target+".moved"))
	if _, err := os.Stat(target + ".moved"); err == nil || second.Connections() != 0 {
		t.Fatal("a change of the host copied again")
	}
}

func TestFileIsCopiedIntoAnExistingFolder(t *testing.T) {
	source, folder := filepath.Join(t.TempDir(), "name"), t.TempDir()
	write(t, source, "content")
	up(t, newCopy(t), "create", copies(server(t), file(t, source), folder))
	has(t, filepath.Join(folder, "name"), "content")
}

func TestCopyToAPathThatCannotBeCreatedFails(t *testing.T) {
	source := filepath.Join(t.TempDir(), "name")
	write(t, source, "content")
	refused(t, newCopy(t), copies(server(t), file(t, source), filepath.Join(t.TempDir(), "no", "such", "folder")),
		"failed to create remote file")
}

func TestFolderIsCopiedCompletely(t *testing.T) {
	source, target := filepath.Join(t.TempDir(), "tree"), filepath.Join(t.TempDir(), "copy")
	write(t, filepath.Join(source, "a"), "A")
	write(t, filepath.Join(source, "sub", "b"), "B")
	for slash, below := range map[string]string{"": "tree", "/": ""} {
		a, err := archive.FromPath(source + slash)
		if err != nil {
			t.Fatal(err)
		}
		up(t, newCopy(t), "create", copies(server(t), property.New(a), target))
		has(t, filepath.Join(target, below, "a"), "A")
		has(t, filepath.Join(target, below, "sub", "b"), "B")
	}
}

func TestTextIsWrittenOnlyToAFile(t *testing.T) {
	target := filepath.Join(t.TempDir(), "target")
	asText := func(content string) property.Value {
		a, err := asset.FromText(content)
		if err != nil {
			t.Fatal(err)
		}
		return property.New(a)
	}
	s, r := server(t), newCopy(t)
	up(t, r, "create", copies(s, asText("one"), target))
	has(t, target, "one")
	up(t, r, "update", copies(s, asText("two"), target))
	has(t, target, "two")
	refused(t, newCopy(t), copies(s, asText("one"), filepath.Dir(target)), "is a directory")
}

func TestSourceThatIsAURIIsRefused(t *testing.T) {
	a, err := asset.FromURI("file:///etc/hostname")
	if err != nil {
		t.Fatal(err)
	}
	refused(t, newCopy(t), copies(server(t), property.New(a), "/nowhere"), "asset must be a path-based file asset")
}
