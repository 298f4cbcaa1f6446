package main

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/crypto/bcrypt"

	"deephaven.example/lab/engine/plugins/internal/engine"
)

type values = map[string]property.Value

func number(n float64) property.Value { return property.New(n) }

func newPassword(t *testing.T) *engine.Resource {
	return engine.New(t, provider(), "random:index/randomPassword:RandomPassword")
}

func up(t *testing.T, r *engine.Resource, want string, inputs values) {
	t.Helper()
	if got, err := r.Up(inputs); err != nil || got != want {
		t.Fatalf("the update was %q (%v), want %q", got, err, want)
	}
}

func count(text, characters string) int {
	n := 0
	for _, c := range text {
		if strings.ContainsRune(characters, c) {
			n++
		}
	}
	return n
}

func TestPasswordHasLengthClassesAndHash(t *testing.T) {
	r := newPassword(t)
	up(t, r, "create", values{
		"length": number(40), "special": property.New(false), "minUpper": number(20), "minNumeric": number(15),
	})
	result := r.Text("result")
	if len(result) != 40 || count(result, specials) != 0 {
		t.Fatalf("%q is not 40 letters and digits", result)
	}
	if count(result, uppers) < 20 || count(result, digits) < 15 {
		t.Fatalf("%q has too few capitals or digits", result)
	}
	if err := bcrypt.CompareHashAndPassword([]byte(r.Text("bcryptHash")), []byte(result)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"result", "bcryptHash"} {
		if !r.State.Get(name).Secret() {
			t.Fatalf("%s is not a secret", name)
		}
	}
}

func TestPasswordsDiffer(t *testing.T) {
	first, second := newPassword(t), newPassword(t)
	up(t, first, "create", values{"length": number(16)})
	up(t, second, "create", values{"length": number(16)})
	if first.Text("result") == second.Text("result") {
		t.Fatal("two passwords are the same")
	}
}

func TestOwnSpecialCharactersAreTheOnlyOnes(t *testing.T) {
	r := newPassword(t)
	no := property.New(false)
	up(t, r, "create", values{
		"length": number(30), "overrideSpecial": property.New("_."), "lower": no, "upper": no, "numeric": no,
	})
	if n := count(r.Text("result"), "_."); n != 30 {
		t.Fatalf("%q has other characters", r.Text("result"))
	}
}

func TestPasswordIsKeptUntilAnInputChanges(t *testing.T) {
	r := newPassword(t)
	up(t, r, "create", values{"length": number(12)})
	first := r.Text("result")
	up(t, r, "same", values{"length": number(12)})
	keepers := property.New(property.NewMap(values{"turn": property.New("2")}))
	up(t, r, "replace", values{"length": number(12), "keepers": keepers})
	if r.Text("result") == first {
		t.Fatal("the replaced password is the old one")
	}
}

func TestImpossiblePasswordIsRefused(t *testing.T) {
	no := property.New(false)
	for name, inputs := range map[string]values{
		"too short":  {"length": number(3), "minUpper": number(2), "minLower": number(2)},
		"empty":      {"length": number(0)},
		"no classes": {"length": number(8), "lower": no, "upper": no, "numeric": no, "special": no},
	} {
		if got, err := newPassword(t).Up(inputs); err == nil || got != "check" {
			t.Errorf("%s: accepted (%s)", name, got)
		}
	}
}

func TestLongPasswordsHashTheirFirst72Bytes(t *testing.T) {
	r := newPassword(t)
	up(t, r, "create", values{"length": number(100)})
	if err := bcrypt.CompareHashAndPassword([]byte(r.Text("bcryptHash")), []byte(r.Text("result"))[:72]); err != nil {
		t.Fatal(err)
	}
}

func TestBytesAreTheSameInBothForms(t *testing.T) {
	r := engine.New(t, provider(), "random:index/randomBytes:RandomBytes")
	up(t, r, "create", values{"length": number(24)})
	fromBase64, err := base64.StdEncoding.DecodeString(r.Text("base64"))
	if err != nil || len(fromBase64) != 24 {
		t.Fatalf("%d bytes (%v)", len(fromBase64), err)
	}
	if r.Text("hex") != hex.EncodeToString(fromBase64) {
		t.Fatal("hex and base64 differ")
	}
	if !r.State.Get("hex").Secret() || !r.State.Get("base64").Secret() {
		t.Fatal("random bytes are not a secret")
	}
	if _, err := engine.New(t, provider(), "random:index/randomBytes:RandomBytes").Up(values{"length": number(0)}); err == nil {
		t.Fatal("a length of zero was accepted")
	}
}

func TestIdHasItsPrefixAndIsPublic(t *testing.T) {
	r := engine.New(t, provider(), "random:index/randomId:RandomId")
	up(t, r, "create", values{"byteLength": number(6), "prefix": property.New("lab-")})
	drawn, err := base64.RawURLEncoding.DecodeString(r.ID)
	if err != nil || len(drawn) != 6 {
		t.Fatalf("the id %q is not six bytes (%v)", r.ID, err)
	}
	if r.Text("hex") != "lab-"+hex.EncodeToString(drawn) || r.Text("b64Url") != "lab-"+r.ID {
		t.Fatalf("hex is %q", r.Text("hex"))
	}
	if r.State.Get("hex").Secret() {
		t.Fatal("an identifier is a secret")
	}
}
