"""What a request may be made of, and what is refused where."""

import array
import math
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dinghy
import numpy as np

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", ">i4", ">i8", "<i8"]


@pytest.fixture(scope="module")
def request_(request_of):
    return request_of()


@pytest.fixture(scope="module")
def expected(model, request_):
    return model.score(**request_)


def with_columns(request, convert):
    parts = ("history", "candidates")
    columns = {part: {name: convert(value) for name, value in request[part].items()} for part in parts}
    return {**request, **columns}


@pytest.mark.parametrize("dtype", INTEGERS)
def test_ids_may_be_integers_of_any_type(model, request_, expected, dtype):
    request = with_columns(request_, lambda ids: np.array(ids, dtype))
    request["user"] = {name: np.array(id, dtype)[()] for name, id in request_["user"].items()}
    assert np.array_equal(model.score(**request), expected)


def read_only(ids):
    frozen = np.array(ids)
    frozen.flags.writeable = False
    return frozen


@pytest.mark.parametrize(
    "convert",
    [
        tuple,
        pd.Series,
        pd.array,
        lambda ids: pd.Series(ids, dtype="Int32"),
        lambda ids: pd.Series(ids, index=[7] * len(ids)),
        lambda ids: array.array("i", ids),
        lambda ids: memoryview(np.array(ids)),
        lambda ids: np.array(ids, object),
        lambda ids: np.repeat(ids, 3)[::3],
        lambda ids: np.array(ids[::-1])[::-1],
        lambda ids: np.frombuffer(b"\0" + np.array(ids).tobytes(), "int64", offset=1),
        lambda ids: [np.int32(id) for id in ids],
        read_only,
        iter,
    ],
)
def test_sequences_of_other_libraries_are_taken(model, request_, expected, convert):
    assert np.array_equal(model.score(**with_columns(request_, convert)), expected)


def test_data_frames_are_taken(model, request_, expected):
    request = {
        **request_,
        "history": pd.DataFrame(request_["history"]),
        "candidates": pd.DataFrame(request_["candidates"]),
    }
    assert np.array_equal(model.score(**request), expected)


def test_strings_may_stand_in_arrays_and_columns(converted, request_of):
    model, request = dinghy.open(converted("recbole")), request_of("recbole")
    expected = model.score(**request)
    for convert in (np.array, pd.Series, tuple, lambda values: np.array(values, object), pd.Categorical):
        assert np.array_equal(model.score(**with_columns(request, convert)), expected)


def test_numbers_may_be_of_any_type(converted, request_of):
    model, request = dinghy.open(converted("deepctr-torch-raw")), request_of("deepctr-torch-raw")
    pop = np.array(request["candidates"]["pop"], "float32")
    expected = model.score(**request)
    for column in (pop, pop.astype("float64"), pop.tolist(), pop[:, None], pd.Series(pop), np.repeat(pop, 2)[::2]):
        request["candidates"]["pop"] = column
        assert np.array_equal(model.score(**request), expected)


def test_the_inputs_are_left_as_they_are(model, request_):
    request = with_columns(request_, np.array)
    before = str(request)
    model.score(**request, attention=True)
    assert str(request) == before


