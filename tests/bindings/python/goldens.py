"""The project's golden cases, as tests of Python use them: a checkpoint of each, its recipe, its requests."""

import json
from pathlib import Path

GOLDEN = Path(__file__).parents[3] / "tests" / "golden"

# The rest of a case's checkpoints are tests of the converter.
CHECKPOINTS = {
    "ai-recommendersystem": "din.ckpt.index",
    "averaged-model": "model.pth",
    "deepctr-raw-hash": "din.model.h5",
    "deepctr-softmax-bn": "din.weights.h5",
    "deepctr-torch-raw": "model.pth",
    "deepctr-torch-sigmoid-bn": "model.pth",
    "deepctr-torch-softmax": "model.pth",
    "fuxictr": "DIN.model",
    "fuxictr-content": "DIN.model",
    "fuxictr-specs": "DIN.model",
    "librecommender": "din_tf_variables.npz",
    "librecommender-dot": "din_tf_variables.npz",
    "librecommender-numbers": "din_tf_variables.npz",
    "nvidia-sim-dot": "",
    "nvidia-sim-unit": "",
    "packed-tables": "model.pth",
    "paddlerec-form": "rec_static.pdparams",
    "prediction-flow": "model.pt",
    "recbole": "DIN.pth",
    "rechorus-numbers-form": "model.pt",
    "reclearn": "din.ckpt.index",
    "reclearn-train": "din.ckpt.index",
    "seed-keras3": "din.keras",
    "seed-keras3-graph": "din.ckpt",
    "seed-npz": "din.npz",
    "sparrow-form": "din.model.h5",
    "torch-easyrec-form": "model.safetensors",
    "torch-rechub-shared": "model.pth",
    "torch-rechub-softmax": "model.pth",
    "unknown-code": "model.pth",
    "weight-norm": "model.pth",
    "widedeep": "model.pt",
    "xdl-form": "",
    "zhougr-form": "",
}

PARTS = ("user", "context", "history", "candidates")


def checkpoint(case):
    return GOLDEN / case / CHECKPOINTS[case]


def recipe(case):
    path = GOLDEN / case / "recipe.toml"
    return path if path.exists() else None


def golden_rows(case):
    """Pairs of a request, as Model.score takes it, and the whole row."""
    lines = (GOLDEN / case / "golden.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    return [({part: row[part] for part in PARTS if part in row}, row) for row in rows]
