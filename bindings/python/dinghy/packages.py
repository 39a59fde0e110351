"""Packages that only some calls need."""

import importlib.util

from dinghy.errors import MissingPackageError


def require(what, *packages):
    """Raises MissingPackageError where one is not installed. what: does the call, "predict"."""
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        raise MissingPackageError(
            f"{what} needs {', '.join(packages)}, and {missing[0]} is not installed: pip install {' '.join(missing)}",
            name=missing[0],
        )
