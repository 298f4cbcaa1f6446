package main

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"strconv"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// pluginRun is one run of a plugin written in Python: its output streams, and the context that stops it.
type pluginRun struct {
	req            *pulumirpc.RunPluginRequest
	ctx            context.Context
	stdout, stderr io.Writer
}

// RunPlugin executes a policy pack, or another plugin written in Python, and streams its output.
func (h *host) RunPlugin(req *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer) error {
	ctx, end := h.untilStopped(server.Context())
	defer end()
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(server, false)
	if err != nil {
		return err
	}
	defer closer.Close()
	var mu sync.Mutex
	run := &pluginRun{req: req, ctx: ctx, stdout: synchronized(&mu, stdout), stderr: synchronized(&mu, stderr)}
	if req.GetKind() == "analyzer" {
		err = run.policyPack()
	} else {
		err = run.program()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return server.Send(&pulumirpc.RunPluginResponse{
			Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(exit.ExitCode())},
		})
	}
	return err
}

// program runs the plugin's directory, which Python starts at its `__main__.py`.
func (r *pluginRun) program() error {
	cmd, err := r.command(append([]string{r.req.GetInfo().GetProgramDirectory()}, r.req.GetArgs()...)...)
	if err != nil {
		return err
	}
	cmd.Dir, cmd.Stdout = r.req.GetPwd(), r.stdout
	return cmd.Run()
}

// policyPack starts the pack after the engine has sent the stack's configuration.
//
// The pack reads the stack from its environment, but the engine sends it after the plugin's start. Therefore the SDK's
// proxy answers the engine first and forwards everything else to the pack.
func (r *pluginRun) policyPack() error {
	proxy, stdout, err := sdk.NewPolicyProxy(r.ctx, r.stdout)
	if err != nil {
		return err
	}
	stack, err := proxy.AwaitConfiguration(r.ctx)
	if err != nil {
		return err
	}
	pack := r.req.GetInfo().GetProgramDirectory()
	args := append([]string{"-u", "-m", "pulumi.policy"}, r.req.GetArgs()...)
	cmd, err := r.command(append(args, pack)...)
	if err != nil {
		return err
	}
	settings, err := stackEnvironment(stack)
	if err != nil {
		return err
	}
	cmd.Dir, cmd.Stdout, cmd.Env = pack, stdout, append(cmd.Env, settings...)
	if err := cmd.Start(); err != nil {
		return err
	}
	return proxy.Attach(r.ctx, cmd)
}

// command returns a Python command in the environment that the engine requests.
func (r *pluginRun) command(args ...string) (*exec.Cmd, error) {
	chain, _, err := resolve(r.req.GetInfo())
	if err != nil {
		return nil, err
	}
	cmd, err := chain.Command(r.ctx, args...)
	if err != nil {
		return nil, err
	}
	cmd.Env, cmd.Stderr = append(environ(cmd), r.req.GetEnv()...), r.stderr
	return cmd, nil
}

// stackEnvironment returns a policy pack's variables for its stack; without a stack (publishing a pack) it is empty.
func stackEnvironment(stack *pulumirpc.AnalyzerStackConfigureRequest) ([]string, error) {
	if stack == nil {
		return nil, nil
	}
	settings, err := configEnvironment(stack.GetConfig(), stack.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	return append(settings,
		"PULUMI_ORGANIZATION="+stack.GetOrganization(),
		"PULUMI_PROJECT="+stack.GetProject(),
		"PULUMI_STACK="+stack.GetStack(),
		"PULUMI_DRY_RUN="+strconv.FormatBool(stack.GetDryRun()),
	), nil
}
