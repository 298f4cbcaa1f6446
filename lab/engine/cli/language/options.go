package main

import (
	"fmt"
	"io"
	"strings"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// resolve returns the toolchain that runs Python, from the project's `runtime.options`.
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
	value, exists := raw[key]
	if !exists {
		return "", nil
	}
	s, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("Pulumi.yaml: runtime option %s must be text, not %T", key, value)
	}
	return s, nil
}

// synchronizedWriter admits one writer at a time, because a gRPC stream does not allow concurrent sends.
type synchronizedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func synchronized(mu *sync.Mutex, w io.Writer) io.Writer { return &synchronizedWriter{mu, w} }

func (s *synchronizedWriter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}
