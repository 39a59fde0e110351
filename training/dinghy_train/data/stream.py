"""The local world day by day: each day some goods are new, and what users like drifts."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from dinghy_train.data.worlds import directions, interests, shelves_of, sigmoid, world


@dataclass(frozen=True)
class StreamWorld:
    PATHS: ClassVar = ()
    length: int = 7  # days
    users: int = 2000
    impressions: int = 30  # of a user a day
    goods: int = 1000  # on the first day
    new_goods: int = 50  # on each further day
    categories: int = 40
    interests: int = 6  # categories of a user
    history: int = 30
    visits: int = 10  # of a user on each further day, which enter the history
    styles: int = 2  # numbers in which the goods of a category differ
    drift: float = 0.2  # what a day adds to each number of a taste, whose length is 1
    sharpness: float = 4.0  # what a user's taste is worth
    appeal: float = 1.0  # and what all users agree on

    def make(self, seed):
        """The first day."""
        return next(self.days(seed))

    def days(self, seed):
        """A data set for each day, all of one description: the tables have rows for the goods of all days from the first on."""
        going_on = Going(self, seed)
        for day in range(self.length):
            yield going_on.day(day, f"stream, seed {seed}, day {day + 1} of {self.length}")
            going_on.drift()


class Going:
    """What a day hands on to the next."""

    def __init__(self, settings, seed):
        self.settings, self.rng = settings, np.random.default_rng([seed, 3])
        goods = settings.goods + (settings.length - 1) * settings.new_goods
        self.category = self.rng.integers(settings.categories, size=goods)
        shelves_of(self.category[: settings.goods], settings.categories)  # none is empty on the first day
        self.style = directions(self.rng, (goods, settings.styles))
        self.liked, self.likes = interests(self.rng, settings.users, settings.categories, settings.interests)
        self.taste = directions(self.rng, (settings.users, settings.categories, settings.styles))
        self.behaviours = np.empty((settings.users, 0), dtype=np.int64)
        self.users = np.arange(settings.users)[:, None]

    def day(self, number, name):
        settings, rng = self.settings, self.rng
        there = settings.goods + number * settings.new_goods
        past = settings.visits if number else settings.history
        near = rng.integers(settings.interests, size=(settings.users, past + settings.impressions))
        near = self.liked[self.users, near]
        visited = self.draw(near[:, :past], there, sharpness=4.0)
        self.behaviours = np.hstack([self.behaviours, visited])[:, -settings.history :]
        anywhere = rng.integers(settings.categories, size=(settings.users, settings.impressions))
        shown = np.where(rng.random(anywhere.shape) < 0.75, near[:, past:], anywhere)
        candidates = self.draw(shown, there, sharpness=0.0)
        return world(f"{name}, {there} goods", rng, self.category, self.behaviours, candidates, self.chance(candidates))

    def draw(self, categories, there, sharpness):
        """A good of each of these categories [users, …], of those that are there, by the users' tastes."""
        goods = np.empty(categories.shape, dtype=np.int64)
        for c, shelf in enumerate(shelves_of(self.category[:there], self.settings.categories)):
            user, place = np.nonzero(categories == c)
            match = sharpness * self.taste[user, c] @ self.style[shelf].T
            goods[user, place] = shelf[np.argmax(match + self.rng.gumbel(size=match.shape), axis=1)]
        return goods

    def chance(self, candidates):
        """Of a click."""
        category, style = self.category[candidates], self.style[candidates]
        match = np.einsum("uis,uis->ui", self.taste[self.users, category], style)
        wanted = np.where(self.likes[self.users, category], self.settings.sharpness * match, -1.5)
        return sigmoid(wanted + self.settings.appeal * style[..., 0] - 0.5)

    def drift(self):
        self.taste += self.settings.drift * self.rng.normal(size=self.taste.shape)
        self.taste /= np.linalg.norm(self.taste, axis=-1, keepdims=True)
