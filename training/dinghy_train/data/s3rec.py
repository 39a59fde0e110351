"""Folders in the form of RUCAIBox/CIKM2020-S3Rec: a line of goods for each user, and the goods' attributes.

Task: the authors' experiment on Amazon. The first k goods of a user -> the next one, against goods that were drawn.
"""

import json
import pathlib
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from dinghy_train.data import DataSet
from dinghy_train.data.sequences import Sequences
from dinghy_train.data.text import find, lines
from dinghy_train.errors import TrainingError


@dataclass(frozen=True)
class S3Rec:
    """`sequences.txt`: lines "user item item …" in time order; `attributes.json`: good -> list, the last is its category."""

    PATHS: ClassVar = ("path",)
    path: str
    max_history: int = 50
    negatives: int = 1  # to one next good, while training
    test_negatives: int = 9

    def make(self, seed):
        folder = pathlib.Path(self.path)
        item, first = read_sequences(find(folder, "sequences.txt", f"{folder.name}.txt"))
        category = read_categories(find(folder, "attributes.json", f"{folder.name}_item2attributes.json"), item.max())
        sequences = Sequences(item, first, category)
        splits = sequences.splits(self.max_history, self.negatives, self.test_negatives, np.random.default_rng(seed))
        name = (
            f"{folder.name}, the next good against {self.negatives} (test {self.test_negatives}) drawn with seed {seed}"
        )
        return DataSet(name, sequences.description(self.max_history), *splits).check()


def read_sequences(path):
    goods, first = [], [0]
    for where, line in lines(path):
        try:
            numbers = [int(word) for word in line.split()[1:]]
        except ValueError as error:
            raise TrainingError(f'{where}: a line has to be "user item item …" of whole numbers: {error}') from error
        if not numbers or min(numbers) < 1:
            raise TrainingError(f"{where}: a user needs at least one good, and goods count from 1")
        goods += numbers
        first.append(len(goods))
    if not goods:
        raise TrainingError(f"{path}: there are no users")
    return np.array(goods), np.array(first)


def read_categories(path, largest):
    try:
        attributes = json.loads("".join(line for _, line in lines(path)))
        leaf = {int(good): int(values[-1]) for good, values in attributes.items() if values}
    except (ValueError, AttributeError, TypeError) as error:
        raise TrainingError(f"{path}: not an object of good -> list of attributes: {error}") from error
    words = {value: row for row, value in enumerate(sorted(set(leaf.values())), start=1)}
    return np.array([0] + [words.get(leaf.get(good), 0) for good in range(1, int(largest) + 1)])
