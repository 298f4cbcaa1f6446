package remote

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/sftp"
)

// upload connects and copies the source to the remote path.
func upload(ctx context.Context, input CopyToRemoteInputs) error {
	client, err := input.Connection.Dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	files, err := sftp.NewClient(client, sftp.UseConcurrentWrites(true))
	if err != nil {
		return err
	}
	defer files.Close()
	u := uploader{files}
	if text := input.text(); text != nil {
		return u.text(*text, input.RemotePath)
	}
	source, err := os.Stat(input.sourcePath())
	if err != nil {
		return err
	}
	if source.IsDir() {
		return u.folder(input.sourcePath(), input.RemotePath)
	}
	return u.fileOrInto(input.sourcePath(), input.RemotePath)
}

type uploader struct{ files *sftp.Client }

// stat returns nil for a path that does not exist.
func (u uploader) stat(path string) (fs.FileInfo, error) {
	info, err := u.files.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("failed to stat remote path %s: %w", path, err)
	}
	return info, nil
}

// text requires a path of a file, because a text asset lacks a name.
func (u uploader) text(content, destination string) error {
	info, err := u.stat(destination)
	if err != nil {
		return err
	}
	if info != nil && info.IsDir() {
		return fmt.Errorf(
			"remote path %s is a directory; when using a text asset, remotePath must be a file path", destination)
	}
	remote, err := u.files.Create(destination)
	if err != nil {
		return fmt.Errorf("failed to create remote file %s: %w", destination, err)
	}
	defer remote.Close()
	if _, err := remote.Write([]byte(content)); err != nil {
		return fmt.Errorf("failed to write text content to remote path %s: %w", destination, err)
	}
	return nil
}

// fileOrInto copies a file to the destination, or into it if it is a folder.
func (u uploader) fileOrInto(source, destination string) error {
	info, err := u.stat(destination)
	if err != nil {
		return err
	}
	if info != nil && info.IsDir() {
		destination = filepath.Join(destination, filepath.Base(source))
	}
	return u.file(source, destination)
}

func (u uploader) file(source, destination string) error {
	local, err := os.Open(source)
	if err != nil {
		return err
	}
	defer local.Close()
	remote, err := u.files.Create(destination)
	if err != nil {
		return fmt.Errorf("failed to create remote file %s: %w", destination, err)
	}
	defer remote.Close()
	if _, err := remote.ReadFrom(local); err != nil {
		return fmt.Errorf("failed to copy file %s to remote path %s: %w", source, destination, err)
	}
	return nil
}

// folder copies the folder itself, or its content if the source ends with a slash.
func (u uploader) folder(source, destination string) error {
	info, err := u.stat(destination)
	if err != nil {
		return err
	}
	if info == nil {
		if err := u.mkdir(destination); err != nil {
			return err
		}
	}
	if !strings.HasSuffix(source, "/") {
		destination = filepath.Join(destination, filepath.Base(source))
	}
	return fs.WalkDir(os.DirFS(source), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return u.ensureFolder(filepath.Join(destination, path))
		default:
			return u.file(filepath.Join(source, path), filepath.Join(destination, path))
		}
	})
}

func (u uploader) ensureFolder(path string) error {
	info, err := u.stat(path)
	switch {
	case err != nil:
		return err
	case info == nil:
		return u.mkdir(path)
	case !info.IsDir():
		return fmt.Errorf("remote path %s exists but is not a directory", path)
	}
	return nil
}

func (u uploader) mkdir(path string) error {
	if err := u.files.Mkdir(path); err != nil {
		return fmt.Errorf("failed to create remote directory %s: %w", path, err)
	}
	return nil
}
