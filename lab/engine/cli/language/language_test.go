package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// project returns a project whose virtual environment has a shell script as Python.
func project(t *testing.T, python string) *pulumirpc.ProgramInfo {
	t.Helper()
	root := t.TempDir()
	write(t, filepath.Join(root, "venv", "pyvenv.cfg"), "", 0o644)
	for _, name := range []string{"python", "pip"} {
		write(t, filepath.Join(root, "venv", "bin", name), "#!/bin/sh\n"+python, 0o755)
	}
	options, err := structpb.NewStruct(map[string]any{"toolchain": "pip", "virtualenv": "venv"})
	if err != nil {
		t.Fatal(err)
	}
	return &pulumirpc.ProgramInfo{RootDirectory: root, ProgramDirectory: root, EntryPoint: ".", Options: options}
}

func write(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, python string, req *pulumirpc.RunRequest) *pulumirpc.RunResponse {
	t.Helper()
	req.Info = project(t, python)
	response, err := newHost("/executor", "engine:1").Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestExitStatusDeterminesTheError(t *testing.T) {
	for script, want := range map[string]*pulumirpc.RunResponse{
		"exit 0":        {},
		"exit 32":       {Bail: true},
		"exit 1":        {Error: "program exited with non-zero exit code: 1"},
		"kill -TERM $$": {Error: "program was stopped by a signal: signal: terminated"},
	} {
		got := run(t, script, &pulumirpc.RunRequest{})
		if got.GetBail() != want.GetBail() || got.GetError() != want.GetError() {
			t.Errorf("%s: %v", script, got)
		}
	}
}

func TestProgramGetsArgumentsAndConfiguration(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	script := `{ for a; do echo "$a"; done; echo "$PULUMI_CONFIG"; echo "$PULUMI_CONFIG_SECRET_KEYS"; } > ` + out
	run(t, script, &pulumirpc.RunRequest{
		Project: "p", Stack: "s", Pwd: "/", MonitorAddress: "monitor:1", DryRun: true, Parallel: 4,
		Organization: "o", Args: []string{"extra"},
		Config: map[string]string{"p:key": "value"}, ConfigSecretKeys: []string{"p:key"},
	})
	output, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	want := []string{
		"/executor", "--monitor", "monitor:1", "--engine", "engine:1", "--project", "p",
		"--root_directory", lines[8], "--stack", "s", "--pwd", "/", "--dry_run", "true", "--parallel", "4",
		"--organization", "o", ".", "extra", `{"p:key":"value"}`, `["p:key"]`,
	}
	if !slices.Equal(lines, want) {
		t.Fatalf("got  %q\nwant %q", lines, want)
	}
}

func TestEmptyConfigurationIsNeverNull(t *testing.T) {
	got, err := configEnvironment(nil, nil)
	if err != nil || !slices.Equal(got, []string{"PULUMI_CONFIG={}", "PULUMI_CONFIG_SECRET_KEYS=[]"}) {
		t.Fatalf("%q (%v)", got, err)
	}
}

func TestMissingVirtualEnvironmentIsRefused(t *testing.T) {
	info := project(t, "exit 0")
	if err := os.RemoveAll(filepath.Join(info.RootDirectory, "venv")); err != nil {
		t.Fatal(err)
	}
	_, err := newHost("/executor", "").Run(t.Context(), &pulumirpc.RunRequest{Info: info})
	if err == nil || !strings.Contains(err.Error(), "venv") {
		t.Fatalf("ran without its virtual environment: %v", err)
	}
}

func TestUnknownRuntimeOptionsAreRefused(t *testing.T) {
	for name, value := range map[string]any{"toolchain": "pipsqueak", "typechecker": "unknown", "virtualenv": 3.0} {
		options, err := structpb.NewStruct(map[string]any{name: value})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readOptions(&pulumirpc.ProgramInfo{Options: options}); err == nil ||
			!strings.Contains(err.Error(), name) {
			t.Errorf("%s=%v: %v", name, value, err)
		}
	}
}

func TestTypecheckerStopsTheProgram(t *testing.T) {
	info := project(t, `case "$*" in "-m mypy"*) exit 1;; esac; exit 0`)
	host := newHost("/executor", "")
	run := func() string {
		response, err := host.Run(t.Context(), &pulumirpc.RunRequest{Info: info})
		if err != nil {
			t.Fatal(err)
		}
		return response.GetError()
	}
	if message := run(); message != "" {
		t.Fatalf("without a type checker: %s", message)
	}
	info.Options.Fields["typechecker"] = structpb.NewStringValue("mypy")
	if message := run(); !strings.Contains(message, "mypy found errors") {
		t.Fatalf("the program ran in spite of the type checker: %q", message)
	}
}

func TestCancelStopsTheProgram(t *testing.T) {
	host := newHost("/executor", "")
	started := filepath.Join(t.TempDir(), "started")
	info := project(t, "touch "+started+"; exec sleep 60")
	done := make(chan *pulumirpc.RunResponse, 1)
	go func() {
		response, _ := host.Run(context.Background(), &pulumirpc.RunRequest{Info: info})
		done <- response
	}()
	for {
		if _, err := os.Stat(started); err == nil {
			break
		}
	}
	if _, err := host.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	if response := <-done; response.GetError() == "" {
		t.Fatal("the cancelled program succeeded")
	}
}

func TestHandshakeSetsTheEngineAddress(t *testing.T) {
	host := newHost("/executor", "old:1")
	if _, err := host.Handshake(t.Context(), &pulumirpc.LanguageHandshakeRequest{EngineAddress: "new:2"}); err != nil {
		t.Fatal(err)
	}
	if host.engineAddress() != "new:2" {
		t.Fatalf("the engine is at %s", host.engineAddress())
	}
}

func TestAboutAndDependenciesDescribeTheInterpreter(t *testing.T) {
	info := project(t, `case "$*" in
		--version) echo Python 3.11.4;;
		*pip*--version*) echo pip 24.0 from x;;
		*pip*list*) echo '[{"name": "pulumi_command", "version": "1.2.1"}]';;
		*) echo /the/python;;
	esac`)
	host := newHost("/executor", "")
	about, err := host.About(t.Context(), &pulumirpc.AboutRequest{Info: info})
	if err != nil || about.GetExecutable() != "/the/python" || about.GetVersion() != "3.11.4" {
		t.Fatalf("%v (%v)", about, err)
	}
	dependencies, err := host.GetProgramDependencies(t.Context(), &pulumirpc.GetProgramDependenciesRequest{Info: info})
	if err != nil || len(dependencies.GetDependencies()) != 1 || dependencies.GetDependencies()[0].GetName() != "pulumi-command" {
		t.Fatalf("%v (%v)", dependencies, err)
	}
}

func TestVersionMarksTheHostAsAFake(t *testing.T) {
	info, err := newHost("/executor", "").GetPluginInfo(t.Context(), &emptypb.Empty{})
	if err != nil || !strings.Contains(info.GetVersion(), "+fake") {
		t.Fatalf("%v (%v)", info, err)
	}
}

func TestPolicyPackReceivesItsStack(t *testing.T) {
	nothing, err := stackEnvironment(nil)
	if err != nil || len(nothing) != 0 {
		t.Fatalf("without a stack: %q (%v)", nothing, err)
	}
	got, err := stackEnvironment(&pulumirpc.AnalyzerStackConfigureRequest{
		Project: "p", Stack: "s", Organization: "o", DryRun: true, Config: map[string]string{"p:a": "b"},
	})
	want := []string{
		`PULUMI_CONFIG={"p:a":"b"}`, "PULUMI_CONFIG_SECRET_KEYS=[]",
		"PULUMI_ORGANIZATION=o", "PULUMI_PROJECT=p", "PULUMI_STACK=s", "PULUMI_DRY_RUN=true",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("%q (%v)", got, err)
	}
}

func TestProgramThatCannotStartIsReported(t *testing.T) {
	if response := outcome(exec.ErrNotFound); !strings.Contains(response.GetError(), "could not run the program") {
		t.Fatalf("%v", response)
	}
}
