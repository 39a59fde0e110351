"""Each experiment in a small form: what its first claim says is so, whatever the digits. Data of others are simulated in their form."""

import json
from dataclasses import replace

import pytest

import numpy as np
from dinghy_train.data.worlds import directions, sigmoid
from dinghy_train.experiments.catalogue import EXPERIMENTS
from dinghy_train.experiments.experiment import carry_out


def measured(name, *cases, **training):
    """The test AUC of some cases of the experiment in its small form, without a search."""
    experiment = EXPERIMENTS[name]
    kept = {case: replace(experiment.cases[case], choices=experiment.cases[case].choices[:1]) for case in cases}
    experiment = replace(experiment, cases=kept, training=replace(experiment.training, **training))
    *_, made = carry_out(experiment, [1], small=True, progress=True)
    return [made.tested(case, "auc")[0] for case in cases]


def test_local_activation_finds_what_the_sum_hides():
    base, din = measured("local", "BaseModel", "DIN Dice", epochs=2, learning_rate=1e-2)
    assert din > base + 0.05


def test_mini_batch_aware_regularization_is_better_than_none_with_fine_ids():
    none, mba = measured("fine-ids", "ids, none", "ids, MBA")
    assert mba > none


@pytest.fixture
def beauty(tmp_path, monkeypatch):
    """Sequences of users with a few categories each, of goods that are rare but for some."""
    rng = np.random.default_rng(1)
    users, goods, categories = 1200, 3000, 30
    category = np.arange(goods) % categories
    popularity = rng.permutation((3 + np.arange(goods)) ** -0.8)
    folder = tmp_path / "amazon-beauty"
    folder.mkdir()
    shelves = [np.flatnonzero(category == c) for c in range(categories)]
    with open(folder / "sequences.txt", "w") as file:
        for user in range(users):
            seen = [
                rng.choice(shelves[c], p=popularity[shelves[c]] / popularity[shelves[c]].sum())
                for c in rng.choice(rng.choice(categories, 3), rng.integers(5, 14))
            ]
            print(user, *(good + 1 for good in seen), file=file)
    attributes = {str(good + 1): [1, 100 + int(category[good])] for good in range(goods)}
    (folder / "attributes.json").write_text(json.dumps(attributes))
    monkeypatch.setenv("DINGHY_DATA", str(tmp_path))


def test_mini_batch_aware_regularization_is_better_than_none_for_the_next_good(beauty):
    none, mba = measured("beauty", "BaseModel", "BaseModel, MBA", epochs=4, learning_rate=5e-3)
    assert mba > none


@pytest.fixture
def movielens(tmp_path, monkeypatch):
    """Ratings by a taste of its own in each genre: the likes of the movie's genre tell it, their sum over all hides it."""
    rng = np.random.default_rng(1)
    users, movies, genres, ratings = 400, 90, 3, 60
    style, taste = directions(rng, (movies, 2)), directions(rng, (users, genres, 2))
    folder = tmp_path / "movielens-1m"
    folder.mkdir()
    with open(folder / "ratings.dat", "w") as file:
        for user in range(users):
            rated = rng.choice(movies, ratings, replace=False)
            match = (style[rated] * taste[user, rated % genres]).sum(axis=1)
            stars = np.where(rng.random(ratings) < sigmoid(4 * match), 5, 2)
            for when, (movie, star) in enumerate(zip(rated, stars)):
                print(user + 1, movie + 1, star, when, sep="::", file=file)
    genre = [f"{movie + 1}::Movie {movie + 1}::Genre {movie % genres}" for movie in range(movies)]
    (folder / "movies.dat").write_text("\n".join(genre) + "\n")
    monkeypatch.setenv("DINGHY_DATA", str(tmp_path))


def test_local_activation_finds_a_taste_for_each_genre(movielens):
    base, din = measured("movielens", "BaseModel", "DIN Dice", epochs=4, batch=128, learning_rate=1e-2)
    assert din > base + 0.01
