"""Models of golden cases, and requests for one of them: fixtures of these tests and of those for Spark and Ray."""

import warnings

import pyarrow as pa
import pytest

import dinghy
import goldens
from arrow_batches import requests_table

CASE = "deepctr-torch-softmax"
ROWS = 1000


@pytest.fixture(scope="session")
def converted(tmp_path_factory):
    """A function that gives the path of a golden case's model file."""
    folder = tmp_path_factory.mktemp("models")

    def convert(case):
        path = folder / f"{case}.dinghy"
        if not path.exists():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", dinghy.AssumptionWarning)
                dinghy.convert(
                    goldens.checkpoint(case),
                    path,
                    recipe=goldens.recipe(case),
                    check=goldens.GOLDEN / case / "golden.jsonl",
                )
        return path

    return convert


@pytest.fixture(scope="session")
def model_path(converted):
    """User, item and category by integer ids; softmax."""
    return converted(CASE)


@pytest.fixture(scope="session")
def model(model_path):
    return dinghy.open(model_path)


@pytest.fixture(scope="module")
def table(model):
    return requests_table(model, ROWS)


@pytest.fixture(scope="module")
def scores(model, table):
    """Of the rows of `table`."""
    return pa.array(model.score_arrow(table)).to_pylist()
