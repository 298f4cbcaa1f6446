package main

import (
	"encoding/pem"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/crypto/ssh"

	"deephaven.example/lab/engine/plugins/internal/engine"
	"deephaven.example/lab/engine/plugins/internal/sshserver"
)

const (
	remoteCommand = "command:remote:Command"
	copyToRemote  = "command:remote:CopyToRemote"
	localCommand  = "command:local:Command"
)

// TestMain discards the output of commands, which real runs send to the engine.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

type values = map[string]property.Value

// password is the login of most tests.
const password = "open sesame"

func text(s string) property.Value { return property.New(s) }

func with(base values, more values) values {
	all := values{}
	for _, part := range []values{base, more} {
		for key, value := range part {
			all[key] = value
		}
	}
	return all
}

// to returns a connection with the password and without retries, so that tests of refusals are fast.
func to(s *sshserver.Server, more values) property.Value {
	return property.New(property.NewMap(with(values{
		"host": text(s.Host), "port": property.New(float64(s.Port)), "user": text("tester"),
		"password": text(password), "dialErrorLimit": property.New(0.0),
	}, more)))
}

func server(t *testing.T) *sshserver.Server {
	t.Helper()
	return sshserver.Start(t, sshserver.Options{Password: password})
}

func newRemote(t *testing.T) *engine.Resource { return engine.New(t, provider(), remoteCommand) }

// up runs an update that must succeed with the expected operation.
func up(t *testing.T, r *engine.Resource, want string, inputs values) {
	t.Helper()
	got, err := r.Up(inputs)
	if err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	if got != want {
		t.Fatalf("the update was %q, want %q", got, want)
	}
}

// refused runs an update that must fail with an error that contains all parts.
func refused(t *testing.T, r *engine.Resource, inputs values, parts ...string) {
	t.Helper()
	got, err := r.Up(inputs)
	if err == nil {
		t.Fatalf("%s succeeded, want an error with %q", got, parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Fatalf("the error lacks %q: %v", part, err)
		}
	}
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// authorized returns a public key in its form in a file.
func authorized(key ssh.PublicKey) property.Value {
	return text(string(ssh.MarshalAuthorizedKey(key)))
}

func privateKey(t *testing.T, key any) property.Value {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	return text(string(pem.EncodeToMemory(block)))
}
