// Package sshserver is a real SSH server on loopback for tests of the command plugin.
package sshserver

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"net"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

// Options are the keys, logins and variables that the server accepts.
type Options struct {
	HostKeys      []ssh.Signer
	AuthorizedKey ssh.PublicKey
	Password      string
	AcceptEnv     []string
}

// Server runs commands in the local shell, and stores files in the local file system.
type Server struct {
	Host string
	Port int

	options  Options
	config   *ssh.ServerConfig
	listener net.Listener

	mu          sync.Mutex
	commands    []string
	connections int
	attempts    int
}

var errRefused = errors.New("refused")

// Start returns a server that runs until the end of the test.
func Start(t testing.TB, options Options) *Server {
	t.Helper()
	if len(options.HostKeys) == 0 {
		options.HostKeys = []ssh.Signer{NewKey(t)}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	s := &Server{Host: "127.0.0.1", Port: address.Port, options: options, listener: listener}
	s.config = &ssh.ServerConfig{MaxAuthTries: -1, PublicKeyCallback: s.publicKey, PasswordCallback: s.password}
	for _, key := range options.HostKeys {
		s.config.AddHostKey(key)
	}
	t.Cleanup(s.Stop)
	go s.accept()
	return s
}

// Stop refuses further connections, like a host that is down.
func (s *Server) Stop() { _ = s.listener.Close() }

// Commands returns the commands that were run.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.commands...)
}

// Connections returns the number of successful logins.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Attempts returns the number of connections, with or without a successful login.
func (s *Server) Attempts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.attempts
}

// NewKey generates an ed25519 key.
func NewKey(t testing.TB) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func (s *Server) publicKey(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	allowed := s.options.AuthorizedKey
	if allowed == nil || !bytes.Equal(key.Marshal(), allowed.Marshal()) {
		return nil, errRefused
	}
	return nil, nil
}

func (s *Server) password(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
	if s.options.Password == "" || string(password) != s.options.Password {
		return nil, errRefused
	}
	return nil, nil
}

func (s *Server) accept() {
	for {
		wire, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.attempts++
		s.mu.Unlock()
		go s.connection(wire)
	}
}

func (s *Server) connection(wire net.Conn) {
	conn, channels, requests, err := ssh.NewServerConn(wire, s.config)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.connections++
	s.mu.Unlock()
	defer conn.Close()
	go ssh.DiscardRequests(requests)
	for channel := range channels {
		switch channel.ChannelType() {
		case "session":
			go s.session(channel)
		case "direct-tcpip":
			go forward(channel)
		default:
			_ = channel.Reject(ssh.UnknownChannelType, channel.ChannelType())
		}
	}
}
