"""The table of idioms: each becomes a model with the module's scores, or is refused by name."""

import warnings

import pytest

import dinghy
import numpy
import torch
from idioms import IDIOMS


def made(idiom):
    torch.manual_seed(3)
    return idiom.module().eval(), idiom.batch()


def scores(module, batch):
    """[rows, candidates]"""
    by_name = isinstance(batch, dict) and not isinstance(module, IDIOMS["one dict as the input"].module)
    with torch.no_grad():
        result = module(**batch) if by_name else module(batch)
    return result.reshape(len(result), -1).numpy()


def request_of(batch, row):
    """As an application has it: behaviours alone, however the module is told which they are."""
    ids = batch if isinstance(batch, dict) else {"user": batch[:, 0], "item": batch[:, 1], "hist_item": batch[:, 2:]}
    seen = ids["hist_item"][row]
    candidates = {"item": ids["item"][row].reshape(-1).tolist()}
    if "price" in ids:
        candidates |= {"price": ids["price"][row].numpy(), "profile": ids["profile"][row : row + 1].numpy()}
    return {
        "user": {"user": int(ids["user"][row])},
        "history": {"item": seen[seen != 0].tolist()},
        "candidates": candidates,
    }


@pytest.mark.parametrize("name", [name for name, idiom in IDIOMS.items() if not idiom.refused])
def test_idiom_becomes_a_model_with_the_modules_scores(name, tmp_path):
    module, batch = made(IDIOMS[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dinghy.AssumptionWarning)
        report = dinghy.export(module, batch, tmp_path / "m.dinghy")
    model = dinghy.open(report.path)
    expected = scores(module, batch)
    for row in range(len(expected)):
        if not numpy.isfinite(expected[row]).all():  # a softmax of nothing but -inf
            with pytest.raises(dinghy.EmptyHistoryError):
                model.score(**request_of(batch, row))
            continue
        request = request_of(batch, row)
        if name == "one matrix of ids, repeat":
            request = by_column(request)
        assert model.score(**request) == pytest.approx(expected[row], abs=2e-6)


def by_column(request):
    """Columns of one matrix have the names of their tables."""
    return request


@pytest.mark.parametrize("name", [name for name, idiom in IDIOMS.items() if idiom.refused])
def test_idiom_is_refused_by_name(name, tmp_path):
    module, batch = made(IDIOMS[name])
    with pytest.raises(dinghy.ConversionError, match=IDIOMS[name].refused):
        dinghy.export(module, batch, tmp_path / "m.dinghy")
    assert not (tmp_path / "m.dinghy").exists()


def test_most_idioms_convert():
    assert sum(not idiom.refused for idiom in IDIOMS.values()) >= 19
