// Package engine drives one resource of a provider in tests, like Pulumi's engine.
package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Resource is one resource with its state between updates.
type Resource struct {
	ID      string
	State   property.Map
	server  integration.Server
	urn     resource.URN
	inputs  property.Map
	Details map[string]p.PropertyDiff
}

// New returns a resource that is not created yet.
func New(t testing.TB, provider p.Provider, token string) *Resource {
	t.Helper()
	name, _, _ := strings.Cut(token, ":")
	server, err := integration.NewServer(t.Context(), name, semver.MustParse("1.0.0"), integration.WithProvider(provider))
	if err != nil {
		t.Fatal(err)
	}
	return &Resource{server: server, urn: resource.URN("urn:pulumi:test::test::" + token + "::it")}
}

// Up updates the resource to the inputs and returns the operation: create, update, replace or same.
func (r *Resource) Up(values map[string]property.Value) (string, error) {
	check, err := r.server.Check(p.CheckRequest{Urn: r.urn, State: r.inputs, Inputs: property.NewMap(values)})
	if err != nil {
		return "check", err
	}
	if len(check.Failures) > 0 {
		return "check", fmt.Errorf("%s: %s", check.Failures[0].Property, check.Failures[0].Reason)
	}
	inputs := wire(check.Inputs)
	if r.ID == "" {
		return "create", r.create(inputs)
	}
	diff, err := r.server.Diff(p.DiffRequest{
		ID: r.ID, Urn: r.urn, State: r.State, Inputs: inputs, OldInputs: r.inputs,
	})
	r.Details = diff.DetailedDiff
	switch {
	case err != nil:
		return "diff", err
	case !diff.HasChanges:
		return "same", nil
	case replaces(diff):
		return "replace", r.replace(inputs)
	}
	return "update", r.update(inputs)
}

// Preview returns the outputs of a create in a preview.
func (r *Resource) Preview(values map[string]property.Value) (property.Map, error) {
	check, err := r.server.Check(p.CheckRequest{Urn: r.urn, Inputs: property.NewMap(values)})
	if err != nil {
		return property.Map{}, err
	}
	response, err := r.server.Create(p.CreateRequest{Urn: r.urn, Properties: wire(check.Inputs), DryRun: true})
	return wire(response.Properties), err
}

// Refresh reads the resource.
func (r *Resource) Refresh() error {
	response, err := r.server.Read(p.ReadRequest{ID: r.ID, Urn: r.urn, Properties: r.State, Inputs: r.inputs})
	if err == nil {
		r.State = wire(response.Properties)
	}
	return err
}

// Destroy deletes the resource; after an error it still exists.
func (r *Resource) Destroy() error { return r.delete(r.ID, r.State, r.inputs) }

// Text returns one output as text.
func (r *Resource) Text(name string) string {
	value := r.State.Get(name)
	if !value.IsString() {
		return ""
	}
	return value.AsString()
}

func (r *Resource) create(inputs property.Map) error {
	response, err := r.server.Create(p.CreateRequest{Urn: r.urn, Properties: inputs})
	if err == nil {
		r.ID, r.State, r.inputs = response.ID, wire(response.Properties), inputs
	}
	return err
}

func (r *Resource) update(inputs property.Map) error {
	response, err := r.server.Update(p.UpdateRequest{
		ID: r.ID, Urn: r.urn, State: r.State, Inputs: inputs, OldInputs: r.inputs,
	})
	if err == nil {
		r.State, r.inputs = wire(response.Properties), inputs
	}
	return err
}

// replace creates the new resource before it deletes the old one, which is the engine's default.
func (r *Resource) replace(inputs property.Map) error {
	id, state, old := r.ID, r.State, r.inputs
	if err := r.create(inputs); err != nil {
		return err
	}
	return r.delete(id, state, old)
}

func (r *Resource) delete(id string, state, inputs property.Map) error {
	return r.server.Delete(p.DeleteRequest{ID: id, Urn: r.urn, Properties: state, OldInputs: inputs})
}

// replaces follows the provider, and the SDKs, which request a replacement when an element of triggers changes.
func replaces(diff p.DiffResponse) bool {
	for name, detail := range diff.DetailedDiff {
		if strings.HasPrefix(name, "triggers[") {
			return true
		}
		switch detail.Kind {
		case p.AddReplace, p.DeleteReplace, p.UpdateReplace:
			return true
		}
	}
	return false
}

// wire converts properties to their form between engine and plugin and back, because assets get their kind there.
func wire(m property.Map) property.Map {
	options := plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true, KeepOutputValues: true}
	sent, err := plugin.MarshalProperties(resource.ToResourcePropertyMap(m), options)
	if err != nil {
		panic(err)
	}
	received, err := plugin.UnmarshalProperties(sent, options)
	if err != nil {
		panic(err)
	}
	return resource.FromResourcePropertyMap(received)
}
