"""Requests and recipes of Python as the files that the command reads."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

FilePath: TypeAlias = str | os.PathLike[str]
Rows: TypeAlias = FilePath | Iterable[Mapping[str, Any]]  # requests: a file with one a line, or dicts


def _plain(value):
    """Arrays, their scalars and columns of data frames as lists and numbers."""
    for name in ("tolist", "to_list"):
        if hasattr(value, name):
            return getattr(value, name)()
    raise TypeError(f"a request holds an object of type {type(value).__name__}")


def is_path(value):
    return isinstance(value, (str, os.PathLike))


def rows_file(rows, folder, name):
    """The path of a file with one request a line: `rows` itself where it is a path, else written in `folder`."""
    if is_path(rows):
        return rows
    path = Path(folder) / name
    with open(path, "w", encoding="utf-8") as lines:
        for row in rows:
            lines.write(json.dumps(row, default=_plain, ensure_ascii=False) + "\n")
    return path


def recipe_file(recipe, folder):
    """The path of a recipe: `recipe` itself where it is a path, else a dict written as TOML in `folder`."""
    if is_path(recipe):
        return recipe
    path = Path(folder) / "recipe.toml"
    text = "".join(f"{_key(key)} = {_toml(value)}\n" for key, value in recipe.items())
    path.write_text(text, encoding="utf-8")
    return path


def _key(key):
    return json.dumps(str(key), ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(value):
    """An inline value; strings, booleans and finite numbers are those of JSON."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return _key(value)
    if isinstance(value, os.PathLike):
        return _key(os.fspath(value))
    if isinstance(value, (bool, int, float)):
        return json.dumps(value).lower().replace("infinity", "inf")
    return _toml(_plain(value))


def old_names(recipe):
    """What features are called without [rename], by their names with it, of a recipe that is a dict."""
    return {} if recipe is None or is_path(recipe) else {new: old for old, new in recipe.get("rename", {}).items()}
