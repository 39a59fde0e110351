"""Train, convert, selftest, eval: the export of a network, proven equal to PyTorch before it is handed out."""

import json
import pathlib
import shutil
import subprocess

import numpy as np
import torch
from dinghy_train import metrics, recipe, requests
from dinghy_train.errors import TrainingError
from dinghy_train.trainer import EVALUATION_BATCH, scores

TOLERANCE = 1e-6  # of a score
SMALLER = ("i8", "i4")  # forms of the tables that are written beside the exact one
ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDS = (
    "docs/verified.tsv",
    "training/RESULTS.md",
    "training/results",
)  # a measurement writes them, and changes nothing


def find_dinghy(given=None):
    """The `dinghy` program: the one that was named, else on PATH, else in a build folder of this clone."""
    if given is not None:
        if shutil.which(given) is None:
            raise TrainingError(f"{given}: no program; give the path of `dinghy`")
        return str(given)
    built = [str(ROOT / "build" / preset / "converter" / "dinghy") for preset in ("release", "dev")]
    for name in ("dinghy", *built):
        if found := shutil.which(name):
            return found
    raise TrainingError(
        "found no `dinghy`: build it (cmake --preset dev && cmake --build --preset dev --target dinghy), or give --dinghy"
    )


def commit():
    """The commit of this package's clone, and whether it was changed since."""

    def git(*words):
        return subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, check=True).stdout.strip()

    try:
        others = [f":!{path}" for path in RECORDS]
        changed = git("status", "--porcelain", "-uno", "--", ".", *others)
        return git("rev-parse", "--short=12", "HEAD") + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown (not in a clone)"


def call(dinghy, *words):
    done = subprocess.run([dinghy, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise TrainingError(f"dinghy {words[0]} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def attention_of(network, samples):
    """Of each sample the weights of its behaviours where they are a softmax; raw ones have no scale to compare on."""
    if network.unit is None or not network.unit.softmax:
        return None
    network.eval()
    with torch.no_grad():
        weights = [network.attention(batch).double().numpy() for batch in samples.batches(EVALUATION_BATCH)]
    return np.split(np.concatenate(weights), np.cumsum(samples.stop - samples.start)[:-1])


class Export:
    """Writes the files of an export into `folder`, and the model to `output`."""

    def __init__(self, network, samples, origin, output, folder, dinghy):
        self.network, self.samples, self.output, self.dinghy = network, samples, pathlib.Path(output), dinghy
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.scores = scores(network, samples)
        self.checkpoint, self.recipe = self.folder / "checkpoint.pth", self.folder / "recipe.toml"
        self.golden, self.labelled = self.folder / "golden.jsonl", self.folder / "labelled.jsonl"
        torch.save(recipe.checkpoint_of(network), self.checkpoint)
        self.recipe.write_text(recipe.recipe_of(network, origin), encoding="utf-8")
        requests.write_golden(self.golden, samples, network.description, self.scores, attention_of(network, samples))
        requests.write_labelled(self.labelled, samples, network.description)

    def convert(self, output, *more):
        return call(
            self.dinghy, "convert", self.checkpoint, "--recipe", self.recipe, "--check", self.golden,
            "--tolerance", TOLERANCE, "-o", output, *more,
        )  # fmt: skip

    def exact(self):
        """Writes the model alone. The report, line by line; throws where the engine says otherwise than PyTorch."""
        yield self.convert(self.output).strip().splitlines()[-1]
        yield call(self.dinghy, "selftest", self.output).rstrip()
        yield from self.compare()

    def run(self):
        """Writes the model, and beside it those with smaller tables."""
        yield from self.exact()
        for form in SMALLER:
            smaller = self.output.with_suffix(f".{form}{self.output.suffix}")
            report = self.convert(smaller, "--tables", form, "--eval", self.labelled).splitlines()
            yield from [f"{smaller.name}: {smaller.stat().st_size} bytes", *report[table_begins(report) :]]

    def compare(self):
        isas = self.isas()
        worst = max(float(np.abs(self.scores_on(isa) - self.scores).max()) for isa in isas)
        measured = json.loads(call(self.dinghy, "eval", self.output, "--requests", self.labelled, "--json"))
        wanted = metrics.auc(self.scores, self.samples.label)
        got = np.nan if measured["auc"] is None else measured["auc"]
        if worst > TOLERANCE or not same_auc(wanted, got):
            raise TrainingError(
                f"{self.output}: PyTorch and the engine differ: scores by {worst:.1e}, AUC {wanted:.6f} and {got:.6f}"
            )
        yield (
            f"{len(self.scores)} scores of the test on {', '.join(isas)}: within {worst:.1e} of PyTorch's; AUC {got:.6f} in both"
        )

    def isas(self):
        """Those that run on this machine."""
        listed = json.loads(call(self.dinghy, "inspect", self.output, "--json"))["isas"]
        return [isa["name"] for isa in listed if isa["available"]]

    def scores_on(self, isa):
        out = self.folder / "scores.jsonl"
        call(self.dinghy, "score", self.output, "--requests", self.labelled, "--isa", isa, "-o", out)
        with open(out, encoding="utf-8") as file:
            return np.concatenate([json.loads(line)["scores"] for line in file])


def same_auc(here, there):
    """Whether two agree in six digits, the last of which may be rounded to either side; one class alone has none (nan)."""
    return bool(np.isclose(here, there, rtol=0, atol=1e-6, equal_nan=True))


def table_begins(report):
    """Where the lines about scores begin."""
    return next(i for i, line in enumerate(report) if line.startswith("scores of"))
