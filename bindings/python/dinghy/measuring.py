"""What a model file holds, and how good its scores are, by the `dinghy` command."""

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from dinghy._engine import Model
from dinghy.command import run
from dinghy.errors import InvalidArgumentError
from dinghy.opening import open
from dinghy.rows import FilePath, Rows, rows_file

if TYPE_CHECKING:
    import pandas


class Described(dict):
    """A dict that prints as the command does."""

    def __init__(self, values, text):
        super().__init__(values)
        self.text = text

    def __repr__(self):
        return self.text.rstrip()


class Evaluation(dict):
    """A dict that prints its figures in a few lines."""

    def __repr__(self):
        def figure(value):
            return "undefined" if value is None else f"{value:.6f}"

        gauc = self["gauc"]
        users = f" ({gauc['users_counted']} of {gauc['users']} users by {gauc['user_feature']})" if gauc else ""
        calibration = self["calibration"]
        return (
            f"{self['requests']} requests, {self['impressions']} impressions, {self['clicked']} clicked, on {self['isa']}\n"
            f"AUC          {figure(self['auc'])}\n"
            f"GAUC         {figure(gauc and gauc['value'])}{users}\n"
            f"log loss     {figure(self['log_loss'])}\n"
            f"calibration  {figure(calibration['ratio'])} (mean score / mean label)"
        )


def _path_of(model):
    if not isinstance(model, Model):
        return os.fspath(model)
    if not model.path:
        raise InvalidArgumentError("this model was opened from memory; the command needs its file: pass a path")
    return model.path


def inspect(model: Model | FilePath) -> Described:
    """All that is in a model file: network, features, tables, sections, golden rows, origin.

    model: a path, or a Model that was opened by one. Returns a dict, what `dinghy inspect --json` prints, that shows
    itself as `dinghy inspect` does.
    """
    path = _path_of(model)
    return Described(json.loads(run("inspect", "--json", "--", path)), run("inspect", "--", path))


def evaluate(
    model: Model | FilePath,
    rows: "Rows | pandas.DataFrame",
    *,
    label: str = "label",
    history: str = "hist_{}",
    user_feature: str | None = None,
    isa: str | None = None,
) -> Evaluation:
    """Scores labelled requests and says how good the scores are: AUC, GAUC, log loss, calibration.

    model: a path, or a Model that was opened by one.
    rows: a DataFrame with one candidate a row, whose columns are called as the features, those of the history by the
        pattern `history`, with a list in each cell, and `label` with 0 or 1; or requests with "label", in an iterable
        of dicts or in a file with one JSON object a line.
    user_feature: the feature that tells users apart, for GAUC; without it user_id, user, or the only one.
    isa: the instruction set; without it that of the Model, else the best.

    Returns a dict: requests, impressions, clicked, auc, gauc (None where no feature tells users apart, else value,
    users, users_counted …), log_loss, calibration (ratio, bins), as `dinghy eval --json` prints them. Raises
    ConversionError.
    """
    path = _path_of(model)
    options = [f"--user-feature={user_feature}"] if user_feature else []
    isa = isa or (model.isa if isinstance(model, Model) else None)
    options += [f"--isa={isa}"] if isa else []
    with tempfile.TemporaryDirectory(prefix="dinghy-") as folder:
        if hasattr(rows, "columns"):
            shape = model if isinstance(model, Model) else open(path)
            rows = _requests(shape.features, rows, label, history)
        file = rows_file(rows, folder, "rows.jsonl")
        renamed = [(Path(folder) / "rows.jsonl", "rows")]
        text = run("eval", "--json", *options, f"--requests={file}", "--", path, renamed=renamed)
    return Evaluation(json.loads(text))


def _requests(features, frame, label, history):
    """A request for each row of a DataFrame."""
    part_of = {"user": "user", "context": "context", "candidate": "candidates"}
    columns = [(part_of[f.role], f.name, f.name) for f in features if f.role != "history"]
    columns += [("history", f.name, history.format(f.name)) for f in features if f.in_history]
    missing = [name for _, _, name in [*columns, ("", "", label)] if name not in frame.columns]
    if missing:
        raise InvalidArgumentError(f"the DataFrame has no column {', '.join(missing)}")
    cells = [frame[name].tolist() for _, _, name in columns]
    for row, (clicked, *values) in enumerate(zip(frame[label].tolist(), *cells)):
        if clicked not in (0, 1):
            raise InvalidArgumentError(f"row {row}: the label is {clicked!r}; it has to be 0 or 1")
        request = {"user": {}, "context": {}, "history": {}, "candidates": {}, "label": [int(clicked)]}
        for (part, feature, _), value in zip(columns, values):
            request[part][feature] = [value] if part == "candidates" else value
        yield request
