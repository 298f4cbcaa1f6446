package main

import (
	"fmt"
	"io"
	"strings"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// resolve reads `runtime.options` of the project and picks the toolchain that runs Python.
func resolve(info *pulumirpc.ProgramInfo) (toolchain.Toolchain, toolchain.PythonOptions, error) {
	options, err := readOptions(info)
	if err != nil {
		return nil, options, err
	}
	chain, err := toolchain.ResolveToolchain(options)
	return chain, options, err
}

func readOptions(info *pulumirpc.ProgramInfo) (toolchain.PythonOptions, error) {
	options := toolchain.PythonOptions{Root: info.GetRootDirectory(), ProgramDir: info.GetProgramDirectory()}
	raw := info.GetOptions().AsMap()
	virtualenv, err := text(raw, "virtualenv")
	if err != nil {
		return options, err
	}
	options.Virtualenv = virtualenv
	if err := setToolchain(&options, raw); err != nil {
		return options, err
	}
	return options, setTypechecker(&options, raw)
}

func setToolchain(options *toolchain.PythonOptions, raw map[string]any) error {
	name, err := text(raw, "toolchain")
	if err != nil {
		return err
	}
	switch strings.ToLower(name) {
	case "", "auto":
		options.Toolchain = toolchain.Auto
	case "pip":
		options.Toolchain = toolchain.Pip
	case "poetry":
		options.Toolchain = toolchain.Poetry
	case "uv":
		options.Toolchain = toolchain.Uv
	default:
		return fmt.Errorf("Pulumi.yaml: runtime option toolchain is %q; use pip, poetry, uv or auto", name)
	}
	return nil
}

func setTypechecker(options *toolchain.PythonOptions, raw map[string]any) error {
	name, err := text(raw, "typechecker")
	if err != nil {
		return err
	}
	switch strings.ToLower(name) {
	case "":
		options.Typechecker = toolchain.TypeCheckerNone
	case "mypy":
		options.Typechecker = toolchain.TypeCheckerMypy
	case "pyright":
		options.Typechecker = toolchain.TypeCheckerPyright
	default:
		return fmt.Errorf("Pulumi.yaml: runtime option typechecker is %q; use mypy or pyright", name)
	}
	return nil
}

func text(raw map[string]any, key string) (string, error) {
	value, there := raw[key]
	if !there {
		return "", nil
	}
	s, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("Pulumi.yaml: runtime option %s must be text, not %T", key, value)
	}
	return s, nil
}

// turnWriter lets one writer at a time through: a gRPC stream must not be sent to by two.
type turnWriter struct {
	one *sync.Mutex
	w   io.Writer
}

func inTurn(one *sync.Mutex, w io.Writer) io.Writer { return &turnWriter{one, w} }

func (t *turnWriter) Write(p []byte) (int, error) {
	t.one.Lock()
	defer t.one.Unlock()
	return t.w.Write(p)
}
