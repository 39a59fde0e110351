"""Where a model may come from, and what it says of itself."""

import copy
import gc
import io
import mmap
import pickle
import shutil
import weakref

import pytest

import dinghy
import numpy as np


@pytest.fixture(scope="module")
def expected(model, request_of):
    return model.score(**request_of())


def sources(path):
    data = path.read_bytes()
    yield path
    yield str(path)
    yield data
    yield bytearray(data)
    yield memoryview(b"x" + data)[1:]
    yield np.frombuffer(data, "uint8")
    yield io.BytesIO(data)
    with open(path, "rb") as file:
        yield file
        yield mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    with open(path, "rb", buffering=0) as file:
        yield file


def test_a_model_opens_from_whatever_holds_one(model_path, request_of, expected):
    for source in sources(model_path):
        assert np.array_equal(dinghy.open(source).score(**request_of()), expected)
    assert np.array_equal(dinghy.open(model_path, copy=True).score(**request_of()), expected)


def test_a_file_is_read_from_its_position_on(model_path, tmp_path, request_of, expected):
    package = tmp_path / "package"
    package.write_bytes(b"head" + model_path.read_bytes())
    with open(package, "rb") as file:
        file.seek(4)
        model = dinghy.open(file)
    assert np.array_equal(model.score(**request_of()), expected)


def test_a_writable_buffer_may_change_later(model_path, request_of, expected):
    data = bytearray(model_path.read_bytes())
    model = dinghy.open(data)
    data[:] = bytes(len(data))
    assert np.array_equal(model.score(**request_of()), expected)


def test_bytes_live_as_long_as_what_uses_them(model_path, request_of):
    data = np.fromfile(model_path, "uint8")
    data.flags.writeable = False
    watch = weakref.ref(data)
    request = request_of()
    user = dinghy.open(data).user(user=request["user"], history=request["history"])
    del data
    gc.collect()
    assert watch() is not None
    user.score(request["candidates"])
    del user
    gc.collect()
    assert watch() is None


def test_scores_live_longer_than_their_model(model_path, request_of):
    scores, (weights,) = dinghy.open(model_path).score(**request_of(), attention=True)
    gc.collect()
    assert np.all(np.isfinite(scores)) and np.all(np.isfinite(weights))
    assert scores.flags.writeable and weights.flags.writeable


def test_an_error_of_opening_says_what_is_wrong(tmp_path, model_path):
    with pytest.raises(dinghy.FileError, match="absent") as caught:
        dinghy.open(tmp_path / "absent.dinghy")
    assert isinstance(caught.value, OSError)
    with pytest.raises(dinghy.BadFileError, match="not a regular file"):
        dinghy.open(tmp_path)
    for bad in (b"", b"abc", model_path.read_bytes()[:-1], bytes(5000)):
        with pytest.raises(dinghy.BadFileError):
            dinghy.open(bad)
    with pytest.raises(dinghy.UnknownIsaError, match="mmx"):
        dinghy.open(model_path, isa="mmx")
    with pytest.raises(dinghy.InvalidArgumentError, match="integers"):
        dinghy.open(model_path, integers="often")
    for wrong in (None, 5, 1.5, [1]):
        with pytest.raises(TypeError):
            dinghy.open(wrong)


def test_damage_is_found_by_verify_and_selftest(model_path, tmp_path):
    data = bytearray(model_path.read_bytes())
    data[-1] ^= 0xFF  # in the last table
    with pytest.raises(dinghy.BadFileError, match="hash"):
        dinghy.open(bytes(data)).verify()


def test_a_model_describes_itself(model, model_path):
    assert [feature.name for feature in model.features] == ["user", "item", "category"]
    assert [feature.in_history for feature in model.features] == [False, True, True]
    assert {table.stored_as for table in model.tables} == {"f32"}
    assert model.isa in dinghy.isas()
    described = model.describe()
    assert described["bytes"] == model_path.stat().st_size
    assert described["features"][1]["role"] == "candidate"
    assert described["tables"][0]["rows"] == model.tables[0].rows
    (history,) = model.histories
    assert history.features == ["item", "category"] and history.interests == model.interests
    assert described["histories"][0]["keep"] == history.keep == "last"
    assert model.path == str(model_path)
    assert "Feature(name='user', role='user'" in repr(model.features)


def test_a_model_pickles_as_path_and_hash(model, request_of, expected):
    data = pickle.dumps(model)
    assert len(data) < 500
    assert np.array_equal(pickle.loads(data).score(**request_of()), expected)
    assert copy.copy(model) is model and copy.deepcopy(model) is model


def test_a_pickled_model_is_the_same_or_an_error(model_path, converted, tmp_path):
    path = tmp_path / "m.dinghy"
    shutil.copy(model_path, path)
    data = pickle.dumps(dinghy.open(path, isa="reference"))
    assert pickle.loads(data).isa == "reference"
    path.unlink()
    with pytest.raises(dinghy.FileError):
        pickle.loads(data)
    shutil.copy(converted("recbole"), path)
    with pytest.raises(dinghy.InvalidArgumentError, match="another model"):
        pickle.loads(data)
    with pytest.raises(TypeError, match="no path"):
        pickle.dumps(dinghy.open(model_path.read_bytes()))


def test_missing_ids_are_counted(converted, request_of):
    model = dinghy.open(converted("librecommender"))
    request = request_of("librecommender")
    request["user"]["user"] = 10**9
    model.score(**request)
    assert model.missing_ids["user"] == 1


def test_errors_form_a_hierarchy():
    for name in dinghy.__all__:
        if name.endswith("Error"):
            assert issubclass(getattr(dinghy, name), dinghy.Error)
    for kind, builtin in ((dinghy.ArgumentTypeError, TypeError), (dinghy.InvalidArgumentError, ValueError)):
        assert issubclass(kind, builtin)
