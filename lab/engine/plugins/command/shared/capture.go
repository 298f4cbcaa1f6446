package shared

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
)

// Streams selects the outputs of a command that the engine shows while it runs.
type Streams struct{ Stdout, Stderr bool }

// Capture stores both outputs of a command, and both in their common order for the error text.
type Capture struct {
	mu               sync.Mutex
	out, err, joined bytes.Buffer
	streams          Streams
	log              *io.PipeWriter
	logged           chan struct{}
}

// NewCapture starts to send output to the engine; Close stops it.
func NewCapture(ctx context.Context, streams Streams) *Capture {
	r, w := io.Pipe()
	c := &Capture{streams: streams, log: w, logged: make(chan struct{})}
	go c.show(ctx, r)
	return c
}

// show sends one line at a time. Like the original it uses a scanner with its default limit: a line of 64 KiB stops the
// scanner, the pipe fills up, and the command blocks. The fake keeps this behavior so that tests can find it.
func (c *Capture) show(ctx context.Context, r io.Reader) {
	defer close(c.logged)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		p.GetLogger(ctx).InfoStatus(lines.Text())
	}
}

// Close waits until all output was sent to the engine.
func (c *Capture) Close() {
	_ = c.log.Close()
	<-c.logged
}

// Stdout returns the writer for the command's standard output.
func (c *Capture) Stdout() io.Writer { return &sink{c, &c.out, c.streams.Stdout} }

// Stderr returns the writer for the command's standard error.
func (c *Capture) Stderr() io.Writer { return &sink{c, &c.err, c.streams.Stderr} }

// Outputs returns both outputs, each without its last newline.
func (c *Capture) Outputs() Outputs {
	return Outputs{
		Stdout: strings.TrimSuffix(c.out.String(), "\n"),
		Stderr: strings.TrimSuffix(c.err.String(), "\n"),
	}
}

// Failure returns the error of a command: its exit, its text, and all its output.
func (c *Capture) Failure(err error, command string) error {
	return fmt.Errorf("%w: running %q:\n%s", err, command, c.joined.String())
}

type sink struct {
	c     *Capture
	own   *bytes.Buffer
	shown bool
}

func (s *sink) Write(b []byte) (int, error) {
	s.c.mu.Lock()
	s.own.Write(b)
	s.c.joined.Write(b)
	s.c.mu.Unlock()
	if s.shown {
		return s.c.log.Write(b)
	}
	return len(b), nil
}
