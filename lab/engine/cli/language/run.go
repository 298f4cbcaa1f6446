package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// alreadyShown is the executor's exit status after it has shown its own message to the user.
const alreadyShown = 32

// Run executes one program and waits for it.
func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	chain, options, err := resolve(req.GetInfo())
	if err != nil {
		return nil, err
	}
	if err := chain.ValidateVenv(ctx); err != nil {
		return nil, err
	}
	if err := typecheck(ctx, chain, options); err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	ctx, end := h.untilStopped(ctx)
	defer end()
	cmd, err := chain.Command(ctx, h.arguments(req)...)
	if err != nil {
		return nil, err
	}
	settings, err := configEnvironment(req.GetConfig(), req.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	cmd.Env = append(environ(cmd), settings...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return outcome(cmd.Run()), nil
}

// typecheck runs the project's type checker; its findings are the program's error.
func typecheck(ctx context.Context, chain toolchain.Toolchain, options toolchain.PythonOptions) error {
	module := map[string]string{"Mypy": "mypy", "Pyright": "pyright"}[toolchain.TypeCheckerName(options.Typechecker)]
	if module == "" {
		return nil
	}
	cmd, err := chain.ModuleCommand(ctx, module, options.ProgramDir)
	if err != nil {
		return err
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = options.ProgramDir, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s found errors in %s; see its output above: %w", module, options.ProgramDir, err)
	}
	return nil
}

// untilStopped returns a context that ends when the engine calls Cancel.
func (h *host) untilStopped(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancel(ctx)
	forget := context.AfterFunc(h.stop, end)
	return ctx, func() {
		forget()
		end()
	}
}

// arguments returns the executor's command line; empty values are left out.
func (h *host) arguments(req *pulumirpc.RunRequest) []string {
	args := []string{h.executor}
	for _, option := range [][2]string{
		{"monitor", req.GetMonitorAddress()},
		{"engine", h.engineAddress()},
		{"project", req.GetProject()},
		{"root_directory", req.GetInfo().GetRootDirectory()},
		{"stack", req.GetStack()},
		{"pwd", req.GetPwd()},
		{"dry_run", strconv.FormatBool(req.GetDryRun())},
		{"parallel", strconv.Itoa(int(req.GetParallel()))},
		{"organization", req.GetOrganization()},
	} {
		if option[1] != "" {
			args = append(args, "--"+option[0], option[1])
		}
	}
	program := req.GetInfo().GetEntryPoint()
	if program == "" {
		program = "."
	}
	return append(append(args, program), req.GetArgs()...)
}

// configEnvironment returns the variables from which the Python SDK reads the stack's configuration, which must be
// `{}` and `[]` when empty, never null.
func configEnvironment(config map[string]string, secretKeys []string) ([]string, error) {
	if config == nil {
		config = map[string]string{}
	}
	if secretKeys == nil {
		secretKeys = []string{}
	}
	values, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	keys, err := json.Marshal(secretKeys)
	if err != nil {
		return nil, err
	}
	return []string{"PULUMI_CONFIG=" + string(values), "PULUMI_CONFIG_SECRET_KEYS=" + string(keys)}, nil
}

func environ(cmd *exec.Cmd) []string {
	if cmd.Env != nil {
		return cmd.Env
	}
	return os.Environ()
}

// outcome converts the program's exit to a response for the engine.
func outcome(err error) *pulumirpc.RunResponse {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("could not run the program: %v", err)}
	case exit.ExitCode() == alreadyShown:
		return &pulumirpc.RunResponse{Bail: true}
	case exit.ExitCode() < 0:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("program was stopped by a signal: %v", exit)}
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("program exited with non-zero exit code: %d", exit.ExitCode())}
	}
}
