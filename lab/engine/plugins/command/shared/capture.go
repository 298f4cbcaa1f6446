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

// Streams says which outputs of a command the engine shows while it runs.
type Streams struct{ Stdout, Stderr bool }

// Capture keeps both outputs of a command, and their common order for the error text.
type Capture struct {
	mu               sync.Mutex
	out, err, joined bytes.Buffer
	streams          Streams
	log              *io.PipeWriter
	logged           chan struct{}
}

// NewCapture starts showing output to the engine; Close ends it.
func NewCapture(ctx context.Context, streams Streams) *Capture {
	r, w := io.Pipe()
	c := &Capture{streams: streams, log: w, logged: make(chan struct{})}
	go c.show(ctx, r)
	return c
}

// show sends one line at a time. The original reads with the scanner's limit too: a line of 64 KiB ends the reading,
// nobody empties the pipe any more, and the command blocks. Programs must meet that here as they would there.
func (c *Capture) show(ctx context.Context, r io.Reader) {
	defer close(c.logged)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		p.GetLogger(ctx).InfoStatus(lines.Text())
	}
}

// Close waits until the engine has been shown everything.
func (c *Capture) Close() {
	_ = c.log.Close()
	<-c.logged
}

// Stdout is where the command's standard output goes.
func (c *Capture) Stdout() io.Writer { return &sink{c, &c.out, c.streams.Stdout} }

// Stderr is where the command's standard error goes.
func (c *Capture) Stderr() io.Writer { return &sink{c, &c.err, c.streams.Stderr} }

// Outputs is what was written, each without its last newline.
func (c *Capture) Outputs() Outputs {
	return Outputs{
		Stdout: strings.TrimSuffix(c.out.String(), "\n"),
		Stderr: strings.TrimSuffix(c.err.String(), "\n"),
	}
}

// Failure is the error of a command: why it ended, its text, and all it wrote.
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
