import gzip

import pytest

import numpy as np
from dinghy_train.data.forms import FORMS
from dinghy_train.errors import TrainingError


def histories(samples, name="item"):
    values = samples.behaviours[name].values
    return [values[a:b].tolist() for a, b in zip(samples.start, samples.stop)]


def positives(samples):
    return [
        (user, history, item)
        for user, history, item, label in zip(
            samples.group.tolist(), histories(samples), samples.columns["item"].values.tolist(), samples.label
        )
        if label
    ]


@pytest.fixture
def s3rec(tmp_path):
    with gzip.open(tmp_path / "sequences.txt.gz", "wt") as file:
        file.write("1 1 2 3 4 5\n2 5 6\n3 6 1 2 3\n")
    (tmp_path / "attributes.json").write_text('{"1": [9, 7], "2": [7], "3": [8], "4": [8], "5": [7]}')
    return tmp_path


def test_s3rec_first_k_goods_predict_the_next(s3rec):
    data = FORMS["s3rec"](path=str(s3rec), max_history=2, negatives=2, test_negatives=3).make(1)
    assert positives(data.train) == [(0, [1], 2), (0, [1, 2], 3), (1, [5], 6), (2, [6], 1)]
    assert positives(data.valid) == [(0, [2, 3], 4), (2, [6, 1], 2)]
    assert positives(data.test) == [(0, [3, 4], 5), (2, [1, 2], 3)]
    assert len(data.train) == 4 * 3
    assert len(data.test) == 2 * 4
    assert data.train.columns["category"].values[0] == 1  # good 2: its last attribute, 7, is the first category
    assert histories(data.test, "category")[0] == [2, 2]
    good = data.train.columns["item"].values.reshape(-1, 3)
    assert (good[:, 1:] != good[:, :1]).all()
    assert set(good.ravel()) <= set(range(1, 7))


def test_s3rec_of_a_seed_is_the_same_each_time(s3rec):
    first, second, other = (FORMS["s3rec"](path=str(s3rec)).make(seed) for seed in (1, 1, 2))
    assert np.array_equal(first.train.columns["item"].values, second.train.columns["item"].values)
    assert not np.array_equal(first.train.columns["item"].values, other.train.columns["item"].values)


@pytest.mark.parametrize("text", ["1 1 2\n2 x 3\n", "1 1 2\n2 0 3\n", "1 1 2\n2\n"])
def test_s3rec_a_wrong_line_is_named(tmp_path, text):
    (tmp_path / "sequences.txt").write_text(text)
    (tmp_path / "attributes.json").write_text("{}")
    with pytest.raises(TrainingError, match="sequences.txt:2: "):
        FORMS["s3rec"](path=str(tmp_path)).make(1)


def movielens(folder):
    (folder / "movies.dat").write_bytes(b"10::A (1990)::Drama|War\n20::B\xe9 (1991)::Comedy\n30::C (1992)::Drama\n")
    return FORMS["movielens"](path=str(folder), max_history=2)


def users_of(data):
    found = {}
    for samples in (data.train, data.valid, data.test):
        for i, history in enumerate(histories(samples)):
            key = (int(samples.group[i]), int(samples.columns["item"].values[i]))
            found[key] = (history, int(samples.label[i]))
    return found


def test_movielens_histories_are_what_was_liked_before(tmp_path):
    # Users 1 to 40 rate 30, 10, 20 in time order; the lines are not in that order.
    rows = [f"{u}::{m}::{r}::{t}" for u in range(1, 41) for m, r, t in ((10, 5, 2), (20, 3, 3), (30, 4, 1))]
    (tmp_path / "ratings.dat").write_text("\n".join(rows) + "\n")
    data = movielens(tmp_path).make(1)
    found = users_of(data)
    assert len(found) == 120
    assert found[0, 3] == ([], 1)
    assert found[0, 1] == ([3], 1)
    assert found[0, 2] == ([3, 1], 0)
    groups = [set(samples.group.tolist()) for samples in (data.train, data.valid, data.test)]
    assert not groups[0] & groups[1] and not groups[0] & groups[2] and not groups[1] & groups[2]
    by_item = dict(zip(data.train.columns["item"].values.tolist(), data.train.columns["category"].values.tolist()))
    assert by_item == {1: 2, 2: 1, 3: 2}  # Comedy, Drama


