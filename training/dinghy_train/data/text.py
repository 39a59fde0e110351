"""Text files, packed by gzip or not, with errors that name their line."""

import gzip

from dinghy_train.errors import TrainingError


def lines(path):
    """(where, line) of a text file; `where` names file and line."""
    try:
        with (gzip.open if str(path).endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as file:
            for number, line in enumerate(file, start=1):
                yield f"{path}:{number}", line.rstrip("\r\n")
    except (OSError, EOFError) as error:
        raise TrainingError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    except UnicodeDecodeError as error:
        raise TrainingError(f"{path}: no text in UTF-8: {error}") from error


def find(folder, *names):
    """The first of these files that is in a folder, also with .gz."""
    for name in names:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    raise TrainingError(f"{folder}: there is no {' or '.join(names)}, nor with .gz behind the name")
