package shared

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// instantVariable is set only by the measurement of the engine and the program without hosts.
const instantVariable = "DEEPHAVEN_LAB_INSTANT_COMMANDS"

var stepDigest = regexp.MustCompile(`(?m)^step_digest=([0-9a-f]{64})$`)

// Instant returns the answer of a step that changes nothing, without running it, if the environment asks for that.
func Instant(command string, stdin *string) (Outputs, bool) {
	if !IsInstant() {
		return Outputs{}, false
	}
	words, digest := strings.Fields(command), ""
	if stdin != nil {
		if match := stepDigest.FindStringSubmatch(*stdin); match != nil {
			digest = match[1]
		}
	}
	// "sudo -n bash -s -- STEP", and a comment in an update that repairs drift
	step := words[min(5, len(words)-1)]
	return Outputs{Stdout: fmt.Sprintf("step: %s %s\nunchanged\nend: %s", step, digest, step)}, true
}

// IsInstant is true if no command runs and nothing is copied.
func IsInstant() bool { return os.Getenv(instantVariable) != "" }
