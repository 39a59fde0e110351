"""Columns as predict takes them, for models of every package here, and the requests that they stand for."""

import warnings

import pytest

import dinghy
import numpy as np

ROWS, LENGTH = 40, 7
RANDOM = np.random.default_rng(1)
SIZES = {"user": 20, "hour": 24, "item": 30, "category": 9}


def columns():
    lengths = RANDOM.integers(1, LENGTH + 1, ROWS)
    real = np.arange(LENGTH) < lengths[:, None]
    ids = {name: RANDOM.integers(1, size, ROWS) for name, size in SIZES.items()}
    histories = {
        f"hist_{name}": RANDOM.integers(1, SIZES[name], (ROWS, LENGTH)) * real for name in ("item", "category")
    }
    return {**ids, **histories, "length": lengths, "price": RANDOM.random(ROWS).astype(np.float32)}


def requests(x, dense=()):
    for row in range(ROWS):
        behaviours = x["hist_item"][row] != 0
        yield {
            "user": {"user": x["user"][row], "hour": x["hour"][row]},
            "history": {name: x["hist_" + name][row][behaviours] for name in ("item", "category")},
            "candidates": {name: [x[name][row]] for name in ("item", "category", *dense)},
        }


def check(path, x, expected, dense=()):
    model = dinghy.open(path)
    scores = [model.score(**request)[0] for request in requests(x, dense)]
    assert np.ptp(expected) > 0.01
    assert scores == pytest.approx(np.asarray(expected).reshape(-1).tolist(), abs=1e-5)


def drawn(model, std=0.3):
    """A module of PyTorch with weights that are not those of its initialization, which are alike."""
    import torch

    torch.manual_seed(3)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=std)
    return model.eval()


@pytest.fixture
def export(tmp_path):
    """dinghy.export to a file of this test, without warnings of what is assumed."""

    def run(model, x, **options):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dinghy.AssumptionWarning)
            return dinghy.export(model, x, tmp_path / "ctr.dinghy", **options)

    return run
