"""Samples of users' sequences of goods: behaviours in time order, each good with its category."""

from dataclasses import dataclass

import numpy as np
from dinghy_train.description import Description, Feature
from dinghy_train.errors import TrainingError
from dinghy_train.samples import Column, Samples


@dataclass
class Sequences:
    """The behaviours of all users side by side; user u has first[u] to first[u + 1]. Goods and categories count from 1."""

    item: np.ndarray
    first: np.ndarray
    category: np.ndarray  # of each good; [0] is 0

    @property
    def goods(self):
        return len(self.category) - 1

    def users(self):
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    def description(self, max_history, width=16):
        return Description(
            features=(
                Feature("item", rows=self.goods + 1, width=width, history=True),
                Feature("category", rows=int(self.category.max()) + 1, width=width, history=True),
            ),
            max_history=max_history,
        )

    def samples(self, item, user, start, stop, label, behaviours=None):
        """Samples whose histories are ranges of the sequences, or of `behaviours`."""
        seen = self.item if behaviours is None else behaviours
        return Samples(
            columns={"item": Column(item), "category": Column(self.category[item])},
            behaviours={"item": Column(seen), "category": Column(self.category[seen])},
            start=start,
            stop=stop,
            label=label.astype(np.int8),
            group=user,
        )

    def next_good(self, places, negatives, max_history, rng):
        """The good at each place against `negatives` drawn goods, by the user's behaviours before it."""
        user = self.users()[places]
        drawn = self.other_goods(user, negatives, rng)
        item = np.concatenate([self.item[places][:, None], drawn], axis=1)
        label = np.zeros(item.shape, dtype=np.int8)
        label[:, 0] = 1
        each = np.repeat(np.arange(len(places)), 1 + negatives)
        start = np.maximum(self.first[user], places - max_history)
        return self.samples(item.ravel(), user[each], start[each], places[each], label.ravel())

    def other_goods(self, user, count, rng):
        """Uniform draws of goods that the user has nowhere in the sequence, as in the authors' build_dataset.py."""
        own = np.unique(self.users() * (self.goods + 1) + self.item)
        drawn = np.zeros((len(user), count), dtype=np.int64)
        again = np.ones(drawn.shape, dtype=bool)
        for _ in range(1000):
            drawn[again] = rng.integers(1, self.goods + 1, size=again.sum())
            again = np.isin(user[:, None] * (self.goods + 1) + drawn, own)
            if not again.any():
                return drawn
        raise TrainingError(
            f"user {user[again.any(axis=1)][0]} has nearly all of the {self.goods} goods: none is left to draw"
        )

    def splits(self, max_history, negatives, test_negatives, rng):
        """First k goods -> the next one: the last good of each user tests, that before it validates, others train.

        Users of less than four goods only train.
        """
        place = np.arange(len(self.item))
        user = self.users()
        left = self.first[user + 1] - place  # goods from this one to the user's last
        length = np.diff(self.first)[user]
        later = place > self.first[user]
        evaluated = length >= 4
        train = place[later & ~(evaluated & (left <= 2))]
        valid, test = place[evaluated & (left == 2)], place[evaluated & (left == 1)]
        if len(valid) == 0 or len(train) == 0:
            raise TrainingError("no user has the four behaviours that a split into train, validation and test takes")
        counts = (negatives, test_negatives, test_negatives)
        return [self.next_good(p, n, max_history, rng) for p, n in zip((train, valid, test), counts)]
