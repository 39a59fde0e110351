"""The `dinghy` command: a program that lies in this package, and how the rest of the package asks it."""

import os
import subprocess
from pathlib import Path

from dinghy.errors import ConversionError, UnsupportedError


def program():
    """The path of the program. Raises UnsupportedError where the package was built without it."""
    path = Path(__file__).parent / "bin" / ("dinghy.exe" if os.name == "nt" else "dinghy")
    if not path.exists():
        raise UnsupportedError(
            f"the `dinghy` command is not at {path}: this package was built with DINGHY_BUILD_CONVERTER=OFF"
        )
    return str(path)


def _words(argument):
    """An argument as the command takes it: behind `--name=` alone it would take the next one for the value."""
    name, equals, value = argument.partition("=")
    return [name, ""] if name.startswith("--") and equals and not value else [argument]


def run(*arguments, renamed=()):
    """What the command prints to standard output. Raises ConversionError with what it prints to standard error.

    renamed: pairs of a temporary path and the words that messages have for it.
    """
    command = [program(), *(word for argument in arguments for word in _words(str(argument)))]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8")
    if done.returncode == 0:
        return done.stdout
    message = done.stderr.strip().removeprefix("dinghy: ") or f"dinghy ended with status {done.returncode}"
    for path, words in renamed:
        message = message.replace(str(path), words)
    raise ConversionError(message)
