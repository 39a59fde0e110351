"""Amazon's reviews and their metadata, prepared as in the authors' experiment (utils/ of zhougr1993/DeepInterestNetwork)."""

import ast
import json
import pathlib
from dataclasses import dataclass
from typing import ClassVar

from tqdm import tqdm

import numpy as np
from dinghy_train.data import DataSet
from dinghy_train.data.sequences import Sequences
from dinghy_train.data.text import lines
from dinghy_train.errors import TrainingError


@dataclass(frozen=True)
class Amazon:
    """`reviews_X.json` and `meta_X.json` of McAuley's collection, one object a line, packed by gzip or not."""

    PATHS: ClassVar = ("reviews", "meta")
    reviews: str
    meta: str
    max_history: int = 50
    negatives: int = 1
    test_negatives: int = 1  # as the authors; more of them steady GAUC

    def make(self, seed):
        users, goods, first = read_reviews(pathlib.Path(self.reviews))
        leaf = read_categories(pathlib.Path(self.meta), set(goods))
        item = {asin: row for row, asin in enumerate(sorted(set(goods)), start=1)}
        words = {word: row for row, word in enumerate(sorted(set(leaf.values())), start=1)}
        category = np.array([0] + [words.get(leaf.get(asin), 0) for asin in item])
        sequences = Sequences(np.array([item[asin] for asin in goods]), first, category)
        splits = sequences.splits(self.max_history, self.negatives, self.test_negatives, np.random.default_rng(seed))
        name = f"{pathlib.Path(self.reviews).name}, {users} users, negatives drawn with seed {seed}"
        return DataSet(name, sequences.description(self.max_history), *splits).check()


def read_reviews(path):
    """How many users, the goods of all users in time order, and where each user's begin."""
    by_user = {}
    for where, line in tqdm(lines(path), desc=path.name, unit=" reviews", leave=False, disable=None):
        review = parse(where, line)
        try:
            by_user.setdefault(review["reviewerID"], []).append((int(review["unixReviewTime"]), review["asin"]))
        except (KeyError, TypeError, ValueError) as error:
            raise TrainingError(f"{where}: a review needs reviewerID, asin and unixReviewTime: {error!r}") from error
    if not by_user:
        raise TrainingError(f"{path}: there are no reviews")
    goods, first = [], [0]
    for user in sorted(by_user):
        goods += [
            asin for _, asin in sorted(by_user[user], key=lambda review: review[0])
        ]  # equal times keep their order
        first.append(len(goods))
    return len(by_user), goods, np.array(first)


def read_categories(path, goods):
    """The last word of the last path of categories of each of these goods."""
    leaf = {}
    for where, line in tqdm(lines(path), desc=path.name, unit=" goods", leave=False, disable=None):
        good = parse(where, line)
        try:
            if good["asin"] in goods:
                leaf[good["asin"]] = good["categories"][-1][-1]
        except (KeyError, TypeError, IndexError) as error:
            raise TrainingError(f"{where}: a good needs asin and categories, a list of paths: {error!r}") from error
    return leaf


def parse(where, line):
    """An object of JSON, or the literal of Python that Amazon's older metadata are."""
    try:
        return json.loads(line)
    except ValueError:
        pass
    try:
        return ast.literal_eval(line)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise TrainingError(f"{where}: neither JSON nor a literal of Python") from error
