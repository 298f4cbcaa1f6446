package local

import (
	"github.com/pulumi/pulumi-go-provider/infer"

	"deephaven.example/lab/engine/plugins/command/shared"
)

// Logging says which outputs the engine shows while a command runs.
type Logging string

// The values of Logging; unset is both.
const (
	LogStdout          Logging = "stdout"
	LogStderr          Logging = "stderr"
	LogStdoutAndStderr Logging = "stdoutAndStderr"
	NoLogging          Logging = "none"
)

// Values names them for the schema.
func (Logging) Values() []infer.EnumValue[Logging] {
	values := []infer.EnumValue[Logging]{}
	for _, v := range []Logging{LogStdout, LogStderr, LogStdoutAndStderr, NoLogging} {
		values = append(values, infer.EnumValue[Logging]{Name: string(v), Value: v})
	}
	return values
}

func (l *Logging) streams() shared.Streams {
	both := l == nil || *l == LogStdoutAndStderr
	return shared.Streams{
		Stdout: both || *l == LogStdout,
		Stderr: both || *l == LogStderr,
	}
}
