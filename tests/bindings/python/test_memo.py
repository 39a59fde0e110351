"""A memo of pairs: the same scores, counted, saved and mapped."""

import os
import pickle
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

import dinghy
import goldens

BYTES = 1 << 22


@pytest.fixture(scope="module")
def requests():
    return [request for request, _ in goldens.golden_rows("deepctr-torch-softmax")]


@pytest.fixture(scope="module")
def expected(model, requests):
    return [model.score(**request) for request in requests]


def scores_of(model, requests):
    return [model.score(**request) for request in requests]


def same(some, others):
    return len(some) == len(others) and all(a.tobytes() == b.tobytes() for a, b in zip(some, others, strict=True))


@pytest.fixture
def warm(model_path, requests):
    """A model whose memo has seen all requests."""
    model = dinghy.open(model_path, memo=BYTES)
    scores_of(model, requests)
    return model


def test_scores_are_those_without_a_memo(model_path, requests, expected):
    model = dinghy.open(model_path, memo=BYTES)
    assert same(scores_of(model, requests), expected)
    computed = model.memo.computed
    assert computed > 0 and model.memo.kept > 0
    assert same(scores_of(model, requests), expected)
    assert model.memo.computed == computed and model.memo.found > 0


def test_a_user_looks_up_what_was_scored(warm, model, requests):
    request = max(requests, key=lambda request: len(str(request)))
    computed = warm.memo.computed
    parts = {"user": request["user"], "history": request["history"]}
    scores = warm.user(**parts).score(request["candidates"])
    assert scores.tobytes() == model.user(**parts).score(request["candidates"]).tobytes()
    assert warm.memo.computed == computed


def test_threads_share_a_memo(model_path, requests, expected):
    model = dinghy.open(model_path, memo=BYTES)
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: same(scores_of(model, requests), expected), range(8)))


def test_arrow_batches_look_up_too(warm, model, table):
    found = warm.memo.found
    assert pa.array(warm.score_arrow(table)).equals(pa.array(model.score_arrow(table)))
    assert warm.memo.found > found


def test_a_saved_memo_is_mapped_and_computes_nothing(warm, model_path, requests, expected, tmp_path):
    path = tmp_path / "shop.memo"
    warm.memo.save(path)
    assert os.listdir(tmp_path) == ["shop.memo"]
    model = dinghy.open(model_path, memo=path)
    model.memo.verify()
    assert same(scores_of(model, requests), expected)
    assert model.memo.computed == 0 and model.memo.found > 0


def test_a_copied_memo_goes_on(warm, model_path, requests, tmp_path):
    path = tmp_path / "shop.memo"
    dinghy.open(model_path, memo=BYTES).memo.save(path)
    model = dinghy.open(model_path, memo=path, copy=True)
    scores_of(model, requests)
    assert model.memo.kept == warm.memo.kept


def test_damage_is_found(warm, model_path, tmp_path):
    path = tmp_path / "shop.memo"
    warm.memo.save(path)
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with pytest.raises(dinghy.BadFileError, match="does not match its hash"):
        dinghy.open(model_path, memo=path).memo.verify()
    with pytest.raises(dinghy.BadFileError, match=r"shop\.memo"):
        dinghy.open(model_path, memo=path, copy=True)


def test_another_models_memo_is_refused(warm, converted, tmp_path):
    path = tmp_path / "shop.memo"
    warm.memo.save(path)
    with pytest.raises(dinghy.UnsupportedError, match=r"shop\.memo: the memo is of the model with the id"):
        dinghy.open(converted("deepctr-torch-raw"), memo=path)


def test_what_cannot_be_a_memo_is_named(model_path, converted, warm, tmp_path):
    with pytest.raises(dinghy.InvalidArgumentError, match="bytes"):
        dinghy.open(model_path, memo=1000)
    with pytest.raises(dinghy.InvalidArgumentError, match="memo=-1"):
        dinghy.open(model_path, memo=-1)
    with pytest.raises(TypeError):
        dinghy.open(model_path, memo=0.5)
    with pytest.raises(dinghy.FileError, match=r"none\.memo"):
        dinghy.open(model_path, memo=tmp_path / "none.memo")
    with pytest.raises(dinghy.UnsupportedError, match="score without a memo"):
        dinghy.open(converted("reclearn"), memo=BYTES)
    with pytest.raises(dinghy.FileError, match="missing"):
        warm.memo.save(tmp_path / "missing" / "shop.memo")


def test_a_model_without_one_has_none(model):
    assert model.memo is None


def test_a_pickled_model_makes_its_memo_again(warm, model_path, tmp_path):
    again = pickle.loads(pickle.dumps(warm))
    assert again.memo.bytes == warm.memo.bytes and again.memo.found == 0
    path = tmp_path / "shop.memo"
    warm.memo.save(path)
    mapped = pickle.loads(pickle.dumps(dinghy.open(model_path, memo=path)))
    assert mapped.memo.room == warm.memo.room


def test_a_memo_outlives_its_model(warm):
    memo = warm.memo
    computed = memo.computed
    del warm
    assert memo.computed == computed > 0
    assert "pairs found" in repr(memo)
