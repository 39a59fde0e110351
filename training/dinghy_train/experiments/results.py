"""Writes what was measured: a JSON file for each experiment, and RESULTS.md of those that there are."""

import dataclasses
import json
import pathlib

import numpy as np
from dinghy_train.errors import TrainingError
from dinghy_train.experiments.catalogue import EXPERIMENTS
from dinghy_train.experiments.experiment import Outcome
from dinghy_train.regularization import RegularizationSettings

LITERATURE = pathlib.Path(__file__).with_name("literature.md")


def save(outcome, commit, command, folder):
    """Keeps an outcome as FOLDER/NAME.json."""
    folder.mkdir(parents=True, exist_ok=True)
    record = {"commit": commit, "command": command, **dataclasses.asdict(outcome)}
    (folder / f"{outcome.experiment}.json").write_text(json.dumps(rounded(record), indent=1) + "\n", encoding="utf-8")


def rounded(value):
    """Numbers with six digits, which is more than they are worth."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return round(value, 6) if isinstance(value, float) else value


def load(path):
    """An outcome with its commit and command."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        commit, command = record.pop("commit"), record.pop("command")
        record["chosen"] = {name: RegularizationSettings(**chosen) for name, chosen in record["chosen"].items()}
        return Outcome(**record), commit, command
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingError(
            f"{path}: no record of an experiment ({error!r}); delete it and run the experiment"
        ) from error


def begun(path, commit, small):
    """The outcome that a record has, if it was made at this commit: an interrupted run goes on from it."""
    if not path.exists():
        return None
    outcome, of, _ = load(path)
    return outcome if of == commit and outcome.small == small and "changes" not in commit else None


def write(folder, path, experiments=EXPERIMENTS):
    """RESULTS.md out of the records in a folder."""
    records = {name: folder / f"{name}.json" for name in experiments}
    found = [(experiments[name], *load(record)) for name, record in records.items() if record.exists()]
    parts = [
        "# What was measured\n\nWritten by `dinghy-train experiment`; do not edit. Only what was run is here. The validation chose the epoch of each\n"
        "training and the regularization, never the test. Seconds are CPU time of one thread.\n",
        *(section(*what) for what in found),
        LITERATURE.read_text(encoding="utf-8"),
    ]
    path.write_text("\n".join(parts), encoding="utf-8")


def section(experiment, outcome, commit, command):
    seeds = ", ".join(map(str, outcome.seeds))
    lines = [f"## {experiment.title}", ""]
    lines += [
        f"`{command}` at commit {commit}; seeds {seeds}; {outcome.seconds:.0f} s, {outcome.searches} trainings to search",
        "",
    ]
    lines += [f"Data: {outcome.data}" + (", small form." if outcome.small else "."), *outcome.notes, ""]
    lines += [
        "| case | regularization | AUC | GAUC | best epoch | AUC after the last | s an epoch |",
        "|---|---|--:|--:|---|--:|--:|",
    ]
    lines += [case_row(outcome, name) for name in outcome.trainings]
    lines += ["", f"![test AUC by epoch](results/{experiment.name}.svg)"]
    if outcome.drawn:
        lines += drawings(outcome)
    lines += ["", "| claim | target | by seed | mean | |", "|---|---|---|--:|---|"]
    lines += [claim_row(claim, outcome) for claim in experiment.claims]
    return "\n".join([*lines, ""])


def summary(outcomes, experiments=EXPERIMENTS):
    """One line for a log."""
    held = [
        claim.holds(claim.numbers(outcome)) for outcome in outcomes for claim in experiments[outcome.experiment].claims
    ]
    seconds = sum(outcome.seconds for outcome in outcomes)
    return f"{sum(held)} of {len(held)} claims hold, {seconds:.0f} s"


def drawings(outcome):
    """The plots of one network, as the paper's figures 5 and 6."""
    return [
        "",
        f"{outcome.drawn}, seed {outcome.seeds[0]}: the weights of one user's behaviours for some candidates (figure 5), and all goods by",
        "the two main directions of their vectors, coloured by their score for that user (figure 6).",
        "",
        f"![attention of a user](results/{outcome.experiment}.attention.svg)",
        f"![goods in two dimensions](results/{outcome.experiment}.goods.svg)",
    ]


def case_row(outcome, name):
    runs = outcome.trainings[name]
    epochs = sorted({run["best"] + 1 for run in runs})
    seconds = np.mean([epoch["seconds"] for run in runs for epoch in run["epochs"]])
    last = np.mean([curve[-1] for curve in outcome.curve(name)])
    cells = [
        name,
        regularization_text(outcome.chosen[name]),
        spread(outcome.tested(name, "auc")),
        spread(outcome.tested(name, "gauc")),
        f"{epochs[0]}-{epochs[-1]}" if len(epochs) > 1 else f"{epochs[0]}",
        digits(last),
        f"{seconds:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def claim_row(claim, outcome):
    numbers = claim.numbers(outcome)
    each = ", ".join(f"{number:+.4f}" for number in numbers)
    holds = claim.holds(numbers)
    reason = "" if holds else claim.reason(outcome)
    verdict = ("holds" if holds else "**does not hold**") + (f": {reason}" if reason else "")
    return f"| {claim.text} | {claim.target()} | {each} | {np.mean(numbers):+.4f} | {verdict} |"


def regularization_text(chosen):
    value = next((f" {number:g}" for number in (chosen.strength, chosen.rate, chosen.size) if number), "")
    return f"{chosen.kind}{value}"


def spread(values):
    return digits(np.mean(values)) + (f" ± {digits(np.std(values, ddof=1))}" if len(values) > 1 else "")


def digits(value):
    return f"{value:.4f}".removeprefix("0")
