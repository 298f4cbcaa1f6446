package remote

import (
	"context"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"deephaven.example/lab/engine/plugins/command/shared"
)

// CopyToRemote is a file or folder that is copied to another host over SFTP.
type CopyToRemote struct{}

// CopyToRemoteInputs are the inputs of a CopyToRemote.
type CopyToRemoteInputs struct {
	Connection *Connection          `pulumi:"connection"        provider:"secret"`
	Triggers   *[]any               `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Source     types.AssetOrArchive `pulumi:"source"`
	RemotePath string               `pulumi:"remotePath"`
}

// CopyToRemoteOutputs are the properties of a CopyToRemote in the state.
type CopyToRemoteOutputs struct{ CopyToRemoteInputs }

// text returns the content of a text asset, or nil for other sources.
func (c *CopyToRemoteInputs) text() *string {
	if c.Source.Asset == nil || !c.Source.Asset.IsText() {
		return nil
	}
	return &c.Source.Asset.Text
}

func (c *CopyToRemoteInputs) sourcePath() string {
	if c.Source.Asset != nil {
		return c.Source.Asset.Path
	}
	return c.Source.Archive.Path
}

func (c *CopyToRemoteInputs) hash() string {
	if c.Source.Archive != nil {
		return c.Source.Archive.Hash
	}
	return c.Source.Asset.Hash
}

// Check refuses sources that are neither paths nor text.
func (*CopyToRemote) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[CopyToRemoteInputs], error) {
	inputs, failures, err := infer.DefaultCheck[CopyToRemoteInputs](ctx, req.NewInputs)
	if err == nil {
		failures = append(failures, checkSource(inputs.Source)...)
	}
	return infer.CheckResponse[CopyToRemoteInputs]{Inputs: inputs, Failures: failures}, err
}

func checkSource(source types.AssetOrArchive) []p.CheckFailure {
	failure := func(property, reason string) []p.CheckFailure {
		return []p.CheckFailure{{Property: property, Reason: reason}}
	}
	switch {
	case source.Asset != nil && source.Archive != nil:
		return failure("asset", "only one of asset or archive can be set")
	case source.Asset == nil && source.Archive == nil:
		return failure("asset", "either asset or archive must be set")
	case source.Asset != nil && !source.Asset.IsPath() && !source.Asset.IsText():
		return failure("asset", "asset must be a path-based file asset or a text asset")
	case source.Archive != nil && !source.Archive.IsPath():
		return failure("archive", "archive must be a path to a file or directory")
	}
	return nil
}

// Create copies the source.
func (*CopyToRemote) Create(
	ctx context.Context, req infer.CreateRequest[CopyToRemoteInputs],
) (infer.CreateResponse[CopyToRemoteOutputs], error) {
	response := infer.CreateResponse[CopyToRemoteOutputs]{Output: CopyToRemoteOutputs{req.Inputs}}
	if req.DryRun {
		return response, nil
	}
	if !shared.IsInstant() {
		if err := upload(ctx, req.Inputs); err != nil {
			return response, err
		}
	}
	var err error
	response.ID, err = resource.NewUniqueHex("", 8, 0)
	return response, err
}

// Update copies again if the content or the path has changed; a change of the host only changes the state.
func (*CopyToRemote) Update(
	ctx context.Context, req infer.UpdateRequest[CopyToRemoteInputs, CopyToRemoteOutputs],
) (infer.UpdateResponse[CopyToRemoteOutputs], error) {
	response := infer.UpdateResponse[CopyToRemoteOutputs]{Output: CopyToRemoteOutputs{req.Inputs}}
	same := req.Inputs.hash() == req.State.hash() && req.Inputs.RemotePath == req.State.RemotePath
	if req.DryRun || same {
		return response, nil
	}
	return response, upload(ctx, req.Inputs)
}
