package sshserver

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// session serves one command or one file transfer.
func (s *Server) session(offer ssh.NewChannel) {
	channel, requests, err := offer.Accept()
	if err != nil {
		return
	}
	environment := os.Environ()
	for request := range requests {
		switch request.Type {
		case "env":
			var variable struct{ Name, Value string }
			accepted := ssh.Unmarshal(request.Payload, &variable) == nil &&
				slices.Contains(s.options.AcceptEnv, variable.Name)
			if accepted {
				environment = append(environment, variable.Name+"="+variable.Value)
			}
			_ = request.Reply(accepted, nil)
		case "exec":
			var command struct{ Text string }
			_ = request.Reply(ssh.Unmarshal(request.Payload, &command) == nil, nil)
			go s.run(channel, command.Text, environment)
		case "subsystem":
			_ = request.Reply(true, nil)
			go files(channel)
		default:
			_ = request.Reply(false, nil)
		}
	}
}

func (s *Server) run(channel ssh.Channel, command string, environment []string) {
	defer channel.Close()
	s.mu.Lock()
	s.commands = append(s.commands, command)
	s.mu.Unlock()
	cmd := exec.Command("/bin/sh", "-c", command)
	cmd.Env, cmd.Stdout, cmd.Stderr = environment, channel, channel.Stderr()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return
	}
	// With its own pipe, a command that does not read its input does not delay cmd.Run.
	go func() {
		_, _ = io.Copy(stdin, channel)
		_ = stdin.Close()
	}()
	status := struct{ Code uint32 }{}
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		status.Code = uint32(exit.ExitCode())
	}
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(&status))
}

func files(channel ssh.Channel) {
	defer channel.Close()
	server, err := sftp.NewServer(channel)
	if err == nil {
		_ = server.Serve()
	}
}

// forward connects on behalf of the client, like a proxy.
func forward(offer ssh.NewChannel) {
	var to struct {
		Host   string
		Port   uint32
		Origin string
		From   uint32
	}
	if err := ssh.Unmarshal(offer.ExtraData(), &to); err != nil {
		_ = offer.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	wire, err := net.Dial("tcp", net.JoinHostPort(to.Host, fmt.Sprint(to.Port)))
	if err != nil {
		_ = offer.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	channel, requests, err := offer.Accept()
	if err != nil {
		_ = wire.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	go func() {
		_, _ = io.Copy(wire, channel)
		_ = wire.Close()
	}()
	_, _ = io.Copy(channel, wire)
	_ = channel.Close()
}
