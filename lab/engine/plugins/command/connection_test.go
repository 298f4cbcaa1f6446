package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"net"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"deephaven.example/lab/engine/plugins/internal/sshserver"
)

func TestHostKeyIsNotCheckedUnlessItIsSet(t *testing.T) {
	up(t, newRemote(t), "create", values{"connection": to(server(t), nil), "create": text("true")})
}

func TestPinnedHostKeyIsAcceptedAndAnotherRefused(t *testing.T) {
	key := sshserver.NewKey(t)
	s := sshserver.Start(t, sshserver.Options{Password: password, HostKeys: []ssh.Signer{key}})
	pinned := func(k ssh.PublicKey) values {
		return values{"connection": to(s, values{"hostKey": authorized(k)}), "create": text("true")}
	}
	up(t, newRemote(t), "create", pinned(key.PublicKey()))
	refused(t, newRemote(t), pinned(sshserver.NewKey(t).PublicKey()), "ssh: host key mismatch")
	if n := len(s.Commands()); n != 1 {
		t.Fatalf("%d commands ran, want only that of the pinned key", n)
	}
}

func TestInvalidHostKeyIsRefused(t *testing.T) {
	connection := to(server(t), values{"hostKey": text("no key")})
	refused(t, newRemote(t), values{"connection": connection, "create": text("true")}, "host key")
}

// A pinned RSA key restricts the client to ssh-rsa, which newer servers no longer support.
func TestPinnedKeyRestrictsTheAlgorithmToItsType(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	modern, err := ssh.NewSignerWithAlgorithms(signer.(ssh.AlgorithmSigner), []string{ssh.KeyAlgoRSASHA256})
	if err != nil {
		t.Fatal(err)
	}
	s := sshserver.Start(t, sshserver.Options{Password: password, HostKeys: []ssh.Signer{modern}})
	inputs := values{"connection": to(s, values{"hostKey": authorized(signer.PublicKey())}), "create": text("true")}
	refused(t, newRemote(t), inputs, "no common algorithm for host key", `we offered: ["ssh-rsa"]`)
}

func TestPrivateKeyLogsIn(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	allowed, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	s := sshserver.Start(t, sshserver.Options{AuthorizedKey: allowed})
	keyed := func(v property.Value) values {
		return values{"connection": to(s, values{"privateKey": v}), "create": text("true")}
	}
	up(t, newRemote(t), "create", keyed(privateKey(t, private)))
	_, other, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, newRemote(t), keyed(privateKey(t, other)), "unable to authenticate")
}

// serveAgent returns the socket of an agent with one key, and that key.
func serveAgent(t *testing.T) (string, ssh.PublicKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: private}); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "agent")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			wire, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(ring, wire) }()
		}
	}()
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return socket, key
}

func TestAgentLogsIn(t *testing.T) {
	socket, key := serveAgent(t)
	s := sshserver.Start(t, sshserver.Options{AuthorizedKey: key})
	inputs := values{"connection": to(s, nil), "create": text("true")}

	t.Setenv("SSH_AUTH_SOCK", "")
	refused(t, newRemote(t), inputs, "unable to authenticate")
	named := values{"connection": to(s, values{"agentSocketPath": text(socket)}), "create": text("true")}
	up(t, newRemote(t), "create", named)
	t.Setenv("SSH_AUTH_SOCK", socket)
	up(t, newRemote(t), "create", inputs)
}

func TestAgentIsNotUsedWithAPrivateKey(t *testing.T) {
	socket, key := serveAgent(t)
	s := sshserver.Start(t, sshserver.Options{AuthorizedKey: key})
	_, other, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	both := values{"agentSocketPath": text(socket), "privateKey": privateKey(t, other)}
	refused(t, newRemote(t), values{"connection": to(s, both), "create": text("true")}, "unable to authenticate")
}

func TestDialErrorLimitAlsoCountsWrongPasswords(t *testing.T) {
	s := server(t)
	wrong := to(s, values{"password": text("wrong"), "dialErrorLimit": property.New(2.0)})
	refused(t, newRemote(t), values{"connection": wrong, "create": text("true")},
		"after 2 failed attempts", "unable to authenticate")
	if s.Attempts() != 3 {
		t.Fatalf("%d attempts, want the first and two more", s.Attempts())
	}
}

func TestConnectionDefaultsAreThoseOfTheOriginal(t *testing.T) {
	s := server(t)
	connection := property.New(property.NewMap(values{
		"host": text(s.Host), "port": property.New(float64(s.Port)), "password": text(password),
	}))
	r := newRemote(t)
	up(t, r, "create", values{"connection": connection, "create": text("true")})
	kept := r.State.Get("connection").AsMap()
	equal(t, kept.Get("user").AsString(), "root")
	if kept.Get("dialErrorLimit").AsNumber() != 10 || kept.Get("perDialTimeout").AsNumber() != 15 {
		t.Fatalf("other defaults: %v", kept)
	}
	if !r.State.Get("addPreviousOutputInEnv").AsBool() {
		t.Fatal("addPreviousOutputInEnv is off by default")
	}
	if !r.State.Get("connection").Secret() {
		t.Fatal("the connection is not a secret")
	}
}

func TestProxyIsDialledFirst(t *testing.T) {
	proxy, target := server(t), server(t)
	connection := func(password string) property.Value {
		return to(target, values{"proxy": to(proxy, values{"password": text(password)})})
	}
	r := newRemote(t)
	up(t, r, "create", values{"connection": connection(password), "create": text("echo through")})
	equal(t, r.Text("stdout"), "through")
	if proxy.Connections() != 1 || target.Connections() != 1 || len(proxy.Commands()) != 0 {
		t.Fatalf("proxy %d, target %d connections", proxy.Connections(), target.Connections())
	}
	refused(t, newRemote(t), values{"connection": connection("wrong"), "create": text("true")}, "proxy: ")
}
