package main

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"deephaven.example/lab/engine/plugins/internal/sshserver"
)

func TestPreviewOfACreateContactsNoHost(t *testing.T) {
	s := server(t)
	outputs, err := newRemote(t).Preview(values{"connection": to(s, nil), "create": text("echo hello")})
	if err != nil {
		t.Fatal(err)
	}
	if !outputs.Get("stdout").IsComputed() || !outputs.Get("stderr").IsComputed() {
		t.Fatalf("the outputs are not computed: %v", outputs)
	}
	if s.Attempts() != 0 {
		t.Fatalf("the host was dialled %d times", s.Attempts())
	}
}

func TestOutputsAreKeptWithoutTheLastNewline(t *testing.T) {
	r := newRemote(t)
	up(t, r, "create", values{"connection": to(server(t), nil), "create": text("echo out; echo; echo err >&2")})
	equal(t, r.Text("stdout"), "out\n")
	equal(t, r.Text("stderr"), "err")
	if r.State.Get("stdout").Secret() {
		t.Fatal("stdout is a secret, although the program did not request that")
	}
}

func TestStdinReachesTheCommand(t *testing.T) {
	r := newRemote(t)
	up(t, r, "create", values{"connection": to(server(t), nil), "create": text("cat"), "stdin": text("from stdin")})
	equal(t, r.Text("stdout"), "from stdin")
}

func TestUnchangedInputsRunNothing(t *testing.T) {
	s := server(t)
	r, inputs := newRemote(t), values{"connection": to(s, nil), "create": text("echo one")}
	up(t, r, "create", inputs)
	up(t, r, "same", inputs)
	if n := len(s.Commands()); n != 1 {
		t.Fatalf("%d commands ran", n)
	}
}

func TestAnyChangedInputRunsUpdate(t *testing.T) {
	s := server(t)
	base := values{"connection": to(s, nil), "create": text("echo created"), "update": text("echo updated")}
	for name, change := range map[string]values{
		"create":     {"create": text("echo other")},
		"delete":     {"delete": text("true")},
		"logging":    {"logging": text("none")},
		"stdin":      {"stdin": text("x")},
		"connection": {"connection": to(s, values{"dialErrorLimit": property.New(1.0)})},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRemote(t)
			up(t, r, "create", base)
			equal(t, r.Text("stdout"), "created")
			up(t, r, "update", with(base, change))
			equal(t, r.Text("stdout"), "updated")
		})
	}
}

func TestCreateRunsAgainWhenUpdateIsUnset(t *testing.T) {
	s := server(t)
	r, base := newRemote(t), values{"connection": to(s, nil), "create": text("echo created")}
	up(t, r, "create", base)
	up(t, r, "update", with(base, values{"stdin": text("changed")}))
	equal(t, strings.Join(s.Commands(), ";"), "echo created;echo created")
}

func TestTriggersReplaceAndCreateComesBeforeDelete(t *testing.T) {
	s := server(t)
	r, base := newRemote(t), values{
		"connection": to(s, nil), "create": text("echo c"), "update": text("echo u"), "delete": text("echo d"),
	}
	trigger := func(v string) values {
		return with(base, values{"triggers": property.New(property.NewArray([]property.Value{text(v)}))})
	}
	up(t, r, "create", trigger("a"))
	up(t, r, "replace", trigger("b"))
	equal(t, strings.Join(s.Commands(), ";"), "echo c;echo c;echo d")
}

func TestFailingCreateLeavesNoStateAndRunsAgain(t *testing.T) {
	s := server(t)
	r, inputs := newRemote(t), values{"connection": to(s, nil), "create": text("exit 3")}
	refused(t, r, inputs, "Process exited with status 3")
	if r.ID != "" {
		t.Fatal("the failed create is in the state")
	}
	refused(t, r, inputs, "Process exited with status 3")
	if n := len(s.Commands()); n != 2 {
		t.Fatalf("%d commands ran, want the create twice", n)
	}
}

func TestErrorContainsTheCommandAndItsOutputButNotItsInput(t *testing.T) {
	r := newRemote(t)
	inputs := values{
		"connection": to(server(t), nil), "stdin": text("hidden input"), "logging": text("none"),
		"create": text("cat >/dev/null; echo out; echo err >&2; exit 7"),
	}
	refused(t, r, inputs,
		"Process exited with status 7: running \"cat >/dev/null; echo out; echo err >&2; exit 7\":\n", "out\n", "err\n")
	if _, err := r.Up(inputs); strings.Contains(err.Error(), "hidden input") {
		t.Fatalf("the error shows the standard input: %v", err)
	}
}

