"""Packages that only some calls need."""

import importlib.util

from dinghy.errors import MissingPackageError


def require(*packages):
    """Raises MissingPackageError where one is not installed."""
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        raise MissingPackageError(
            f"exporting a PyTorch module needs {', '.join(packages)}, and {missing[0]} is not installed: "
            f"pip install {' '.join(missing)}",
            name=missing[0],
        )
