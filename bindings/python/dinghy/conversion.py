"""Conversion of checkpoints, by the `dinghy` command."""

import html
import json
import tempfile
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dinghy.command import run
from dinghy.errors import AssumptionWarning
from dinghy.rows import FilePath, Rows, is_path, recipe_file, rows_file

ROWS = frozenset({"check", "calibrate", "eval"})  # options that are requests


class Choice(NamedTuple):
    """What the converter settled, and how sure it is."""

    what: str
    how: str
    certainty: str  # "checkpoint", "companion", "recipe", "code" (always so in this package's code) or "assumed"
    why: str
    recipe: str | None  # the line of a recipe that says it; None where no recipe can


class Report:
    """What a conversion found out. Prints as the command's report; notebooks show tables.

    path: the model file. checkpoint, format, preset, package: what it was made of.
    choices: a list of Choice. assumed: those that nothing says.
    inputs: what the inputs of a graph (ONNX) became, a list of dicts (docs/command-line.md); empty for other checkpoints.
    tensors: a dict: "used", a number, and "ignored", a list of {"name", "reason"}.
    bytes: a dict of the file's size and its parts.
    checks: for each instruction set how far scores and attention weights are from `check`.
    tables, scores: what `tables`, `budget`, `compute` and `eval` cost; scores is None without `eval`.
    text: the report for a terminal.
    """

    def __init__(self, path: Path, text: str, report: dict[str, Any]):
        self.path = path
        self.text = text
        self.checkpoint = report["checkpoint"]
        self.format = report["format"]
        self.preset = report["preset"]
        self.package = report["package"]
        self.choices = [Choice(**choice) for choice in report["choices"]]
        self.inputs = report["inputs"]
        self.tensors = report["tensors"]
        self.bytes = report["bytes"]
        self.checks = report["checks"]
        self.tables = report["tables"]
        self.scores = report.get("scores")

    @property
    def assumed(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.certainty == "assumed"]

    def __repr__(self):
        return self.text.rstrip()

    def _repr_html_(self):
        settled, _, rest = self.text.partition("tensors:")
        head = html.escape("\n".join(settled.splitlines()[:2]))
        rows = "".join(map(_html_row, self.choices))
        return (
            f"<pre>{head}</pre><table><tr><th>what</th><th>how</th><th>why</th><th>in a recipe</th></tr>{rows}</table>"
            f"<pre>{html.escape('tensors:' + rest)}</pre>"
        )


def _html_row(choice):
    style = ' style="font-weight: bold"' if choice.certainty == "assumed" else ""
    cells = (choice.what, choice.how, choice.why, choice.recipe or "")
    return f"<tr{style}>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"


def convert(
    checkpoint: FilePath,
    output: FilePath,
    *,
    recipe: FilePath | Mapping[str, Any] | None = None,
    check: Rows | None = None,
    tolerance: float | None = None,
    companions: FilePath | Iterable[FilePath] = (),
    calibrate: Rows | None = None,
    tables: str | None = None,
    budget: str | None = None,
    compute: str | None = None,
    eval: Rows | None = None,
    max_auc_loss: float | None = None,
    user_feature: str | None = None,
    remote: Iterable[str] = (),
    local: Mapping[str, FilePath] | None = None,
    whole: FilePath | None = None,
    name: str | None = None,
    model_version: str | None = None,
) -> Report:
    """Converts a trained checkpoint to a .dinghy file, as `dinghy convert` does (docs/command-line.md).

    checkpoint: a file or folder, told by its content.
    output: the path of the file to write; nothing is left there when anything fails.
    recipe: what the checkpoint does not say about itself: the path of a TOML file, or a dict of the same keys.
    check: requests with the "scores" (and "attention") of the original framework, to compare with and to keep in the
        file as golden rows: the path of a file with one JSON object a line, or an iterable of dicts, whose values may
        be arrays. tolerance: how far a probability may be off, 1e-5 unless given.
    companions: files that the package wrote beside the checkpoint; those with usual names are found there.
    calibrate: requests whose statistics stand for those of the batch, for networks that need them; as `check`.
    tables, budget, compute: how to store tables ("i8", "user=f16,item=i8"), the size to keep ("20MB"), the attention's
        arithmetic ("int8", "int16", "auto").
    eval, max_auc_loss, user_feature: requests to measure the loss on, as `check` with "label"; a limit; GAUC's feature.
    remote, local, whole: features whose rows come with the calls, so that the output is a device's model; for each of
        them a file of ids, one a line, whose rows it has all the same; where the model with all rows goes
        (docs/split.md).
    name: the model's name; the output's unless given. model_version: which training of it this is, for `Model.version`.

    Returns a Report. Warns of each choice that was assumed (AssumptionWarning), and raises ConversionError with the
    line that the command prints: what is wrong, where, what to do.
    """
    report = converted(
        checkpoint,
        output,
        companions=companions,
        recipe=recipe,
        check=check,
        tolerance=tolerance,
        calibrate=calibrate,
        tables=tables,
        budget=budget,
        compute=compute,
        eval=eval,
        max_auc_loss=max_auc_loss,
        user_feature=user_feature,
        remote=remote,
        local=[f"{feature}={Path(path)}" for feature, path in (local or {}).items()],
        whole=whole,
        name=name,
        model_version=model_version,
    )
    warn_of_assumptions(report, stacklevel=3)
    return report


def converted(checkpoint, output, *, companions=(), remote=(), local=(), **options):
    """What convert() does with its arguments, without warnings."""
    with tempfile.TemporaryDirectory(prefix="dinghy-") as folder:
        given = {key: value for key, value in options.items() if value is not None}
        renamed = [(Path(folder) / "recipe.toml", "recipe")]
        for key in ROWS & given.keys():
            renamed.append((Path(folder) / f"{key}.jsonl", key))
            given[key] = rows_file(given[key], folder, f"{key}.jsonl")
        if "recipe" in given:
            given["recipe"] = recipe_file(given["recipe"], folder)
        words = [f"--{key.replace('_', '-')}={value}" for key, value in given.items()]
        words += [f"--companion={path}" for path in ([companions] if is_path(companions) else companions)]
        words += [f"--remote={feature}" for feature in remote] + [f"--local={option}" for option in local]
        report_path = Path(folder) / "report.json"
        text = run(
            "convert", *words, f"--report={report_path}", f"--output={output}", "--", checkpoint, renamed=renamed
        )
        return Report(Path(output), text, json.loads(report_path.read_text(encoding="utf-8")))


def warn_of_assumptions(report, stacklevel):
    for choice in report.assumed:
        say = f"; a recipe says it by {choice.recipe}" if choice.recipe else ""
        text = f"{choice.what}: {choice.how} (assumed, nothing says so){say}"
        warnings.warn(text, AssumptionWarning, stacklevel=stacklevel)
