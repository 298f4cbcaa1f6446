package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"deephaven.example/lab/engine/plugins/internal/engine"
)

func newLocal(t *testing.T) *engine.Resource { return engine.New(t, provider(), localCommand) }

func list(items ...string) property.Value {
	var all []property.Value
	for _, item := range items {
		all = append(all, text(item))
	}
	return property.New(property.NewArray(all))
}

func TestLocalCommandUsesInputFolderEnvironmentAndInterpreter(t *testing.T) {
	dir, r := t.TempDir(), newLocal(t)
	up(t, r, "create", values{
		"create": text("cat; pwd; echo $COLOUR $0"), "stdin": text("in\n"), "dir": text(dir),
		"environment": property.New(property.NewMap(values{"COLOUR": text("red")})),
		"interpreter": list("/bin/bash", "-c"),
	})
	equal(t, r.Text("stdout"), "in\n"+dir+"\nred /bin/bash")
}

func TestLocalUpdateReceivesThePreviousOutput(t *testing.T) {
	r, base := newLocal(t), values{"create": text("echo one"), "update": text("echo got $PULUMI_COMMAND_STDOUT")}
	up(t, r, "create", base)
	up(t, r, "update", with(base, values{"stdin": text("x")}))
	equal(t, r.Text("stdout"), "got one")
	up(t, r, "update", with(base, values{"addPreviousOutputInEnv": property.New(false)}))
	equal(t, r.Text("stdout"), "got")
}

func TestLocalErrorContainsTheCommandAndItsOutput(t *testing.T) {
	refused(t, newLocal(t), values{"create": text("echo out; exit 4")}, "exit status 4: running \"echo out; exit 4\":\nout\n")
}

func TestLocalDeleteRunsWhenSet(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	r := newLocal(t)
	up(t, r, "create", values{"create": text("true"), "delete": text("echo deleted > " + mark)})
	if err := r.Destroy(); err != nil {
		t.Fatal(err)
	}
	has(t, mark, "deleted\n")
}

func TestLocalAssetsFollowTheGlobsInOrder(t *testing.T) {
	dir, r := t.TempDir(), newLocal(t)
	up(t, r, "create", values{
		"create": text("mkdir sub; touch a.txt sub/b.txt sub/secret.txt c.log"), "dir": text(dir),
		"assetPaths": list("**.txt", "!**secret.*"), "archivePaths": list("*.log"),
	})
	var names []string
	for name := range r.State.Get("assets").AsMap().All {
		names = append(names, name)
	}
	if len(names) != 2 || !strings.Contains(strings.Join(names, " "), "sub/b.txt") {
		t.Fatalf("assets: %v", names)
	}
	if !r.State.Get("archive").IsArchive() {
		t.Fatal("there is no archive")
	}
}
