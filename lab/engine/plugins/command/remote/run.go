package remote

import (
	"context"
	"fmt"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"

	"deephaven.example/lab/engine/plugins/command/shared"
)

// run executes one command and stores its output in the state; without a command no host is contacted.
func (c *CommandOutputs) run(ctx context.Context, command *string) error {
	if command == nil {
		return nil
	}
	if outputs, instant := shared.Instant(*command, c.Stdin); instant {
		c.Outputs = outputs
		return nil
	}
	client, err := c.Connection.Dial(ctx)
	if err != nil {
		return err
	}
	session, err := client.NewSession()
	if err != nil {
		return err
	}
	defer session.Close()
	if err := c.setEnvironment(ctx, session); err != nil {
		return err
	}
	if c.Stdin != nil && *c.Stdin != "" {
		session.Stdin = strings.NewReader(*c.Stdin)
	}
	capture := shared.NewCapture(ctx, c.Logging.streams())
	session.Stdout, session.Stderr = capture.Stdout(), capture.Stderr()
	err = session.Run(*command)
	capture.Close()
	if err != nil {
		return capture.Failure(err, *command)
	}
	c.Outputs = capture.Outputs()
	return nil
}

// setEnvironment fails if the server refuses a variable of the program, and warns if it refuses a previous output.
func (c *CommandOutputs) setEnvironment(ctx context.Context, session *ssh.Session) error {
	for key, value := range c.Environment {
		if err := session.Setenv(key, value); err != nil {
			p.GetLogger(ctx).Error(refused(key))
			return fmt.Errorf("could not set environment variable %q: %w", key, err)
		}
	}
	if !or(c.AddPreviousOutputInEnv, true) {
		return nil
	}
	for _, previous := range [][2]string{
		{shared.PreviousStdout, c.Stdout}, {shared.PreviousStderr, c.Stderr},
	} {
		if previous[1] == "" {
			continue
		}
		if err := session.Setenv(previous[0], previous[1]); err != nil {
			p.GetLogger(ctx).Warning(refused(previous[0]))
		}
	}
	return nil
}

func refused(key string) string {
	return fmt.Sprintf("Unable to set '%s'. The SSH server accepts only variables that its AcceptEnv lists; "+
		"write 'VAR=value command' instead, or set addPreviousOutputInEnv to false", key)
}
