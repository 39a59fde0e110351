"""Rows of a table that come with a call: a device's model beside the one that has all rows."""

import pickle
import warnings

import pytest

import dinghy
import goldens
import numpy as np

CASE = "deepctr-torch-softmax"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """The whole model, and the device's."""
    folder = tmp_path_factory.mktemp("split")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dinghy.AssumptionWarning)
        dinghy.convert(
            goldens.checkpoint(CASE),
            folder / "device.dinghy",
            recipe=goldens.recipe(CASE),
            remote=["item", "category"],
            whole=folder / "whole.dinghy",
        )
    return dinghy.open(folder / "whole.dinghy"), dinghy.open(folder / "device.dinghy")


@pytest.fixture(scope="module")
def requests():
    return [request for request, _ in goldens.golden_rows(CASE)]


def with_rows(whole, values, change=lambda rows: rows):
    """The values of a history or of candidates as a server sends them."""
    return {feature: change(whole.table_rows(feature, ids)) for feature, ids in values.items()}


def sent(whole, request, change=lambda rows: rows):
    parts = ("history", "candidates")
    return request | {part: with_rows(whole, request[part], change) for part in parts}


def test_scores_with_rows_are_those_of_the_whole_model(models, requests):
    whole, device = models
    for request in requests:
        assert device.score(**sent(whole, request)).tobytes() == whole.score(**request).tobytes()


def test_rows_need_no_ids_and_ids_may_be_an_array(models, requests):
    whole, device = models
    request = requests[-1]
    expected = whole.score(**request).tobytes()
    alone = sent(whole, request, lambda rows: dinghy.TableRows(rows.block, rows.which))
    arrays = sent(whole, request, lambda rows: dinghy.TableRows(rows.block, rows.which, np.array(rows.ids)))
    assert device.score(**alone).tobytes() == expected
    assert device.score(**arrays).tobytes() == expected


def test_a_behaviour_comes_with_its_row(models, requests):
    whole, device = models
    request = requests[-1]
    scored = []
    for model, rows in ((whole, lambda values: values), (device, lambda values: with_rows(whole, values))):
        user = model.user(user=request["user"], history=rows(request["history"]))
        user.append(rows({"item": [7], "category": [3]}))
        scored.append(user.score(rows(request["candidates"])).tobytes())
    assert scored[0] == scored[1]


def test_an_id_without_a_row_has_none_and_is_refused_by_the_device(models):
    whole, device = models
    rows = whole.table_rows("item", [7, 10**9])
    assert rows.which == [0, None]
    with pytest.raises(dinghy.MissingIdError, match="came without a row"):
        device.score(
            user={"user": 1},
            history={"item": [], "category": []},
            candidates={"item": rows, "category": whole.table_rows("category", [1, 1])},
        )


def test_rows_of_another_table_are_a_mismatch_of_versions(models):
    whole, device = models
    rows = whole.table_rows("item", [7])
    other = whole.table_rows("category", [1])
    wrong = dinghy.TableRows(other.block, [0], [7])
    assert whole.table_version("item") == device.table_version("item") != whole.table_version("category")
    with pytest.raises(dinghy.VersionMismatchError, match="item: the rows that came are of version"):
        device.score(
            user={"user": 1},
            history={"item": [], "category": []},
            candidates={"item": wrong, "category": other},
        )
    with pytest.raises(dinghy.InvalidArgumentError, match="cut"):
        device.score(
            user={"user": 1},
            history={"item": [], "category": []},
            candidates={"item": dinghy.TableRows(rows.block[:-1], [0], [7]), "category": other},
        )


def test_who_has_no_such_table_gives_no_rows(models):
    whole, device = models
    with pytest.raises(dinghy.InvalidArgumentError, match="no feature 'price'"):
        whole.table_rows("price", [1])
    with pytest.raises(dinghy.UnsupportedError, match="remote"):
        device.table_rows("item", [1])
    with pytest.raises(dinghy.InvalidArgumentError, match="takes no rows"):
        whole.score(
            user={"user": 1},
            history={"item": [], "category": []},
            candidates=with_rows(whole, {"item": [7], "category": [1]}),
        )


def test_rows_are_bytes_and_numbers_that_any_message_holds(models):
    whole, _ = models
    rows = whole.table_rows("item", [7, 9])
    block, which = pickle.loads(pickle.dumps((rows.block, rows.which)))
    assert (block, which) == (rows.block, [0, 1])
    assert repr(rows) == f"<dinghy.TableRows for 2 values, {len(block)} bytes>"