func TestDeleteUsesTheConnectionInState(t *testing.T) {
	first, second := server(t), server(t)
	r := newRemote(t)
	base := values{"create": text("echo c"), "delete": text("echo d")}
	up(t, r, "create", with(base, values{"connection": to(first, nil)}))
	up(t, r, "update", with(base, values{"connection": to(second, nil)}))
	if err := r.Destroy(); err != nil {
		t.Fatal(err)
	}
	equal(t, strings.Join(first.Commands(), ";"), "echo c")
	equal(t, strings.Join(second.Commands(), ";"), "echo c;echo d")
}

func TestDeleteOnADeadHostFails(t *testing.T) {
	s := server(t)
	r := newRemote(t)
	up(t, r, "create", values{"connection": to(s, nil), "create": text("true"), "delete": text("true")})
	s.Stop()
	if err := r.Destroy(); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Fatalf("the delete on a dead host ended with %v", err)
	}
}

func TestUnsetDeleteContactsNoHost(t *testing.T) {
	s := server(t)
	r := newRemote(t)
	up(t, r, "create", values{"connection": to(s, nil), "create": text("true")})
	s.Stop()
	if err := r.Destroy(); err != nil {
		t.Fatalf("the removal of a resource without delete contacted its host: %v", err)
	}
}

func TestReadReturnsTheStateUnchanged(t *testing.T) {
	s := server(t)
	r := newRemote(t)
	up(t, r, "create", values{"connection": to(s, nil), "create": text("echo once")})
	s.Stop()
	if err := r.Refresh(); err != nil {
		t.Fatal(err)
	}
	equal(t, r.Text("stdout"), "once")
}

func TestPreviousOutputIsAVariableIfTheServerAcceptsIt(t *testing.T) {
	names := []string{"PULUMI_COMMAND_STDOUT", "PULUMI_COMMAND_STDERR"}
	for accepted, want := range map[bool]string{true: "got one", false: "got "} {
		options := sshserver.Options{Password: password}
		if accepted {
			options.AcceptEnv = names
		}
		r := newRemote(t)
		base := values{
			"connection": to(sshserver.Start(t, options), nil),
			"create":     text("echo one"), "update": text("echo got $PULUMI_COMMAND_STDOUT | sed 's/ *$//; s/got$/got /'"),
		}
		up(t, r, "create", base)
		up(t, r, "update", with(base, values{"stdin": text("x")}))
		equal(t, r.Text("stdout"), want)
	}
}

func TestRefusedEnvironmentFails(t *testing.T) {
	environment := property.New(property.NewMap(values{"COLOUR": text("red")}))
	refused(t, newRemote(t),
		values{"connection": to(server(t), nil), "create": text("true"), "environment": environment},
		`could not set environment variable "COLOUR"`)

	s := sshserver.Start(t, sshserver.Options{Password: password, AcceptEnv: []string{"COLOUR"}})
	r := newRemote(t)
	up(t, r, "create", values{"connection": to(s, nil), "create": text("echo $COLOUR"), "environment": environment})
	equal(t, r.Text("stdout"), "red")
}

func TestLongLinesPassWithoutLogging(t *testing.T) {
	for _, length := range []int{70_000, 1_000_000} {
		r := newRemote(t)
		up(t, r, "create", values{
			"connection": to(server(t), nil), "logging": text("none"),
			"create": text("cat"), "stdin": text(strings.Repeat("x", length)),
		})
		if got := len(r.Text("stdout")); got != length {
			t.Fatalf("%d bytes of %d came back", got, length)
		}
	}
}

// The original blocks forever here, and so does the fake, so that no program relies on more.
func TestLongLineWithLoggingBlocks(t *testing.T) {
	for length, blocks := range map[int]bool{65_000: false, 70_000: true} {
		done, s, r := make(chan error, 1), server(t), newRemote(t)
		go func() {
			_, err := r.Up(values{
				"connection": to(s, nil), "create": text("cat"), "stdin": text(strings.Repeat("x", length)),
			})
			done <- err
		}()
		select {
		case err := <-done:
			if blocks || err != nil {
				t.Fatalf("%d bytes in one line did not block: %v", length, err)
			}
		case <-time.After(time.Second):
			if !blocks {
				t.Fatalf("%d bytes in one line block", length)
			}
		}
	}
}

func TestEachOperationOpensAConnection(t *testing.T) {
	s := server(t)
	r, base := newRemote(t), values{"connection": to(s, nil), "create": text("true"), "delete": text("true")}
	up(t, r, "create", base)
	up(t, r, "update", with(base, values{"stdin": text("x")}))
	if err := r.Destroy(); err != nil {
		t.Fatal(err)
	}
	if s.Connections() != 3 {
		t.Fatalf("%d connections for three operations", s.Connections())
	}
}