def test_movielens_csv_and_sequences_are_read_alike(tmp_path):
    (tmp_path / "user_seq.tsv").write_text("".join(f"{u}\t30:1 10:1 20:0\n" for u in range(1, 41)))
    sequences = users_of(movielens(tmp_path).make(1))
    rows = [f"{u},{m},{r},{t}" for u in range(1, 41) for m, r, t in ((30, 4.5, 1), (10, 5.0, 2), (20, 3.5, 3))]
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + "\n".join(rows) + "\n")
    assert users_of(movielens(tmp_path).make(1)) == sequences


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ratings.dat", "1::10::5::1\n1::10::5\n"),
        ("ratings.csv", "1,10,5,1\n1,ten,5,1\n"),
        ("user_seq.tsv", "1\t10:1\n2 10:1\n"),
    ],
)
def test_movielens_a_wrong_line_is_named(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(TrainingError, match=f"{name}:2: "):
        movielens(tmp_path).make(1)


@pytest.mark.parametrize("form", ["s3rec", "movielens"])
def test_an_empty_folder_says_what_is_missing(tmp_path, form):
    with pytest.raises(TrainingError, match="there is no "):
        FORMS[form](path=str(tmp_path)).make(1)


@pytest.mark.parametrize("form", ["local", "fine-ids"])
def test_a_world_is_the_same_for_a_seed_and_split_by_user(form):
    first, second, other = (FORMS[form](users=50, goods=300, categories=8).make(seed) for seed in (1, 1, 2))
    assert np.array_equal(first.train.columns["item"].values, second.train.columns["item"].values)
    assert not np.array_equal(first.train.columns["item"].values, other.train.columns["item"].values)
    groups = [set(samples.group.tolist()) for samples in (first.train, first.valid, first.test)]
    assert sorted(map(len, groups)) == [5, 5, 40]
    assert not groups[0] & groups[1] and not groups[0] & groups[2] and not groups[1] & groups[2]


@pytest.mark.parametrize(
    ("form", "settings", "message"),
    [
        ("local", {"goods": 20}, "20 goods leave one of 40 categories without any"),
        ("fine-ids", {"goods": 50}, "50 goods leave one of 100 categories"),
        ("stream", {"goods": 20}, "20 goods leave one of 40 categories"),
        ("local", {"interests": 41}, "interests is 41; a user likes 1 to 40"),
    ],
)
def test_a_world_that_cannot_be_says_why(form, settings, message):
    with pytest.raises(TrainingError, match=message):
        FORMS[form](**settings).make(1)


def amazon(folder, **settings):
    reviews = [("b", "X", 3), ("a", "Y", 4), ("a", "X", 1), ("a", "Z", 2), ("a", "W", 3), ("b", "Y", 1)]
    lines = [f'{{"reviewerID": "{u}", "asin": "{g}", "unixReviewTime": {t}, "overall": 5.0}}' for u, g, t in reviews]
    (folder / "reviews.json").write_text("\n".join(lines) + "\n")
    goods = {"X": "Hats", "Y": "Hats", "Z": "Shoes", "W": "Belts", "unseen": "Cars"}
    meta = [f"{{'asin': '{g}', 'title': 'it\\'s', 'categories': [['A', 'B'], ['A', '{c}']]}}" for g, c in goods.items()]
    with gzip.open(folder / "meta.json.gz", "wt") as file:
        file.write("\n".join(meta) + "\n")
    return FORMS["amazon"](reviews=str(folder / "reviews.json"), meta=str(folder / "meta.json.gz"), **settings)


def test_amazon_is_prepared_as_by_the_authors(tmp_path):
    # Goods by name: W 1, X 2, Y 3, Z 4; categories Belts 1, Hats 2, Shoes 3.
    (tmp_path / "a").mkdir()
    form = amazon(tmp_path / "a")
    with open(form.reviews, "a") as file:  # a user with other goods, so that some are left to draw
        for when, good in enumerate("PQRS"):
            file.write(f'{{"reviewerID": "c", "asin": "{good}", "unixReviewTime": {when}}}\n')
    data = form.make(1)
    # W P..S X Y Z by name: P 1, Q 2, R 3, S 4, W 5, X 6, Y 7, Z 8.
    assert positives(data.train) == [(0, [6], 8), (1, [7], 6), (2, [1], 2)]
    assert positives(data.valid) == [(0, [6, 8], 5), (2, [1, 2], 3)]
    assert positives(data.test) == [(0, [6, 8, 5], 7), (2, [1, 2, 3], 4)]
    categories = data.test.columns["category"].values[data.test.label == 1]
    assert categories.tolist() == [2, 0]  # Hats; of S nothing is known
    for samples in (data.train, data.valid, data.test):
        drawn = samples.columns["item"].values[samples.label == 0]
        own = [{6, 8, 5, 7}, {7, 6}, {1, 2, 3, 4}]
        assert not any(good in own[user] for good, user in zip(drawn, samples.group[samples.label == 0]))


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("reviews.json", '{"reviewerID": "a"', "reviews.json:7: neither JSON"),
        ("reviews.json", '{"reviewerID": "a", "asin": "X"}', "reviews.json:7: a review needs"),
        ("meta.json.gz", "{'asin': 'X', 'categories': []}", "meta.json.gz:6: a good needs"),
        ("meta.json.gz", "__import__('os')", "meta.json.gz:6: neither JSON"),
    ],
)
def test_amazon_a_wrong_line_is_named(tmp_path, name, line, message):
    form = amazon(tmp_path)
    with (gzip.open if name.endswith(".gz") else open)(tmp_path / name, "at") as file:
        file.write(line + "\n")
    with pytest.raises(TrainingError, match=message):
        form.make(1)
