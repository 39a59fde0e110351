"""Figures: what they draw, not how it looks."""

import importlib.util
import warnings

import matplotlib
import pytest

import dinghy
import goldens
import numpy as np

matplotlib.use("Agg")


@pytest.fixture
def explanation(model, request_of):
    return dinghy.explain_scores(model, **request_of())


def widths(ax):
    return [bar.get_width() for bar in ax.patches]


def test_attention_has_a_bar_for_each_behaviour(explanation):
    ((name, weights),) = explanation.attention.items()
    best = int(np.argmax(explanation.scores))
    assert widths(dinghy.plot_attention(explanation)) == weights[best].tolist()
    ax = dinghy.plot_attention(explanation, 0, interest=name)
    assert widths(ax) == weights[0].tolist()
    assert [label.get_text() for label in ax.get_yticklabels()] == explanation.behaviours[name]
    with pytest.raises(dinghy.InvalidArgumentError, match=f"no candidate 99: the explanation has {len(weights)}"):
        dinghy.plot_attention(explanation, 99)
    with pytest.raises(dinghy.InvalidArgumentError, match=f"which interest: {name}"):
        dinghy.plot_attention(explanation, interest="other")


def test_latency_has_a_curve_for_each_model(model, model_path, request_of):
    requests = [request for request, _ in goldens.golden_rows("deepctr-torch-softmax")][:5]
    ax = dinghy.plot_latency({"best": model, "plain": dinghy.open(model_path, isa="reference")}, requests, repeats=3)
    for line in ax.lines:
        times, share = line.get_data()
        assert len(times) == 15 and share[-1] == 1 and times[0] > 0 and np.all(np.diff(times) >= 0)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[0].startswith("best: median") and labels[1].startswith("plain: median")
    assert dinghy.plot_latency(model, requests, repeats=1, ax=ax) is ax
    with pytest.raises(dinghy.InvalidArgumentError, match="nothing to measure"):
        dinghy.plot_latency(model, [])


def test_quantization_has_bars_for_each_table_and_for_all(tmp_path):
    case = goldens.GOLDEN / "unknown-code"
    rows = [{**row, "label": [1] + [0] * (len(row["scores"]) - 1)} for _, row in goldens.golden_rows("unknown-code")]
    for row in rows:
        del row["scores"], row["attention"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dinghy.AssumptionWarning)
        plain = dinghy.convert(case / "model.pth", tmp_path / "p.dinghy", recipe=case / "recipe.toml")
        report = dinghy.convert(
            case / "model.pth", tmp_path / "m.dinghy", recipe=case / "recipe.toml", tables="i8", eval=rows
        )
    ax = dinghy.plot_quantization(report)
    changes = [*report.scores["each_table"], report.scores["all_tables"]]
    assert widths(ax) == [change[which] for which in ("max_distance", "mean_distance") for change in changes]
    assert f"{report.scores['f32']['auc']:.6f}, exact" in ax.get_title()
    with pytest.raises(dinghy.InvalidArgumentError, match="convert with eval=rows"):
        dinghy.plot_quantization(plain)


def test_a_plot_names_the_package_that_is_missing(monkeypatch, explanation):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(dinghy.MissingPackageError, match="matplotlib is not installed: pip install matplotlib"):
        dinghy.plot_attention(explanation)
