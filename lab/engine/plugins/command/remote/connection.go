// Package remote runs commands on other hosts and copies files to them, over SSH.
package remote

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// The defaults of a connection; the SDKs also send them.
const (
	defaultUser           = "root"
	defaultPort           = 22
	defaultDialErrorLimit = 10
	defaultPerDialTimeout = 15
)

// Endpoint is one SSH server with its login.
type Endpoint struct {
	User               *string  `pulumi:"user,optional"`
	Password           *string  `pulumi:"password,optional"`
	Host               *string  `pulumi:"host"`
	Port               *float64 `pulumi:"port,optional"`
	PrivateKey         *string  `pulumi:"privateKey,optional"`
	PrivateKeyPassword *string  `pulumi:"privateKeyPassword,optional"`
	AgentSocketPath    *string  `pulumi:"agentSocketPath,optional"`
	DialErrorLimit     *int     `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int     `pulumi:"perDialTimeout,optional"`
	HostKey            *string  `pulumi:"hostKey,optional"`
}

// Connection is the server that commands run on.
type Connection struct {
	Endpoint
	Proxy *ProxyConnection `pulumi:"proxy,optional"`
}

// ProxyConnection is the SSH server through which the server of the commands is reached.
type ProxyConnection struct{ Endpoint }

// Annotate sets the defaults of a connection.
func (c *Connection) Annotate(a infer.Annotator) { c.defaults(a) }

// Annotate sets the defaults of a proxy.
func (c *ProxyConnection) Annotate(a infer.Annotator) { c.defaults(a) }

func (e *Endpoint) defaults(a infer.Annotator) {
	a.SetDefault(&e.User, defaultUser)
	a.SetDefault(&e.Port, defaultPort)
	a.SetDefault(&e.DialErrorLimit, defaultDialErrorLimit)
	a.SetDefault(&e.PerDialTimeout, defaultPerDialTimeout)
}

func (e *Endpoint) address() string {
	return net.JoinHostPort(*e.Host, strconv.Itoa(int(or(e.Port, defaultPort))))
}

func (e *Endpoint) limit() int { return or(e.DialErrorLimit, defaultDialErrorLimit) }

// client returns the login: the private key, or the agent if there is none, and the password if it is set.
func (e *Endpoint) client() (*ssh.ClientConfig, error) {
	config := &ssh.ClientConfig{
		User:            or(e.User, defaultUser),
		Timeout:         time.Duration(or(e.PerDialTimeout, defaultPerDialTimeout)) * time.Second,
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // like the original without hostKey
	}
	if err := e.pin(config); err != nil {
		return nil, err
	}
	key, err := e.key()
	if err != nil {
		return nil, err
	}
	if key != nil {
		config.Auth = append(config.Auth, key)
	}
	if e.Password != nil {
		config.Auth = append(config.Auth, ssh.Password(*e.Password), ssh.KeyboardInteractive(e.answer))
	}
	if key == nil {
		agent, err := e.agent()
		if err != nil {
			return nil, err
		}
		config.Auth = append(config.Auth, agent...)
	}
	return config, nil
}

// pin restricts the client to the pinned key and its type.
func (e *Endpoint) pin(config *ssh.ClientConfig) error {
	if e.HostKey == nil {
		return nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(*e.HostKey))
	if err != nil {
		return fmt.Errorf("failed to parse host key: %w", err)
	}
	config.HostKeyCallback = ssh.FixedHostKey(key)
	config.HostKeyAlgorithms = []string{key.Type()}
	return nil
}

func (e *Endpoint) key() (ssh.AuthMethod, error) {
	if e.PrivateKey == nil {
		return nil, nil
	}
	var signer ssh.Signer
	var err error
	if e.PrivateKeyPassword != nil {
		signer, err = ssh.ParsePrivateKeyWithPassphrase([]byte(*e.PrivateKey), []byte(*e.PrivateKeyPassword))
	} else {
		signer, err = ssh.ParsePrivateKey([]byte(*e.PrivateKey))
	}
	if err != nil {
		return nil, err
	}
	return ssh.PublicKeys(signer), nil
}

func (e *Endpoint) answer(_, _ string, questions []string, _ []bool) ([]string, error) {
	answers := make([]string, len(questions))
	for i := range answers {
		answers[i] = *e.Password
	}
	return answers, nil
}

func (e *Endpoint) agent() ([]ssh.AuthMethod, error) {
	path := or(e.AgentSocketPath, os.Getenv("SSH_AUTH_SOCK"))
	if path == "" {
		return nil, nil
	}
	socket, err := net.Dial("unix", path)
	if err != nil {
		return nil, err
	}
	return []ssh.AuthMethod{ssh.PublicKeysCallback(agent.NewClient(socket).Signers)}, nil
}

func or[T any](value *T, fallback T) T {
	if value == nil {
		return fallback
	}
	return *value
}
