"""Two simulated worlds, each made for one claim of the paper.

local     A user has a taste of its own in each of some categories. What the behaviours of the candidate's category tell
          about it, the sum over the whole history hides.
fine ids  Many goods, most of them rare, and categories that say little: the vectors of rare ids overfit.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from dinghy_train.data import DataSet
from dinghy_train.description import Description, Feature
from dinghy_train.errors import TrainingError
from dinghy_train.samples import Column, Samples


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@dataclass(frozen=True)
class LocalWorld:
    PATHS: ClassVar = ()
    users: int = 3000
    impressions: int = 30  # of a user
    goods: int = 2000
    categories: int = 40
    interests: int = 6  # categories of a user
    history: int = 30
    styles: int = 2  # numbers in which the goods of a category differ
    sharpness: float = 4.0  # what a user's taste is worth
    appeal: float = 1.0  # and what all users agree on

    def make(self, seed):
        rng = np.random.default_rng([seed, 1])
        category = rng.integers(self.categories, size=self.goods)
        style = directions(rng, (self.goods, self.styles))
        liked, likes = interests(rng, self.users, self.categories, self.interests)
        taste = directions(rng, (self.users, self.categories, self.styles))
        of_category = shelves_of(category, self.categories)

        def visit(user, categories, sharpness):
            """A good of each category, drawn by the user's taste."""
            goods = []
            for c in categories:
                match = style[of_category[c]] @ taste[user, c]
                goods.append(of_category[c][np.argmax(sharpness * match + rng.gumbel(size=len(match)))])
            return goods

        behaviours, candidates = [], []
        for user in range(self.users):
            near = rng.choice(liked[user], self.history + self.impressions)
            anywhere = rng.integers(self.categories, size=self.impressions)
            shown = np.where(rng.random(self.impressions) < 0.75, near[self.history :], anywhere)
            behaviours.append(visit(user, near[: self.history], 4.0))
            candidates.append(visit(user, shown, 0.0))
        candidates = np.array(candidates)
        of_candidate = category[candidates]
        users = np.arange(self.users)[:, None]
        match = np.einsum("uis,uis->ui", taste[users, of_candidate], style[candidates])
        appeal = self.appeal * style[candidates][..., 0]
        logit = np.where(likes[users, of_candidate], self.sharpness * match, -1.5) + appeal - 0.5
        return world(f"local world, seed {seed}", rng, category, np.array(behaviours), candidates, sigmoid(logit))


@dataclass(frozen=True)
class FineIdsWorld:
    PATHS: ClassVar = ()
    users: int = 5000
    impressions: int = 30
    goods: int = 20000
    categories: int = 100
    interests: int = 4  # categories of a user
    history: int = 10
    appeal: float = 1.0  # how much goods differ by themselves: what only their ids can say
    match: float = 1.5  # what an interest adds to a good of its category

    def make(self, seed):
        rng = np.random.default_rng([seed, 2])
        category = rng.integers(self.categories, size=self.goods)
        appeal = rng.normal(size=self.goods)
        popularity = rng.permutation((10 + np.arange(self.goods)) ** -0.4)
        liked, likes = interests(rng, self.users, self.categories, self.interests)
        shelves = shelves_of(category, self.categories)

        def draw(categories, weights):
            """A good of each category, by weights."""
            goods = np.empty(categories.shape, dtype=np.int64)
            for c, shelf in enumerate(shelves):
                here = categories == c
                goods[here] = rng.choice(shelf, here.sum(), p=weights[shelf] / weights[shelf].sum())
            return goods

        users = np.arange(self.users)[:, None]
        near = liked[users, rng.integers(self.interests, size=(self.users, self.history + self.impressions))]
        behaviours = draw(near[:, : self.history], popularity * np.exp(self.appeal * appeal))
        anywhere = rng.integers(self.categories, size=(self.users, self.impressions))
        shown = np.where(rng.random(anywhere.shape) < 0.4, near[:, self.history :], anywhere)
        candidates = draw(shown, popularity)
        logit = self.appeal * appeal[candidates] + self.match * likes[users, category[candidates]] - 1.5
        return world(f"world of fine ids, seed {seed}", rng, category, behaviours, candidates, sigmoid(logit))


def interests(rng, users, categories, count):
    """Of each user the categories that it likes, [users, count], and the same as a mask [users, categories]."""
    if not 0 < count <= categories:
        raise TrainingError(f"[data] interests is {count}; a user likes 1 to {categories} of {categories} categories")
    liked = rng.permuted(np.tile(np.arange(categories), (users, 1)), axis=1)[:, :count]
    likes = np.zeros((users, categories), dtype=bool)
    np.put_along_axis(likes, liked, True, axis=1)
    return liked, likes


def shelves_of(category, categories):
    """The goods of each category."""
    shelves = [np.flatnonzero(category == c) for c in range(categories)]
    if min(map(len, shelves)) == 0:
        raise TrainingError(
            f"[data] {len(category)} goods leave one of {categories} categories without any; take more goods"
        )
    return shelves


def directions(rng, shape):
    vectors = rng.normal(size=shape)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def world(name, rng, category, behaviours, candidates, chance):
    """Users' histories [users, length] and candidates [users, impressions] with the chance of a click, split by user."""
    users, length = behaviours.shape
    impressions = candidates.shape[1]
    label = (rng.random(chance.shape) < chance).astype(np.int8)
    start = np.repeat(np.arange(users) * length, impressions)
    ids = {"item": lambda goods: goods + 1, "category": lambda goods: category[goods] + 1}  # 0 is unknown
    samples = Samples(
        columns={key: Column(of(candidates.ravel())) for key, of in ids.items()},
        behaviours={key: Column(of(behaviours.ravel())) for key, of in ids.items()},
        start=start,
        stop=start + length,
        label=label.ravel(),
        group=np.repeat(np.arange(users), impressions),
    )
    description = Description(
        features=(
            Feature("item", rows=len(category) + 1, width=16, history=True),
            Feature("category", rows=int(category.max()) + 2, width=16, history=True),
        ),
        max_history=length,
    )
    fold = np.repeat(rng.permutation(users) * 10 // users, impressions)  # 8 parts to train, 1 to validate, 1 to test
    parts = [np.flatnonzero(fold < 8), np.flatnonzero(fold == 8), np.flatnonzero(fold == 9)]
    return DataSet(name, description, *(samples.subset(rows) for rows in parts)).check()
