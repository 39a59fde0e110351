import warnings

import pytest
from hypothesis import settings

import dinghy
import goldens

# The same inputs each time, as ./test promises; how long one takes is for the machine's load to say.
settings.register_profile("same", derandomize=True, database=None, deadline=None, max_examples=200)
settings.load_profile("same")


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
    return converted("deepctr-torch-softmax")


@pytest.fixture(scope="session")
def model(model_path):
    return dinghy.open(model_path)


@pytest.fixture(scope="session")
def request_of():
    """A request of a golden case with many behaviours and candidates."""

    def find(case="deepctr-torch-softmax"):
        requests = [request for request, _ in goldens.golden_rows(case)]
        return max(requests, key=lambda request: len(str(request)))

    return find
