// Package engine drives one resource of a provider the way Pulumi's engine does, for tests.
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

// Resource is one resource between two updates.
type Resource struct {
	ID      string
	State   property.Map
	server  integration.Server
	urn     resource.URN
	inputs  property.Map
	Details map[string]p.PropertyDiff
}

// New gives a resource that is not there yet.
func New(t testing.TB, provider p.Provider, token string) *Resource {
	t.Helper()
	name, _, _ := strings.Cut(token, ":")
	server, err := integration.NewServer(t.Context(), name, semver.MustParse("1.0.0"), integration.WithProvider(provider))
	if err != nil {
		t.Fatal(err)
	}
	return &Resource{server: server, urn: resource.URN("urn:pulumi:test::test::" + token + "::it")}
}

// Up brings the resource to the inputs and says what that took: create, update, replace or same.
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

// Preview is what a create would show, without making anything.
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

// Destroy deletes the resource; after an error it is still there.
func (r *Resource) Destroy() error { return r.delete(r.ID, r.State, r.inputs) }

// Text gives one output as text.
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

// replace creates first and deletes afterwards, as the engine does unless a program says otherwise.
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

// replaces follows the provider, and the SDKs, which ask the engine to replace when an element of triggers changes.
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

// wire sends properties through the form that they have between engine and plugin, where assets get their kind.
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
