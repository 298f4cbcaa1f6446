"""Files on the operator's machine that a stack names; only regular files are read.

A device may have no end, and a named pipe waits for a writer: both would hang a preview without a message.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from components.errors import ConfigurationError

TEXT_MIB = 1
# Opening does not block, child processes do not inherit the file, and a terminal does not become the controlling one.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True, kw_only=True)
class ProjectFile:
    """A file that the operator names.

    `where` is the key path that names the file, and `name` its value. `expected` describes the expected content, and
    `not_text` is the remedy for a file that is not text. Every failure is a ConfigurationError with one line.
    """

    where: str
    name: str
    path: Path
    expected: str
    not_text: str = "save it as UTF-8"

    def text(self) -> str:
        """Return the text of the file, at most 1 MiB; raises ConfigurationError."""
        with self._opened() as file:
            content = file.read(TEXT_MIB * 2**20 + 1)
        if len(content) > TEXT_MIB * 2**20:
            raise self._error(f"it is larger than {TEXT_MIB} MiB", f"name a file of at most {TEXT_MIB} MiB")
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise self._error("it is not UTF-8 text", self.not_text) from None

    def sha256(self) -> str:
        """Return the SHA-256 of the file, of any size, in hexadecimal; raises ConfigurationError."""
        with self._opened() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def exists(self) -> bool:
        """Return whether the file exists; raises ConfigurationError if it is not a readable regular file."""
        try:
            self.path.lstat()
        except FileNotFoundError:
            return False
        except OSError:
            pass  # opening it reports why
        with self._opened():
            return True

    @contextmanager
    def _opened(self) -> Iterator[BufferedReader]:
        try:
            with os.fdopen(self._descriptor(), "rb") as file:
                yield file
        except OSError as error:
            raise self._unreadable(error) from None

    def _descriptor(self) -> int:
        descriptor = os.open(self.path, _FLAGS)
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            os.close(descriptor)
            kind = next((kind for is_kind, kind in _KINDS if is_kind(mode)), "of an unknown kind")
            raise self._error(f"it is {kind}", "name a regular file")
        return descriptor

    def _unreadable(self, error: OSError) -> ConfigurationError:
        match error.errno:
            case errno.ENOENT if self.path.is_symlink():
                return self._error("it is a link to a file that does not exist", "correct the link")
            case errno.ENOENT:
                return self._error(error.strerror, f"put {self.expected} there")
            case errno.ENXIO:
                return self._error("it is a socket or a device", "name a regular file")
            case _:
                return self._error(error.strerror, "make it a file that this account can read")

    def _error(self, what: str | None, remedy: str) -> ConfigurationError:
        return ConfigurationError([f"{self.where}: cannot read {self.name}: {what}; {remedy}"])
