// Package shared contains the common parts of local and remote commands.
package shared

// Lifecycle contains the commands of a resource, and the triggers that replace it.
type Lifecycle struct {
	Triggers *[]any  `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Create   *string `pulumi:"create,optional"`
	Update   *string `pulumi:"update,optional"`
	Delete   *string `pulumi:"delete,optional"`
}

// ForUpdate returns the command that runs when an input changes: update, or create if update is unset.
func (l *Lifecycle) ForUpdate() *string {
	if l.Update != nil {
		return l.Update
	}
	return l.Create
}

// Outputs contains the outputs of the last command.
type Outputs struct {
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// The environment variables with the outputs of the previous command.
const (
	PreviousStdout = "PULUMI_COMMAND_STDOUT"
	PreviousStderr = "PULUMI_COMMAND_STDERR"
)
