package local

import (
	"context"
	"os"
	"os/exec"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"deephaven.example/lab/engine/plugins/command/shared"
)

// run executes one command and stores its output in the state.
func (c *CommandOutputs) run(ctx context.Context, command *string) error {
	if command == nil {
		return nil
	}
	if outputs, instant := shared.Instant(*command, c.Stdin); instant {
		c.Outputs = outputs
		return nil
	}
	cmd, err := c.process(ctx, *command)
	if err != nil {
		return err
	}
	capture := shared.NewCapture(ctx, c.Logging.streams())
	cmd.Stdout, cmd.Stderr = capture.Stdout(), capture.Stderr()
	err = cmd.Run()
	capture.Close()
	if err != nil {
		return capture.Failure(err, *command)
	}
	if err := c.collect(cmd.Dir); err != nil {
		return err
	}
	c.Outputs = capture.Outputs()
	return nil
}

func (c *CommandOutputs) process(ctx context.Context, command string) (*exec.Cmd, error) {
	args := []string{"/bin/sh", "-c"}
	if c.Interpreter != nil && len(*c.Interpreter) > 0 {
		args = append([]string{}, *c.Interpreter...)
	}
	args = append(args, command)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = c.environment()
	if c.Stdin != nil && *c.Stdin != "" {
		cmd.Stdin = strings.NewReader(*c.Stdin)
	}
	if c.Dir != nil {
		cmd.Dir = *c.Dir
		return cmd, nil
	}
	var err error
	cmd.Dir, err = os.Getwd()
	return cmd, err
}

func (c *CommandOutputs) environment() []string {
	environment := os.Environ()
	if c.Environment != nil {
		for key, value := range *c.Environment {
			environment = append(environment, key+"="+value)
		}
	}
	if c.AddPreviousOutputInEnv != nil && !*c.AddPreviousOutputInEnv {
		return environment
	}
	if c.Stdout != "" {
		environment = append(environment, shared.PreviousStdout+"="+c.Stdout)
	}
	if c.Stderr != "" {
		environment = append(environment, shared.PreviousStderr+"="+c.Stderr)
	}
	return environment
}

// collect reads the files that match assetPaths and archivePaths.
func (c *CommandOutputs) collect(dir string) error {
	if c.AssetPaths != nil {
		assets, err := matching(dir, *c.AssetPaths)
		if err != nil {
			return err
		}
		c.Assets = &assets
	}
	if c.ArchivePaths == nil {
		return nil
	}
	assets, err := matching(dir, *c.ArchivePaths)
	if err != nil {
		return err
	}
	members := map[string]any{}
	for path, asset := range assets {
		members[path] = asset
	}
	c.Archive, err = resource.NewAssetArchive(members)
	return err
}