@pytest.mark.parametrize(
    ("part", "value", "error", "message"),
    [
        ("user", {"user": "5"}, dinghy.ArgumentTypeError, r'user\["user"\] is \'5\' of type str.*takes integer ids'),
        ("user", {"user": 5.0}, dinghy.ArgumentTypeError, r'user\["user"\] is 5\.0 of type float'),
        ("user", {"user": True}, dinghy.ArgumentTypeError, "type bool"),
        ("user", {"user": None}, dinghy.ArgumentTypeError, "NoneType"),
        ("user", {"user": [5]}, dinghy.ArgumentTypeError, "type list"),
        ("user", {"user": 2**63}, dinghy.InvalidArgumentError, "more than 64 bits"),
        ("user", {"user": -(2**200)}, dinghy.InvalidArgumentError, "more than 64 bits"),
        ("user", {"user": 10**12}, dinghy.MissingIdError, "1000000000000"),
        ("user", {"usr": 5}, dinghy.InvalidArgumentError, "user has no feature 'usr'; it takes user"),
        ("user", {5: 5}, dinghy.ArgumentTypeError, "name of a feature is no string"),
        ("user", {}, dinghy.InvalidArgumentError, "user"),
        ("history", None, dinghy.InvalidArgumentError, "item"),
        ("user", [5], dinghy.ArgumentTypeError, "user is of type list; a dict"),
        ("history", {"item": [1, "x"]}, dinghy.ArgumentTypeError, r'history\["item"\]\[1\] is \'x\''),
        ("history", {"item": [1]}, dinghy.InvalidArgumentError, "category: 16 rows, the columns before it have 1"),
        ("history", {"item": "12"}, dinghy.ArgumentTypeError, "a sequence"),
        ("history", {"item": b"12"}, dinghy.ArgumentTypeError, "a sequence"),
        ("history", {"item": {1, 2}}, dinghy.ArgumentTypeError, "a sequence"),
        ("history", {"item": 5}, dinghy.ArgumentTypeError, "a sequence"),
        ("candidates", {"item": np.array([1.0])}, dinghy.ArgumentTypeError, "array of floats"),
        ("candidates", {"item": np.array([True])}, dinghy.ArgumentTypeError, "type bool"),
        ("candidates", {"item": np.array(1)}, dinghy.ArgumentTypeError, "a sequence"),
        ("candidates", {"item": np.array([[1]])}, dinghy.InvalidArgumentError, r"shape \(1, 1\)"),
        (
            "candidates",
            {"item": np.array([1, 2**63], "uint64")},
            dinghy.InvalidArgumentError,
            r"\[1\] has more than 64",
        ),
        ("candidates", {"item": np.array(["2020-01-01"], "datetime64[D]")}, dinghy.ArgumentTypeError, "date"),
        ("candidates", {"item": pd.Series([1, None])}, dinghy.ArgumentTypeError, "array of floats"),
        ("candidates", {"item": pd.Series([1, None], dtype="Int64")}, dinghy.ArgumentTypeError, "array of floats"),
        ("candidates", {"item": [1, 2, 3]}, dinghy.InvalidArgumentError, "category: 12 rows, .* have 3"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(model, request_, part, value, error, message):
    merged = {**request_[part], **value} if isinstance(value, dict) and value and "usr" not in value else value
    with pytest.raises(error, match=message):
        model.score(**{**request_, part: merged})


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e39])
def test_numbers_that_are_not_finite_are_refused(converted, request_of, number):
    model, request = dinghy.open(converted("deepctr-torch-raw")), request_of("deepctr-torch-raw")
    for column in (list, np.array, lambda values: np.array(values, "float32")):
        values = list(request["candidates"]["pop"])
        values[-1] = number
        with np.errstate(over="ignore"), pytest.raises(dinghy.InvalidArgumentError, match="pop.*NaN or an infinity"):
            model.score(**{**request, "candidates": {**request["candidates"], "pop": column(values)}})


def test_bags_and_vectors_have_a_value_each_row(converted, request_of):
    model, request = dinghy.open(converted("fuxictr-content")), request_of("fuxictr-content")
    expected = model.score(**request)
    user = request["user"]
    for convert in (tuple, np.array, pd.Series):
        bag = {**user, "favourites": convert(user["favourites"])}
        assert np.array_equal(model.score(**{**request, "user": bag}), expected)
    with pytest.raises(dinghy.ArgumentTypeError, match=r'user\["favourites"\] is 3 of type int.*a sequence'):
        model.score(**{**request, "user": {**user, "favourites": 3}})

    model, request = dinghy.open(converted("fuxictr-specs")), request_of("fuxictr-specs")
    expected = model.score(**request)
    cover = np.array(request["candidates"]["cover"], "float32")
    for column in (cover, cover.astype(float), list(cover), cover[:, ::-1][:, ::-1]):
        assert np.array_equal(
            model.score(**{**request, "candidates": {**request["candidates"], "cover": column}}), expected
        )
    with pytest.raises(dinghy.InvalidArgumentError, match="takes 4 numbers a row"):
        model.score(**{**request, "candidates": {**request["candidates"], "cover": cover[:, :3]}})


def test_a_list_that_changes_while_it_is_read_is_harmless(model, request_):
    items = list(request_["candidates"]["item"])

    class Shrinks:
        def __index__(self):
            items.clear()
            return 1

    items[0] = Shrinks()
    with pytest.raises(dinghy.InvalidArgumentError):
        model.score(**{**request_, "candidates": {**request_["candidates"], "item": items}})


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=8,
)


@given(
    part=st.sampled_from(["user", "history", "candidates"]), value=anything, name=st.sampled_from(["item", "user", "x"])
)
def test_whatever_is_passed_gives_scores_or_an_error_of_dinghy(part, value, name):
    model, request = test_whatever_is_passed_gives_scores_or_an_error_of_dinghy.prepared
    for changed in (value, {name: value}, {**request[part], name: value}):
        try:
            scores = model.score(**{**request, part: changed})
        except dinghy.Error as error:
            assert re.fullmatch("[^\n]+", str(error))
        else:
            assert np.all((scores >= 0) & (scores <= 1))


@pytest.fixture(autouse=True, scope="module")
def prepared(model, request_):
    test_whatever_is_passed_gives_scores_or_an_error_of_dinghy.prepared = model, request_
