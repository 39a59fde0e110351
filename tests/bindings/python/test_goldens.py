"""Scores through Python are those of the original frameworks."""

import pytest

import dinghy
import goldens
import numpy as np

TOLERANCE = 1e-5  # that of the golden cases


@pytest.mark.parametrize("case", goldens.CHECKPOINTS)
def test_every_golden_case_scores_as_its_framework(converted, case):
    model = dinghy.open(converted(case))
    for request, row in goldens.golden_rows(case):
        scores, weights = model.score(**request, attention=True)
        assert scores.dtype == np.float32
        assert np.abs(scores - np.ravel(row["scores"])).max() <= TOLERANCE
        assert len(weights) == len(model.interests)
        expected = row.get("attention")
        if expected is None:
            continue
        for block, block_expected in zip(weights, [expected] if len(weights) == 1 else expected):
            kept = np.asarray(block_expected, np.float32)[:, -block.shape[1] :] if block.shape[1] else 0
            assert np.abs(block - kept).max(initial=0) <= TOLERANCE


@pytest.mark.parametrize("case", goldens.CHECKPOINTS)
def test_arrays_score_exactly_as_lists(converted, case):
    model = dinghy.open(converted(case))
    for request, _ in goldens.golden_rows(case):
        as_arrays = {
            part: {
                name: np.array(value, float if value == [] and feature.kind == "dense" else None)
                if not (feature.kind == "bag" or value == [])
                else value
                for name, value in values.items()
                for feature in model.features
                if feature.name == name
            }
            if part in ("history", "candidates")
            else values
            for part, values in request.items()
        }
        assert np.array_equal(model.score(**request), model.score(**as_arrays))


def test_a_user_scores_exactly_as_a_whole_request(converted):
    for case in ("deepctr-torch-softmax", "torch-rechub-shared", "fuxictr"):
        model = dinghy.open(converted(case))
        for request, _ in goldens.golden_rows(case):
            candidates = request.pop("candidates")
            user = model.user(**request)
            assert np.array_equal(user.score(candidates), model.score(**request, candidates=candidates))


def test_a_model_tests_and_verifies_itself(converted):
    for case in ("deepctr-torch-softmax", "recbole"):
        model = dinghy.open(converted(case))
        assert model.selftest() is None
        assert model.selftest(isa="reference") is None
        assert model.verify() is None
