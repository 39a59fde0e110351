"""The configuration of a run: a TOML file with the sections data, network, regularization and training."""

import dataclasses
import pathlib
from dataclasses import dataclass

import tomllib

from dinghy_train.data.forms import FORMS
from dinghy_train.errors import TrainingError
from dinghy_train.network import NetworkSettings
from dinghy_train.regularization import RegularizationSettings
from dinghy_train.trainer import TrainingSettings

SECTIONS = {"network": NetworkSettings, "regularization": RegularizationSettings, "training": TrainingSettings}


@dataclass(frozen=True)
class Config:
    path: pathlib.Path
    form: object  # makes the data set: make(seed)
    data_seed: int
    network: NetworkSettings
    regularization: RegularizationSettings
    training: TrainingSettings


def read(path):
    path = pathlib.Path(path)
    try:
        root = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrainingError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TrainingError(f"{path}: no TOML: {error}") from error
    try:
        refuse_others(root, ["data", *SECTIONS], "")
        form, seed = read_data(root.get("data", {}), path)
        parts = {key: fill(cls, root.get(key, {}), f"[{key}] ") for key, cls in SECTIONS.items()}
    except TrainingError as error:
        raise TrainingError(f"{path}: {error}") from error
    return Config(path=path, form=form, data_seed=seed, **parts)


def read_data(table, path):
    table = dict(table)
    word, seed = table.pop("form", None), table.pop("seed", 1)
    if word not in FORMS:
        raise TrainingError(f"[data] form is {word!r}; it may be one of {', '.join(FORMS)}")
    if not isinstance(seed, int):
        raise TrainingError(f"[data] seed is {seed!r}; it has to be an integer")
    for key, value in table.items():  # paths are relative to the file that names them
        if key in FORMS[word].PATHS and isinstance(value, str):
            table[key] = str(path.parent / value)
    return fill(FORMS[word], table, "[data] "), seed


def fill(cls, table, section):
    """A dataclass of settings from a table of TOML, with the types of its defaults."""
    fields = {field.name: field for field in dataclasses.fields(cls)}
    if not isinstance(table, dict):
        raise TrainingError(f"{section}has to be a section")
    refuse_others(table, fields, section)
    values = {}
    for key, value in table.items():
        wanted = fields[key].type if isinstance(fields[key].type, type) else type(fields[key].default)
        if wanted is float and type(value) is int:
            value = float(value)
        if wanted is tuple and isinstance(value, list):
            value = tuple(value)
        if type(value) is not wanted:
            raise TrainingError(f"{section}{key} is {value!r}; it has to be of the type {wanted.__name__}")
        values[key] = value
    for key, field in fields.items():
        if key not in values and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise TrainingError(f"{section}{key} is missing")
    return cls(**values)


def refuse_others(table, known, section):
    for key in table:
        if key not in known:
            raise TrainingError(f"{section}{key} means nothing here; known are {', '.join(known)}")
