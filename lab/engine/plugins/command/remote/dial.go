package remote

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/retry"
	"golang.org/x/crypto/ssh"
)

// unlimited is the limit for an unlimited number of attempts.
const unlimited = -1

// Dial opens a new connection for each operation, through the proxy if there is one.
func (c *Connection) Dial(ctx context.Context) (*ssh.Client, error) {
	config, err := c.client()
	if err != nil {
		return nil, err
	}
	if c.Proxy == nil {
		return attempt(ctx, "Dial", c.limit(), func() (*ssh.Client, error) {
			return ssh.Dial("tcp", c.address(), config)
		})
	}
	client, err := c.dialThroughProxy(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	return client, nil
}

func (c *Connection) dialThroughProxy(ctx context.Context, config *ssh.ClientConfig) (*ssh.Client, error) {
	proxyConfig, err := c.Proxy.client()
	if err != nil {
		return nil, err
	}
	proxy, err := attempt(ctx, "Dial proxy", c.Proxy.limit(), func() (*ssh.Client, error) {
		return ssh.Dial("tcp", c.Proxy.address(), proxyConfig)
	})
	if err != nil {
		return nil, err
	}
	wire, err := attempt(ctx, "Dial from proxy", c.limit(), func() (net.Conn, error) {
		return proxy.Dial("tcp", c.address())
	})
	if err != nil {
		return nil, err
	}
	return attempt(ctx, "Dial", c.limit(), func() (*ssh.Client, error) {
		conn, channels, requests, err := ssh.NewClientConn(wire, c.address(), config)
		if err != nil {
			return nil, err
		}
		return ssh.NewClient(conn, channels, requests), nil
	})
}

// attempt retries until it succeeds or the limit of failures is exceeded; every kind of failure counts.
func attempt[T any](ctx context.Context, what string, limit int, try func() (T, error)) (T, error) {
	var result T
	ok, _, err := retry.Until(ctx, retry.Acceptor{
		Accept: func(before int, _ time.Duration) (bool, any, error) {
			var err error
			if result, err = try(); err == nil {
				return true, nil, nil
			}
			failed := before + 1
			if limit > unlimited && failed > limit {
				return true, nil, fmt.Errorf("after %d failed attempts: %w", before, err)
			}
			p.GetLogger(ctx).InfoStatusf("%s %d/%s failed: retrying", what, failed, limitText(limit))
			return false, nil, nil
		},
	})
	if err == nil && !ok {
		err = ctx.Err()
	}
	return result, err
}

func limitText(limit int) string {
	if limit == unlimited {
		return "inf"
	}
	return strconv.Itoa(limit)
}
