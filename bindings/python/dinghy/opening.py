"""Opens models from whatever holds one."""

import io
import os
from typing import TYPE_CHECKING, BinaryIO, Literal

from dinghy import _engine
from dinghy.errors import InvalidArgumentError

if TYPE_CHECKING:
    from typing_extensions import Buffer


def open(
    source: "str | os.PathLike[str] | Buffer | BinaryIO",
    *,
    copy: bool = False,
    isa: str | None = None,
    integers: Literal["when_faster", "always", "never"] = "when_faster",
) -> _engine.Model:
    """Opens a .dinghy file and verifies all that scoring relies on.

    source: a path, which is mapped and read as it is needed; bytes or another read-only buffer, used where it lies; a
        writable buffer, of which a copy is taken; a file open for reading in binary mode, read from its position on
        (mapped when it is one of the operating system's). A mapped file must not change in place while the model
        lives: replace it by renaming a new one over it.
    copy: read the file at a path into memory instead, for files that others may write to.
    isa: the instruction set to compute with, one of `dinghy.isas()`; without it DINGHY_ISA from the environment, else
        the best that there is.
    integers: when a model whose attention is in integers is computed with them: "when_faster", "always", "never".

    Raises FileError, BadFileError, UnsupportedError, UnknownIsaError, UnavailableIsaError, OutOfMemoryError.
    """
    if isinstance(source, (str, os.PathLike)):
        return _engine._open_path(os.path.abspath(os.fspath(source)), copy, isa, integers)
    if copy:
        raise TypeError("copy=True is for a path")
    if not hasattr(source, "read") or hasattr(source, "__array__"):
        return _engine._open_bytes(source, isa, integers)
    file = getattr(source, "raw", source)  # of a BufferedReader
    if isinstance(file, io.FileIO):
        return _engine._open_descriptor(file.fileno(), source.tell(), isa, integers)
    return _engine._open_bytes(source.read(), isa, integers)


def reopen(path, hash, copy, isa, integers):
    """What a pickled model becomes: the model at its path, which has to be the same."""
    model = _engine._open_path(path, copy, isa, integers)
    if model.hash != hash:
        raise InvalidArgumentError(
            f"{path} is another model than the one that was pickled: its hash is {model.hash}, not {hash}"
        )
    return model
