package main

import (
	"context"
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/bcrypt"
)

// bcryptLimit is the number of bytes of a password that bcrypt hashes.
const bcryptLimit = 72

// RandomPassword is a password, generated once and kept.
type RandomPassword struct{}

// Annotate sets the token that the SDKs use.
func (r *RandomPassword) Annotate(a infer.Annotator) {
	a.SetToken("index/randomPassword", "RandomPassword")
}

// PasswordInputs are the inputs of RandomPassword.
type PasswordInputs struct {
	Keepers         map[string]string `pulumi:"keepers,optional"`
	Length          int               `pulumi:"length"`
	Lower           *bool             `pulumi:"lower,optional"`
	MinLower        *int              `pulumi:"minLower,optional"`
	MinNumeric      *int              `pulumi:"minNumeric,optional"`
	MinSpecial      *int              `pulumi:"minSpecial,optional"`
	MinUpper        *int              `pulumi:"minUpper,optional"`
	Number          *bool             `pulumi:"number,optional"`
	Numeric         *bool             `pulumi:"numeric,optional"`
	OverrideSpecial *string           `pulumi:"overrideSpecial,optional"`
	Special         *bool             `pulumi:"special,optional"`
	Upper           *bool             `pulumi:"upper,optional"`
}

// PasswordOutputs are the properties of RandomPassword in the state.
type PasswordOutputs struct {
	PasswordInputs
	Result     string `pulumi:"result"    `
	BcryptHash string `pulumi:"bcryptHash"`
}

// WireDependencies marks the password as secret, whatever its inputs are.
func (*RandomPassword) WireDependencies(f infer.FieldSelector, _ *PasswordInputs, state *PasswordOutputs) {
	f.OutputField(&state.Result).AlwaysSecret()
	f.OutputField(&state.BcryptHash).AlwaysSecret()
}

// complete returns the inputs with defaults; `number` is the old name of `numeric`.
func (i PasswordInputs) complete() PasswordInputs {
	if i.Numeric == nil {
		i.Numeric = i.Number
	}
	for _, flag := range []**bool{&i.Lower, &i.Upper, &i.Numeric, &i.Special} {
		if *flag == nil {
			yes := true
			*flag = &yes
		}
	}
	i.Number = i.Numeric
	for _, least := range []**int{&i.MinLower, &i.MinUpper, &i.MinNumeric, &i.MinSpecial} {
		if *least == nil {
			*least = new(int)
		}
	}
	return i
}

// classes returns the character classes; the inputs must be complete.
func (i PasswordInputs) classes() []class {
	special := specials
	if i.OverrideSpecial != nil && *i.OverrideSpecial != "" {
		special = *i.OverrideSpecial
	}
	return []class{
		{lowers, *i.Lower, *i.MinLower},
		{uppers, *i.Upper, *i.MinUpper},
		{digits, *i.Numeric, *i.MinNumeric},
		{special, *i.Special, *i.MinSpecial},
	}
}

// Check refuses lengths and classes from which no password can be generated.
func (*RandomPassword) Check(ctx context.Context, req infer.CheckRequest) (infer.CheckResponse[PasswordInputs], error) {
	inputs, failures, err := infer.DefaultCheck[PasswordInputs](ctx, req.NewInputs)
	if err == nil && len(failures) == 0 && !req.NewInputs.Get("length").IsComputed() {
		failures = inputs.failures()
	}
	return infer.CheckResponse[PasswordInputs]{Inputs: inputs.complete(), Failures: failures}, err
}

func (i PasswordInputs) failures() []p.CheckFailure {
	least, any := 0, false
	for _, c := range i.complete().classes() {
		least += c.atLeast
		any = any || c.allowed
	}
	switch {
	case i.Length < 1 || i.Length < least:
		return []p.CheckFailure{{Property: "length", Reason: fmt.Sprintf(
			"length is %d; it must be at least 1 and at least the sum of the minimums (%d)", i.Length, least)}}
	case !any:
		return []p.CheckFailure{{Property: "special", Reason: "lower, upper, numeric and special are all false"}}
	}
	return nil
}

// Create generates the password.
func (*RandomPassword) Create(
	_ context.Context, req infer.CreateRequest[PasswordInputs],
) (infer.CreateResponse[PasswordOutputs], error) {
	response := infer.CreateResponse[PasswordOutputs]{
		ID: "none", Output: PasswordOutputs{PasswordInputs: req.Inputs.complete()},
	}
	if req.DryRun {
		return response, nil
	}
	result, err := draw(req.Inputs.Length, response.Output.classes())
	if err != nil {
		return response, err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(result)[:min(len(result), bcryptLimit)], bcrypt.DefaultCost)
	response.Output.Result, response.Output.BcryptHash = result, string(hash)
	return response, err
}
