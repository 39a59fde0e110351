"""A user whose state is kept between requests."""

import pytest

import dinghy
import numpy as np

CLICK = {"item": [3], "category": [1]}


@pytest.fixture(scope="module")
def request_(request_of):
    return request_of()


def test_a_click_changes_scores_as_a_longer_history_does(model, request_):
    short = {name: values[:5] for name, values in request_["history"].items()}
    longer = {name: values + CLICK[name] for name, values in short.items()}
    user = model.user(user=request_["user"], history=short)
    before = user.score(request_["candidates"])
    user.append(CLICK)
    after, (weights,) = user.rescore(attention=True)
    expected, (expected_weights,) = model.score(**{**request_, "history": longer}, attention=True)
    assert np.abs(after - expected).max() < 1e-6
    assert np.abs(weights - expected_weights).max() < 1e-6
    assert not np.array_equal(before, after)
    assert user.history_lengths == [6]


def test_the_oldest_behaviours_leave_a_full_history(model, request_):
    history = {"item": [1, 2, 3, 4], "category": [1, 2, 3, 4]}
    user = model.user(user=request_["user"], history=history, max_history=3)
    kept = {name: values[1:] for name, values in history.items()}
    assert user.history_lengths == [3]
    assert np.array_equal(user.score(request_["candidates"]), model.score(**{**request_, "history": kept}))


def test_a_failed_append_leaves_the_user_as_it_was(model, request_):
    user = model.user(user=request_["user"], history=request_["history"])
    before = user.score(request_["candidates"])
    with pytest.raises(dinghy.MissingIdError):
        user.append({"item": [10**9], "category": [1]})
    assert np.array_equal(user.rescore(), before)


def test_rescoring_before_scoring_is_an_error(model, request_):
    user = model.user(user=request_["user"], history=request_["history"])
    with pytest.raises(dinghy.InvalidArgumentError, match="score"):
        user.rescore()


def test_set_replaces_the_whole_user(model, request_):
    user = model.user(user={"user": 1}, history=CLICK)
    user.set(user=request_["user"], history=request_["history"])
    assert np.array_equal(user.score(request_["candidates"]), model.score(**request_))


def test_pages_of_any_size_are_scored(model, request_):
    user = model.user(user=request_["user"], history=request_["history"])
    for count in (1, 3000, 2, 0, 70):
        page = {name: np.resize(values, count) for name, values in request_["candidates"].items()}
        scores = user.score(page)
        assert scores.shape == (count,)
        assert np.array_equal(scores, model.score(**{**request_, "candidates": page}))
        assert np.array_equal(scores, user.rescore())
