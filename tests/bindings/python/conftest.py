import pytest
from hypothesis import settings

import goldens
from fixtures import converted, model, model_path, scores, table  # noqa: F401

# The same inputs each time, as ./test promises; how long one takes is for the machine's load to say.
settings.register_profile("same", derandomize=True, database=None, deadline=None, max_examples=200)
settings.load_profile("same")


@pytest.fixture(scope="session")
def request_of():
    """A request of a golden case with many behaviours and candidates."""

    def find(case="deepctr-torch-softmax"):
        requests = [request for request, _ in goldens.golden_rows(case)]
        return max(requests, key=lambda request: len(str(request)))

    return find
