package local

import (
	"github.com/pulumi/pulumi-go-provider/infer"

	"deephaven.example/lab/engine/plugins/command/shared"
)

// Logging selects the outputs that the engine shows while a command runs.
type Logging string

// The values of Logging; if it is unset, the engine shows both outputs.
const (
	LogStdout          Logging = "stdout"
	LogStderr          Logging = "stderr"
	LogStdoutAndStderr Logging = "stdoutAndStderr"
	NoLogging          Logging = "none"
)

// Values lists the values for the schema.
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
