package main

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

func TestInstantCommandsAnswerAsTheirStepAndRunNothing(t *testing.T) {
	t.Setenv("DEEPHAVEN_LAB_INSTANT_COMMANDS", "yes")
	nowhere := property.New(property.NewMap(values{"host": text("nowhere.invalid"), "user": text("tester")}))
	digest := strings.Repeat("0a", 32)
	r := newRemote(t)
	up(t, r, "create", values{
		"connection": nowhere, "create": text("sudo -n bash -s -- monit"), "stdin": text("a=b\nstep_digest=" + digest + "\n"),
	})
	equal(t, r.Text("stdout"), "step: monit "+digest+"\nunchanged\nend: monit")
	up(t, newLocal(t), "create", values{"create": text("exit 1")})
	up(t, newCopy(t), "create", values{
		"connection": nowhere, "source": file(t, "instant_test.go"), "remotePath": text("/tmp/copy"),
	})
}
