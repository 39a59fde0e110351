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
    memo: "int | str | os.PathLike[str] | None" = None,
) -> _engine.Model:
    """Opens a .dinghy file and verifies all that scoring relies on.

    source: a path, which is mapped and read as it is needed; bytes or another read-only buffer, used where it lies; a
        writable buffer, of which a copy is taken; a file open for reading in binary mode, read from its position on
        (mapped when it is one of the operating system's). A mapped file must not change in place while the model
        lives: replace it by renaming a new one over it.
    copy: read the files at paths into memory instead, for files that others may write to. A memo from a file then goes
        on keeping pairs.
    isa: the instruction set to compute with, one of `dinghy.isas()`; without it DINGHY_ISA from the environment, else
        the best that there is.
    integers: when a model whose attention is in integers is computed with them: "when_faster", "always", "never".
    memo: how many bytes to spend on remembering pairs of a candidate and a behaviour, 64 << 20 for some thousand items;
        or the path of a memo that was saved, which is mapped. Scores stay the same, bit for bit; where users share
        items they come several times as fast (docs/memo.md). `Model.memo` has the counters.

    Raises FileError, BadFileError, UnsupportedError, UnknownIsaError, UnavailableIsaError, OutOfMemoryError.
    """
    if isinstance(memo, int) and memo < 0:
        raise InvalidArgumentError(f"memo={memo}: it is a number of bytes, or a path")
    if memo is not None and not isinstance(memo, int):
        memo = os.path.abspath(os.fspath(memo))
    if isinstance(source, (str, os.PathLike)):
        return _engine._open_path(os.path.abspath(os.fspath(source)), copy, isa, integers, memo)
    if copy:
        raise TypeError("copy=True is for a path")
    if not hasattr(source, "read") or hasattr(source, "__array__"):
        return _engine._open_bytes(source, isa, integers, memo)
    file = getattr(source, "raw", source)  # of a BufferedReader
    if isinstance(file, io.FileIO):
        return _engine._open_descriptor(file.fileno(), source.tell(), isa, integers, memo)
    return _engine._open_bytes(source.read(), isa, integers, memo)


def reopen(path, hash, copy, isa, integers, memo):
    """What a pickled model becomes: the model at its path, which has to be the same."""
    model = _engine._open_path(path, copy, isa, integers, memo)
    if model.hash != hash:
        raise InvalidArgumentError(
            f"{path} is another model than the one that was pickled: its hash is {model.hash}, not {hash}"
        )
    return model
