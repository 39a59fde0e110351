"""Which behaviours a score comes from: the attention of each candidate, with names."""

import html
from collections.abc import Mapping
from typing import Any

import numpy
from dinghy._engine import Model

SHOWN, BAR = 5, 30  # candidates and their behaviours in a terminal; characters of the longest bar


class Explanation:
    """Scores of candidates and the weights of the behaviours behind them. Prints as bars; `dinghy.plot_attention` draws it.

    scores: float32 [candidates]. candidates: their names.
    attention: a dict by interest: float32 [candidates, behaviours], the oldest first; 0 for behaviours that the model's
        longest history cuts off.
    behaviours: a dict by interest of the behaviours' names.
    """

    def __init__(self, scores, candidates, attention, behaviours):
        self.scores = scores
        self.candidates = candidates
        self.attention = attention
        self.behaviours = behaviours

    def best(self) -> list[int]:
        """The candidates' numbers, the highest score first."""
        return numpy.argsort(-self.scores, kind="stable").tolist()

    def _blocks(self):
        """For each of the best candidates its line, and the lines of its heaviest behaviours, with their bars."""
        for candidate in self.best()[:SHOWN]:
            lines = []
            for interest, attention in self.attention.items():
                weights, names = attention[candidate], self.behaviours[interest]
                longest = numpy.abs(attention).max(initial=0)
                if len(self.attention) > 1:
                    lines.append(f"  {interest}")
                for behaviour in numpy.argsort(-numpy.abs(weights), kind="stable")[:SHOWN]:
                    bar = "█" * round(BAR * abs(weights[behaviour]) / longest) if longest else ""
                    lines.append(f"  {weights[behaviour]:8.4f} {bar:{BAR}} {names[behaviour]}")
            yield f"{self.scores[candidate]:.4f}  {self.candidates[candidate]}", lines

    def __repr__(self):
        blocks = ["\n".join([head, *lines]) for head, lines in self._blocks()]
        left = len(self.scores) - SHOWN
        return "\n\n".join(blocks + ([f"… and {left} more candidates"] if left > 0 else []))

    def _repr_html_(self):
        return f"<pre>{html.escape(repr(self))}</pre>"


def explain_scores(
    model: Model,
    *,
    user: Mapping[str, Any] | None = None,
    history: Mapping[str, Any] | None = None,
    candidates: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    names: Mapping[str, Mapping[Any, str]] | None = None,
) -> Explanation:
    """Scores candidates and says which behaviours they come from.

    user, history, candidates, context: as in `Model.score`, which raises the errors.
    names: what to call ids, a dict (or a column of pandas) by feature: {"item": {79: "Marathon jacket"}}. Without it
        candidates and behaviours are called by their features and ids.

    Returns an Explanation. A weight says how much of a behaviour's vector goes into the interest of a candidate; of a
    model with a softmax the weights of a candidate add up to 1, of others they are what the activation unit gave.
    """
    history, candidates = _columns(history), _columns(candidates)
    scores, blocks = model.score(user=user, history=history, candidates=candidates, context=context, attention=True)
    behaviours, attention = {}, {}
    weights = dict(zip(model.interests, blocks))
    for described in model.histories:
        own = {name: history[name] for name in described.features if name in history}
        for interest in described.interests:
            behaviours[interest] = _names(own, names)
            attention[interest] = _aligned(weights[interest], len(behaviours[interest]), described.keep)
    return Explanation(scores, _names(candidates, names), attention, behaviours)


def _columns(part):
    """A part of a request whose columns can be read twice."""
    columns = dict(part.items()) if part is not None else {}
    return {name: values if hasattr(values, "__len__") else list(values) for name, values in columns.items()}


def _aligned(weights, behaviours, keep):
    """Weights of the kept behaviours as those of all."""
    aligned = numpy.zeros((len(weights), behaviours), numpy.float32)
    kept = weights.shape[1]
    first = behaviours - kept if keep == "last" else 0
    aligned[:, first : first + kept] = weights
    return aligned


def _names(columns, names):
    """Of each row: the names of its ids where there are any, else features with their ids."""
    named = [name for name in columns if name in (names or {})]
    texts = [[_text(name, value, names) for value in columns[name]] for name in named or columns]
    return [", ".join(row) for row in zip(*texts)]


def _text(feature, value, names):
    value = value.tolist() if hasattr(value, "tolist") else value
    known = (names or {}).get(feature)
    text = None if known is None else known.get(value)
    return f"{feature} {value}" if text is None else str(text)
