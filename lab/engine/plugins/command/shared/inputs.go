// Package shared holds what local and remote commands have in common.
package shared

// Lifecycle is the set of commands of a resource and what makes it start anew.
type Lifecycle struct {
	Triggers *[]any  `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Create   *string `pulumi:"create,optional"`
	Update   *string `pulumi:"update,optional"`
	Delete   *string `pulumi:"delete,optional"`
}

// ForUpdate is the command that runs when an input changes: update, or create when update is unset.
func (l *Lifecycle) ForUpdate() *string {
	if l.Update != nil {
		return l.Update
	}
	return l.Create
}

// Outputs is what the last command wrote.
type Outputs struct {
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// The names under which a command finds the output of the one before it.
const (
	PreviousStdout = "PULUMI_COMMAND_STDOUT"
	PreviousStderr = "PULUMI_COMMAND_STDERR"
)
