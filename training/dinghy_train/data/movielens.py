"""MovieLens ratings: a rating of 4 or 5 is a click, by the movies that the user had liked before. Split by user, as in the paper."""

import csv
import pathlib
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from dinghy_train.data import DataSet
from dinghy_train.data.sequences import Sequences
from dinghy_train.data.text import find, lines
from dinghy_train.errors import TrainingError

LIKED = 4


@dataclass(frozen=True)
class MovieLens:
    """A folder with `ratings.dat`, `ratings.csv`, or `user_seq.tsv` ("user<TAB>movie:label …"), and `movies.dat` or `movies.csv`."""

    PATHS: ClassVar = ("path",)
    path: str
    max_history: int = 20
    train_samples: int = 0  # that many drawn ones; 0: all
    test_samples: int = 0

    def make(self, seed):
        folder, rng = pathlib.Path(self.path), np.random.default_rng(seed)
        ratings = find(folder, "ratings.dat", "ratings.csv", "user_seq.tsv")
        read = read_sequences if "user_seq" in ratings.name else read_ratings
        movie, liked, first = read(ratings)
        sequences, item = numbered(movie, first, find(folder, "movies.dat", "movies.csv"))
        samples = by_likes_before(sequences, item, liked, self.max_history)
        users = len(first) - 1
        fold = (rng.permutation(users) * 20 // users)[samples.group]  # 14 parts to train, 1 to validate, 5 to test
        splits = [np.flatnonzero(fold < 14), np.flatnonzero(fold == 14), np.flatnonzero(fold > 14)]
        for i, most in ((0, self.train_samples), (2, self.test_samples)):
            if 0 < most < len(splits[i]):
                splits[i] = np.sort(rng.choice(splits[i], most, replace=False))
        name = f"{folder.name} split by user with seed {seed}"
        return DataSet(
            name, sequences.description(self.max_history), *(samples.subset(rows) for rows in splits)
        ).check()


def read_ratings(path):
    """Movie, whether liked, and the users' first places, of lines user, movie, rating, time."""
    dat, rows = "ratings.dat" in path.name, []
    for where, line in lines(path):
        if not dat and line.startswith("userId"):
            continue
        try:
            user, movie, rating, when = line.split("::" if dat else ",")
            rows.append((int(user), int(when), int(movie), float(rating) >= LIKED))
        except ValueError as error:
            raise TrainingError(f"{where}: a line has to be user, movie, rating, time: {error}") from error
    if not rows:
        raise TrainingError(f"{path}: there are no ratings")
    user, when, movie, liked = np.array(rows, dtype=np.int64).T
    order = np.lexsort([when, user])
    begins = np.flatnonzero(np.r_[True, np.diff(user[order]) != 0, True])
    return movie[order], liked[order], begins


def read_sequences(path):
    movie, liked, first = [], [], [0]
    for where, line in lines(path):
        try:
            pairs = [pair.split(":") for pair in line.split("\t")[1].split()]
            movie += [int(pair[0]) for pair in pairs]
            liked += [int(pair[1]) for pair in pairs]
        except (ValueError, IndexError) as error:
            raise TrainingError(f'{where}: a line has to be "user<TAB>movie:label movie:label …": {error}') from error
        first.append(len(movie))
    return np.array(movie), np.array(liked), np.array(first)


def numbered(movie, first, path):
    """Movies that were rated, numbered from 1, with the first of their genres as category."""
    known, item = np.unique(movie, return_inverse=True)
    genres = read_genres(path)
    words = {word: row for row, word in enumerate(sorted(set(genres.values())), start=1)}
    category = np.array([0] + [words.get(genres.get(int(m)), 0) for m in known])
    return Sequences(item + 1, first, category), item + 1


def read_genres(path):
    """The first genre of each movie."""
    try:
        text = path.read_text(encoding="latin-1" if path.suffix == ".dat" else "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"{path}: {error}") from error
    rows = (
        [line.split("::") for line in text.splitlines()]
        if path.suffix == ".dat"
        else list(csv.reader(text.splitlines()))[1:]
    )
    try:
        return {int(row[0]): row[2].split("|")[0] for row in rows}
    except (ValueError, IndexError) as error:
        raise TrainingError(f"{path}: a line has to be movie, title, genres: {error}") from error


def by_likes_before(sequences, item, liked, max_history):
    """One sample for each rating; its history is what the user had liked before."""
    user = sequences.users()
    before = np.cumsum(liked) - liked  # likes of all users in front of a rating
    first = np.append(before, liked.sum())[sequences.first[user]]
    start = np.maximum(first, before - max_history)
    return sequences.samples(item, user, start, before, liked, behaviours=item[liked > 0])
