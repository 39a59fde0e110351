"""prefetch and pin: rows of tables in memory before they are needed."""

import pytest

import dinghy
import numpy as np


@pytest.fixture
def request_(request_of):
    return request_of()


@pytest.mark.parametrize("call", ["prefetch", "pin"])
def test_rows_are_asked_for_by_any_parts_of_a_request(model_path, request_, call):
    model = dinghy.open(model_path)
    ask = getattr(model, call)
    expected = model.score(**request_)
    for some in (request_, {"candidates": request_["candidates"]}, {"candidates": {"item": np.array([1, 2, 10**12])}}):
        assert ask(**some) is None
    ask()
    assert np.array_equal(model.score(**request_), expected)
    with pytest.raises(dinghy.InvalidArgumentError, match="candidates has no feature 'itm'"):
        ask(candidates={"itm": [1]})


def test_memory_of_the_callers_is_not_pinned(model_path, request_):
    with pytest.raises(dinghy.UnsupportedError):
        dinghy.open(model_path.read_bytes()).pin(**request_)
    dinghy.open(model_path.read_bytes()).prefetch(**request_)
