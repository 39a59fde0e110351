"""Your own samples: TSV or Parquet files with a description of their columns.

A file is read piece by piece into memory-mapped temporary files (in TMPDIR), so that memory stays bounded.
"""

import pathlib
import tempfile
from dataclasses import dataclass
from typing import ClassVar

import tomllib

import numpy as np
from dinghy_train.data import DataSet
from dinghy_train.data.arrow import pieces
from dinghy_train.description import Description, Feature
from dinghy_train.errors import TrainingError
from dinghy_train.samples import Column, Samples, positions

SPLITS = ("train", "valid", "test")


@dataclass(frozen=True)
class Tables:
    """`path`: a description, a TOML file with the splits' files, label, group, max_history and a [[feature]] each."""

    PATHS: ClassVar = ("path",)
    path: str

    def make(self, seed):
        del seed  # the files say it all
        layout = read_layout(pathlib.Path(self.path))
        splits = [read_split(layout, pathlib.Path(self.path).parent / layout.files[name]) for name in SPLITS]
        description = layout.description(splits)
        return DataSet(pathlib.Path(self.path).name, description, *splits).check()


@dataclass(frozen=True)
class Field:
    """A feature, the column of the candidate or user, and that of the history ("" when behaviours do not have it)."""

    name: str
    column: str
    history: str = ""
    role: str = "candidate"
    kind: str = "id"
    rows: int = 0  # 0: one more than the largest id of all splits
    width: int = 16


@dataclass(frozen=True)
class Layout:
    files: dict
    label: str
    group: str
    max_history: int
    fields: tuple

    def description(self, splits):
        return Description(tuple(self.feature(field, splits) for field in self.fields), self.max_history)

    def feature(self, field, splits):
        rows = field.rows
        if field.kind != "dense" and not rows:
            rows = 1 + max(
                largest(place, field.name) for split in splits for place in (split.columns, split.behaviours)
            )
        return Feature(field.name, field.role, field.kind, rows, field.width, bool(field.history))


def largest(place, name):
    return int(place[name].values.max(initial=0)) if name in place else 0


def read_layout(path):
    try:
        root = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TrainingError(f"{path}: {error}") from error
    known = {*SPLITS, "label", "group", "max_history", "feature"}
    for key in root:
        if key not in known:
            raise TrainingError(f"{path}: {key!r} means nothing here; known are {', '.join(sorted(known))}")
    for key in (*SPLITS, "label", "group"):
        if not isinstance(root.get(key), str):
            raise TrainingError(f"{path}: {key} has to be there, a text")
    fields = []
    for table in root.get("feature", []):
        try:
            fields.append(Field(**{"column": table.get("name"), **table}))
        except TypeError as error:
            raise TrainingError(f"{path}: [[feature]] {table.get('name')}: {error}") from error
        if fields[-1].history and (fields[-1].kind == "bag" or fields[-1].kind == "dense" and fields[-1].width != 1):
            raise TrainingError(f"{path}: [[feature]] {fields[-1].name}: a history has ids, or one number a behaviour")
    files = {name: root[name] for name in SPLITS}
    return Layout(files, root["label"], root["group"], root.get("max_history", 50), tuple(fields))


class Growing:
    """An array that grows piece by piece on disk."""

    def __init__(self, dtype):
        self.dtype, self.file, self.count = np.dtype(dtype), tempfile.TemporaryFile(), 0

    def add(self, values):
        self.file.write(np.ascontiguousarray(values, dtype=self.dtype).tobytes())
        self.count += np.size(values)

    def finish(self):
        self.file.flush()
        return np.memmap(self.file, self.dtype, "r", shape=(self.count,)) if self.count else np.empty(0, self.dtype)


class Split:
    """What the pieces of one file add up to."""

    def __init__(self, layout):
        self.layout = layout
        number = {"dense": np.float32}
        self.values = {field.name: Growing(number.get(field.kind, np.int64)) for field in layout.fields}
        self.lengths = {field.name: Growing(np.int64) for field in layout.fields if field.kind == "bag"}
        self.behaviours = {f.name: Growing(number.get(f.kind, np.int64)) for f in layout.fields if f.history}
        self.history, self.label, self.group = (Growing(np.int64) for _ in range(3))

    def add(self, piece):
        self.label.add(piece.integers(self.layout.label))
        self.group.add(piece.integers(self.layout.group))
        lengths = None
        for field in self.layout.fields:
            self.add_column(piece, field)
            if field.history:
                values, own = piece.lists(field.history, field.kind == "dense")
                if lengths is not None and not np.array_equal(lengths, own):
                    raise TrainingError(
                        f"{piece.where}: {field.history!r} is not as long as the history's other columns"
                    )
                lengths = own
                kept = np.minimum(own, self.layout.max_history)
                self.behaviours[field.name].add(values[positions(np.cumsum(own) - kept, kept)])
        if lengths is not None:
            self.history.add(np.minimum(lengths, self.layout.max_history))

    def add_column(self, piece, field):
        if field.kind == "bag" or field.kind == "dense" and field.width > 1:
            values, lengths = piece.lists(field.column, field.kind == "dense")
            if field.kind == "bag":
                self.lengths[field.name].add(lengths)
            elif not (lengths == field.width).all():
                raise TrainingError(f"{piece.where}: {field.column!r} does not have {field.width} numbers in each row")
        else:
            values = piece.numbers(field.column) if field.kind == "dense" else piece.integers(field.column)
        self.values[field.name].add(values)

    def finish(self):
        columns = {field.name: self.column(field) for field in self.layout.fields}
        stop = np.cumsum(self.history.finish())
        return Samples(
            columns=columns,
            behaviours={name: Column(values.finish()) for name, values in self.behaviours.items()},
            start=stop - self.history.finish(),
            stop=stop,
            label=self.label.finish(),
            group=self.group.finish(),
        )

    def column(self, field):
        values = self.values[field.name].finish()
        if field.kind == "bag":
            return Column(values, np.concatenate([[0], np.cumsum(self.lengths[field.name].finish())]))
        return Column(values.reshape(-1, field.width) if field.kind == "dense" else values)


def read_split(layout, path):
    split = Split(layout)
    lists = {f.column for f in layout.fields if f.kind == "bag" or f.kind == "dense" and f.width > 1}
    lists |= {field.history for field in layout.fields if field.history}
    names = {layout.label, layout.group, *lists, *(field.column for field in layout.fields)}
    for piece in pieces(path, sorted(names), lists):
        split.add(piece)
    return split.finish()
