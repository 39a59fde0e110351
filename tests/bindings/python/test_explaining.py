"""explain_scores: which behaviours a score comes from."""

import pandas as pd
import pytest

import dinghy
import goldens
import numpy as np


@pytest.mark.parametrize("case", goldens.CHECKPOINTS)
def test_weights_are_those_of_the_framework_one_for_each_behaviour(converted, case):
    model = dinghy.open(converted(case))
    for request, row in goldens.golden_rows(case):
        explanation = dinghy.explain_scores(model, **request)
        assert np.array_equal(explanation.scores, model.score(**request))
        assert list(explanation.attention) == model.interests
        expected = row.get("attention", [])
        blocks = [expected] if len(model.interests) == 1 else expected
        for weights, names, block in zip(explanation.attention.values(), explanation.behaviours.values(), blocks):
            assert weights.shape == (len(explanation.scores), len(names))
            assert np.abs(weights - np.reshape(block, weights.shape)).max(initial=0) <= 1e-5


def test_behaviours_that_are_cut_off_have_no_weight(model, request_of):
    request = request_of()
    most = model.histories[0].max_length
    assert most > 0 and model.histories[0].keep == "last"
    long = {name: np.resize(ids, most + 7) for name, ids in request["history"].items()}
    (weights,) = dinghy.explain_scores(model, **{**request, "history": long}).attention.values()
    _, (kept,) = model.score(**{**request, "history": long}, attention=True)
    assert kept.shape[1] == most and weights.shape[1] == most + 7
    assert np.array_equal(weights[:, 7:], kept) and not weights[:, :7].any()


def test_ids_have_names_where_names_are_given(model, request_of):
    request = request_of()
    item, category = (request["history"][name][0] for name in ("item", "category"))
    ((plain, *_),) = dinghy.explain_scores(model, **request).behaviours.values()
    assert plain == f"item {item}, category {category}"
    for titles in ({item: "Marathon jacket"}, pd.Series({item: "Marathon jacket"})):
        explanation = dinghy.explain_scores(model, **request, names={"item": titles})
        ((first, *_),) = explanation.behaviours.values()
        assert first == "Marathon jacket"
        assert explanation.candidates[0] in ("Marathon jacket", f"item {request['candidates']['item'][0]}")


def test_an_explanation_prints_the_best_candidates_with_bars(model, request_of):
    request = request_of()
    explanation = dinghy.explain_scores(model, **request)
    first = repr(explanation).splitlines()[0]
    best = int(np.argmax(explanation.scores))
    assert first == f"{explanation.scores[best]:.4f}  {explanation.candidates[best]}"
    assert "█" in repr(explanation)
    assert repr(explanation).endswith(f"… and {len(explanation.scores) - 5} more candidates")
    assert explanation._repr_html_().startswith("<pre>")


def test_columns_may_be_iterators_and_histories_empty(model, request_of):
    request = request_of()
    once = {part: {name: iter(ids) for name, ids in request[part].items()} for part in ("history", "candidates")}
    explanation = dinghy.explain_scores(model, **{**request, **once})
    assert repr(explanation) == repr(dinghy.explain_scores(model, **request))
    empty = {**request, "history": {name: [] for name in request["history"]}}
    (weights,) = dinghy.explain_scores(model, **empty).attention.values()
    assert weights.shape == (len(explanation.scores), 0)
