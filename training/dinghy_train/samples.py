"""Samples with packed histories.

A history is a range in one long list of behaviours, so that the samples of a user share theirs, and nothing is padded.
All arrays are NumPy's and may be memory-mapped: a batch copies the rows that it needs.
"""

from dataclasses import dataclass

import numpy as np
import torch
from dinghy_train.errors import TrainingError


def positions(start, length):
    """The positions of many ranges, one after the other."""
    before = np.cumsum(length) - length
    return np.repeat(start - before, length) + np.arange(length.sum())


@dataclass
class Column:
    """One feature of all rows: ids [n], numbers [n, width], or bags, where row i has values[offsets[i]:offsets[i + 1]]."""

    values: np.ndarray
    offsets: np.ndarray | None = None

    def __len__(self):
        return len(self.values if self.offsets is None else self.offsets) - (self.offsets is not None)

    def take(self, rows):
        if self.offsets is None:
            return Column(self.values[rows])
        start, length = self.offsets[rows], self.offsets[rows + 1] - self.offsets[rows]
        return Column(self.values[positions(start, length)], np.concatenate([[0], np.cumsum(length)]))

    def row(self, i):
        """The value of a row as requests have it."""
        if self.offsets is not None:
            return self.values[self.offsets[i] : self.offsets[i + 1]].tolist()
        value = self.values[i].tolist()
        return value[0] if isinstance(value, list) and len(value) == 1 else value


@dataclass
class Batch:
    """Some samples as tensors: `columns` has a row for each, `behaviours` those of all their histories side by side."""

    columns: dict
    behaviours: dict
    segment: torch.Tensor  # of each behaviour: whose sample's it is
    label: torch.Tensor

    def __len__(self):
        return len(self.label)


@dataclass
class Cells:
    """A column as tensors; `offsets` where bags begin, as embedding_bag wants them."""

    values: torch.Tensor
    offsets: torch.Tensor | None


def cells(column):
    offsets = None if column.offsets is None else torch.from_numpy(column.offsets[:-1].astype(np.int64))
    numbers = np.issubdtype(column.values.dtype, np.floating)
    values = torch.from_numpy(np.ascontiguousarray(column.values, dtype=np.float32 if numbers else np.int64))
    return Cells(values, offsets)


@dataclass
class Samples:
    columns: dict[str, Column]  # a row for each sample
    behaviours: dict[str, Column]  # a row for each behaviour of the features that have a history
    start: np.ndarray  # [n] the history of a sample: behaviours[start:stop], oldest first
    stop: np.ndarray
    label: np.ndarray  # [n] 0 or 1
    group: np.ndarray  # [n] whose impression it is, for GAUC

    def __len__(self):
        return len(self.label)

    def batch(self, rows):
        length = self.stop[rows] - self.start[rows]
        where = positions(self.start[rows], length)
        return Batch(
            columns={name: cells(column.take(rows)) for name, column in self.columns.items()},
            behaviours={name: cells(column.take(where)) for name, column in self.behaviours.items()},
            segment=torch.from_numpy(np.repeat(np.arange(len(rows)), length)),
            label=torch.from_numpy(self.label[rows].astype(np.float32)),
        )

    def batches(self, size, order=None):
        """Batches of all samples, in their own order or in that of `order`."""
        order = np.arange(len(self)) if order is None else order
        for first in range(0, len(order), size):
            yield self.batch(order[first : first + size])

    def subset(self, rows):
        return Samples(
            columns={name: column.take(rows) for name, column in self.columns.items()},
            behaviours=self.behaviours,
            start=self.start[rows],
            stop=self.stop[rows],
            label=self.label[rows],
            group=self.group[rows],
        )

    def occurrences(self, feature):
        """How often each id of a feature occurs in all samples: in their columns, and in their histories."""
        column = self.columns[feature.name]
        counts = np.bincount(column.values, minlength=feature.rows)
        if feature.history:
            counts = counts + self.behaviour_occurrences(feature)
        return counts

    def behaviour_occurrences(self, feature):
        column = self.behaviours[feature.name]
        # Of each behaviour the number of samples whose history has it: one more from each start on, one less from each stop.
        edges = np.bincount(self.start, minlength=len(column) + 1) - np.bincount(self.stop, minlength=len(column) + 1)
        covered = np.cumsum(edges)[: len(column)]
        if column.offsets is not None:
            covered = np.repeat(covered, np.diff(column.offsets))
        return np.bincount(column.values, weights=covered, minlength=feature.rows).astype(np.int64)

    def check(self, description, where):
        """Refuses what would fail in the middle of a training: ids outside their tables, histories out of bounds."""
        for feature in description.features:
            places = [self.columns, self.behaviours] if feature.history else [self.columns]
            for place in places:
                check_column(feature, place, where)
        if not np.isin(self.label, (0, 1)).all():
            raise TrainingError(f"{where}: a label is neither 0 nor 1")
        if len(self) == 0:
            raise TrainingError(f"{where}: there are no samples")


def check_column(feature, place, where):
    if feature.name not in place:
        raise TrainingError(f"{where}: there is no column for the feature {feature.name!r}")
    values = place[feature.name].values
    if feature.kind == "dense":
        if not np.isfinite(values).all():
            raise TrainingError(f"{where}: {feature.name!r} has a number that is not finite")
    elif len(values) and not (0 <= values.min() and values.max() < feature.rows):
        raise TrainingError(
            f"{where}: {feature.name!r} has ids from {values.min()} to {values.max()}, and its table has the rows "
            f"0 to {feature.rows - 1}"
        )
