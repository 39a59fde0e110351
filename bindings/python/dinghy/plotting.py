"""Figures by matplotlib, which is imported when one is asked for."""

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy
from dinghy._engine import Model
from dinghy.conversion import Report
from dinghy.errors import InvalidArgumentError
from dinghy.explaining import Explanation
from dinghy.packages import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _axes(ax, figsize):
    if ax is not None:
        return ax
    require("a plot", "matplotlib")
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=figsize, layout="constrained")[1]


def plot_attention(
    explanation: Explanation, candidate: int | None = None, *, interest: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draws the weights of the behaviours behind a score as bars, the oldest on top.

    explanation: of `dinghy.explain_scores`. candidate: its number, the best one unless given. interest: the only one of
    the model unless given. ax: where to draw, a figure of its own unless given. Returns the axes. Raises
    InvalidArgumentError for a candidate or an interest that there is not, MissingPackageError without matplotlib.
    """
    interests, count = list(explanation.attention), len(explanation.scores)
    if interest is None and len(interests) == 1:
        interest = interests[0]
    if interest not in interests:
        raise InvalidArgumentError(f"say which interest: {', '.join(interests) or 'this model has none'}")
    if count == 0 or not 0 <= (candidate or 0) < count:
        raise InvalidArgumentError(f"there is no candidate {candidate or 0}: the explanation has {count}")
    candidate = explanation.best()[0] if candidate is None else candidate
    names, weights = explanation.behaviours[interest], explanation.attention[interest][candidate]
    ax = _axes(ax, (7, 1 + 0.25 * len(names)))
    ax.barh(range(len(names)), weights)
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set_xlabel("weight")
    ax.set_title(f"{explanation.candidates[candidate]}: score {explanation.scores[candidate]:.4f}")
    return ax


def plot_latency(
    models: Model | Mapping[str, Model],
    requests: Iterable[Mapping[str, Any]],
    *,
    repeats: int = 20,
    ax: "Axes | None" = None,
) -> "Axes":
    """Scores requests on one thread and draws which share of the calls took how long, a curve for each model.

    models: a Model, or several by the words for the legend: {"f32": exact, "i8": small}, or one file opened with
    several values of `isa`. requests: dicts for `Model.score`; those of real traffic give real times. repeats: calls of
    each request, after one that is not measured. ax: as in `plot_attention`. Returns the axes, whose legend has the
    median and the 99th percentile. A call includes what Python takes, one or two microseconds.
    """
    models = {models.isa: models} if isinstance(models, Model) else models
    requests = list(requests)
    if not requests or repeats < 1:
        raise InvalidArgumentError("there is nothing to measure: give requests, and repeats of 1 or more")
    ax = _axes(ax, (7, 4))
    for label, model in models.items():
        times = _times(model, requests, repeats)
        median, slow = numpy.percentile(times, (50, 99))
        share = numpy.arange(1, len(times) + 1) / len(times)
        ax.plot(numpy.sort(times), share, label=f"{label}: median {median:.1f} µs, 99 % within {slow:.1f} µs")
    ax.set_xscale("log")
    ax.set_xlabel("µs for a request")
    ax.set_ylabel("share of the requests")
    ax.legend()
    return ax


def _times(model, requests, repeats):
    """Microseconds of each call."""
    for request in requests:
        model.score(**request)
    times = []
    for _ in range(repeats):
        for request in requests:
            began = time.perf_counter_ns()
            model.score(**request)
            times.append(time.perf_counter_ns() - began)
    return numpy.array(times) / 1000


def plot_quantization(report: Report, *, ax: "Axes | None" = None) -> "Axes":
    """Draws how far smaller tables and an attention in integers move the scores: each alone, and all together.

    report: of `dinghy.convert` or `dinghy.export` with `eval` and one of `tables`, `budget` and `compute`. ax: as in
    `plot_attention`. Returns the axes, whose title has the AUC before and after where the rows have labels.
    """
    scores = report.scores
    if scores is None:
        raise InvalidArgumentError(
            "this report measured no scores; convert with eval=rows and tables, budget or compute"
        )
    attention = [scores["attention"]] if scores["attention"] else []
    changes = [*scores["each_table"], *attention, scores["all_tables"]]
    ax = _axes(ax, (7, 1.5 + 0.5 * len(changes)))
    places = numpy.arange(len(changes))
    ax.barh(places - 0.2, [change["max_distance"] for change in changes], 0.4, label="largest")
    ax.barh(places + 0.2, [change["mean_distance"] for change in changes], 0.4, label="mean")
    ax.set_yticks(places, [change["stored"] for change in changes])
    ax.invert_yaxis()
    ax.set_xlabel(f"change of a score, over {scores['candidates']} candidates")
    before, after = scores["f32"]["auc"], scores["all_tables"]["auc"]
    if before is not None:
        ax.set_title(f"AUC {before:.6f}, exact; {after:.6f}, as stored")
    ax.legend()
    return ax
