"""The `dinghy` command: a program that lies in this package, and how the rest of the package asks it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from dinghy.errors import ConversionError, UnsupportedError

PROGRESS = "progress: "  # what the command puts in front of a line that says how far it is


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

    Long work says on a terminal and in a notebook how far it is, as the command does.
    renamed: pairs of a temporary path and the words that messages have for it.
    """
    command = [program(), *(word for argument in arguments for word in _words(str(argument)))]
    with tempfile.TemporaryFile(
        "w+", encoding="utf-8"
    ) as output:  # and no second pipe, which would have to be emptied at the same time
        pipes = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.PIPE}
        environment = {**os.environ, "DINGHY_PROGRESS": "lines"}
        with subprocess.Popen(command, **pipes, env=environment, text=True, encoding="utf-8") as process:
            message = _without_progress(process.stderr).strip()
        output.seek(0)
        text = output.read()
    if process.returncode == 0:
        return text
    message = message.removeprefix("dinghy: ") or f"dinghy ended with status {process.returncode}"
    for path, words in renamed:
        message = message.replace(str(path), words)
    raise ConversionError(message)


def _without_progress(lines):
    """The lines that say something else than how far it is, which is shown and cleared where somebody looks on."""
    watched = sys.stderr is not None and (sys.stderr.isatty() or "ipykernel" in sys.modules)
    rest, shown = "", 0
    for line in lines:
        if not line.startswith(PROGRESS):
            rest += line
        elif watched:
            text = line.removeprefix(PROGRESS).rstrip()
            sys.stderr.write("\r" + text.ljust(shown))
            sys.stderr.flush()
            shown = len(text)
    if shown:
        sys.stderr.write("\r" + " " * shown + "\r")
        sys.stderr.flush()
    return rest
