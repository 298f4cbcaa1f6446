// Command pulumi-language-python runs Pulumi programs and policy packs written in Python.
//
// It is the language host of the built engine: the engine starts it with its own address as argument, reads a port
// from the first line of its output, and speaks LanguageRuntime to that port. The original host is used wherever
// Pulumi can be downloaded.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// healthcheckInterval is the time between checks that the engine that started this host still runs.
const healthcheckInterval = 5 * time.Second

func main() {
	if err := serve(); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-language-python: %v\n", err)
		os.Exit(1)
	}
}

// serve listens until the engine interrupts the process at the end of the update.
func serve() error {
	executor, engine, err := parseArguments()
	if err != nil {
		return err
	}
	// Python is in this process's group and receives the engine's interrupt itself; the host only has to outlive it.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if engine != "" {
		if err := rpcutil.Healthcheck(ctx, engine, healthcheckInterval, stop); err != nil {
			return err
		}
	}
	cancel := make(chan bool)
	go func() {
		<-ctx.Done()
		close(cancel)
	}()
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(srv *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(srv, newHost(executor, engine))
			return nil
		},
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d\n", handle.Port)
	return <-handle.Done
}

func parseArguments() (executor, engine string, err error) {
	flag.StringVar(&executor, "use-executor", "", "the Python script that runs a program (default: next to this binary)")
	flag.String("tracing", "", "accepted because the engine sets it, without effect")
	flag.Bool("logflow", false, "accepted because the engine sets it, without effect")
	flag.Parse() // -v and -logtostderr belong to the logging library
	if executor == "" {
		self, err := os.Executable()
		if err != nil {
			return "", "", err
		}
		executor = filepath.Join(filepath.Dir(self), "pulumi-language-python-exec")
	}
	if _, err := os.Stat(executor); err != nil {
		return "", "", fmt.Errorf("%s: missing; run python3 -m lab.engine build: %w", executor, err)
	}
	return executor, flag.Arg(0), nil
}
