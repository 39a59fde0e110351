#!/usr/bin/env python3
"""Counts the runs from a bare checkpoint to an equal model, for every golden case, following only what the command says.

    count_runs.py DINGHY [--trained] [CASE …]     --trained: of the checkpoints in ../shared/data/golden

A case's own recipe, for trained ones that of tests/recipes, is what its user knows. Each run begins with the keys that
the messages before have named, as "[section] key", with the values that the recipe has for them; the first has none.
Users give their package's names and ids, so [rename] and [ids] are left out. Generic recipes, which describe a network,
and networks that need a calibration are not counted. Exits with 1 where a case takes more than two runs.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec

import tomllib
import trained_lines

TESTS = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = TESTS / "golden"
TRAINED = TESTS.parent.parent / "shared/data/golden"
MOST_RUNS = 2
CASES = [
    ("ai-recommendersystem", "din.ckpt.index", "recipe.toml"),
    ("ai-recommendersystem", "din.weights.h5", "recipe.toml"),
    ("averaged-model", "model.pth", "recipe.toml"),
    ("deepctr-raw-hash", "din.model.h5", None),
    ("deepctr-softmax-bn", "din.weights.h5", None),
    ("deepctr-torch-raw", "model.dynamo.onnx", "recipe.onnx.toml"),
    ("deepctr-torch-raw", "model.pth", "recipe.toml"),
    ("deepctr-torch-raw", "model.torchscript.onnx", "recipe.onnx.toml"),
    ("deepctr-torch-sigmoid-bn", "model.pth", "recipe.toml"),
    ("deepctr-torch-sigmoid-bn", "model.torchscript.onnx", "recipe.onnx.toml"),
    ("deepctr-torch-softmax", "model.pth", "recipe.toml"),
    ("deepctr-torch-softmax", "model.whole.pth", None),
    ("fuxictr", "DIN.model", None),
    ("fuxictr-content", "DIN.model", None),
    ("fuxictr-specs", "DIN.model", None),
    ("librecommender", "din_tf_variables.npz", None),
    ("librecommender-dot", "din_tf_variables.npz", None),
    ("librecommender-numbers", "din_tf_variables.npz", None),
    ("lightning-ema", "model.ckpt", "recipe.average.toml"),
    ("lightning-ema", "model.ckpt", "recipe.last.toml"),
    ("nvidia-sim-dot", "", None),
    ("nvidia-sim-unit", "", None),
    ("paddlerec-form", "rec_static.pdparams", None),
    ("prediction-flow", "model.pt", "recipe.toml"),
    ("recbole", "DIN.pth", None),
    ("rechorus-form", "model.pt", "../../recipes/rechorus-names.toml"),
    ("rechorus-numbers-form", "model.pt", "recipe.toml"),
    ("reclearn", "din.ckpt.index", "recipe.toml"),
    ("reclearn", "din_weights.h5", "recipe.toml"),
    ("reclearn-train", "din.ckpt.index", "recipe.toml"),
    ("reclearn-train", "din.weights.h5", "recipe.toml"),
    ("seed-keras3", "din.keras", None),
    ("seed-keras3-graph", "din.ckpt.index", "recipe.toml"),
    ("seed-npz", "din.npz", "recipe.toml"),
    ("sparrow-form", "din.model.h5", None),
    ("torch-easyrec-form", "model.ckpt-500", None),
    ("torch-easyrec-form", "model.safetensors", None),
    ("torch-rechub-shared", "model.pth", "recipe.toml"),
    ("torch-rechub-softmax", "model.pth", "recipe.toml"),
    ("weight-norm", "model.pth", "recipe.toml"),
    ("widedeep", "model.pt", "recipe.toml"),
    ("widedeep", "model.whole.pt", "recipe.toml"),
    ("xdl-form", "", None),
    ("zhougr-form", "", None),
]

TRAINED_CASES = [
    ("deepctr-raw", "din.model.h5", None),
    ("deepctr-raw", "din_weights.h5", "deepctr-weights.toml"),
    ("deepctr-raw", "saved_model", None),
    ("deepctr-raw", "tf_checkpoint", "deepctr-weights.toml"),
    ("deepctr-softmax", "din.keras", None),
    ("deepctr-torch-raw", "model.pth", "deepctr-torch-raw.toml"),
    ("deepctr-torch-sigmoid", "model.pth", "deepctr-torch-sigmoid.toml"),
    ("deepctr-torch-softmax", "model.legacy.pth", "deepctr-torch-softmax.toml"),
    ("deepctr-torch-softmax", "model.pth", "deepctr-torch-softmax.toml"),
    ("deepctr-torch-softmax", "model.whole.pth", None),
    ("fuxictr-raw", "DIN.model", None),
    ("fuxictr-softmax-two-groups", "DIN.model", "fuxictr-softmax-two-groups.toml"),
    ("librecommender-din", "din_tf_variables.npz", None),
    ("onnx-deepctr-torch-softmax", "din.dynamo.onnx", None),
    ("onnx-deepctr-torch-softmax", "din.torchscript.onnx", None),
    ("paddlerec-static", "rec_static.pdparams", None),
    ("recbole-din", "DIN.pth", None),
    ("rechorus-din", "model.pt", "rechorus-names.toml"),
    ("seed-keras3", "din.weights.h5", None),
    ("seed-small", "din.model.h5", None),
    ("seed-small", "din.npz", None),
    ("seed-small", "din.safetensors", None),
    ("seed-small", "tf_checkpoint", None),
    ("torch-rechub-raw", "model.pth", "torch-rechub-raw.toml"),
    ("torch-rechub-softmax-pre", "model.pth", "torch-rechub-softmax-pre.toml"),
    ("widedeep-din", "model.pt", "widedeep-din.toml"),
    ("zhougr-din", "save_path", "zhougr-din.toml"),
    ("zhougr-din-dice", "save_path/ckpt.index", "zhougr-din.toml"),
]


def main():
    command, wanted = sys.argv[1], sys.argv[2:]
    trained = "--trained" in wanted
    absent = f"{TRAINED} is not there" if not TRAINED.exists() else "" if find_spec("numpy") else "there is no NumPy"
    if trained and absent:
        print(f"{absent}: no trained checkpoint is counted")
        return 0
    wanted = [case for case in wanted if case != "--trained"]
    too_many = False
    for case, checkpoint, recipe in TRAINED_CASES if trained else CASES:
        if wanted and case not in wanted:
            continue
        folder = (TRAINED if trained else GOLDEN) / case
        path = (TESTS / "recipes" if trained else folder) / recipe if recipe else None
        known = tomllib.loads(path.read_text()) if path else {}
        known.pop("preset", None)
        with tempfile.TemporaryDirectory() as scratch:
            golden = folder / golden_of(recipe)
            if trained:
                golden = write_lines(command, folder, checkpoint, known, pathlib.Path(scratch))
            runs, message = runs_of(command, folder / checkpoint, golden, known, pathlib.Path(scratch))
        print(f"{runs if runs else 'never'}  {case}/{checkpoint}", flush=True)
        if not runs or runs > MOST_RUNS:
            too_many = True
            print("   " + message.strip())
    return 1 if too_many else 0


def convert(command, checkpoint, recipe, scratch, options=()):
    path = scratch / "recipe.toml"
    path.write_text(text_of(recipe))
    arguments = [command, "convert", checkpoint, *options, "-o", scratch / "m.dinghy"]
    return subprocess.run(arguments + (["--recipe", path] if recipe else []), capture_output=True, text=True)


def runs_of(command, checkpoint, golden, known, scratch):
    said, message = {}, ""
    for run in range(1, 9):
        result = convert(command, checkpoint, said, scratch, ["--check", golden, "--tolerance", "2e-6"])
        if result.returncode == 0:
            return run, ""
        before, message = text_of(said), result.stderr
        take_named(message, known, said)
        if text_of(said) == before:
            return None, message
    return None, message


def write_lines(command, folder, checkpoint, known, scratch):
    """The golden rows of a trained case, for the features of the model that all of what its user knows makes."""
    rename = known.pop("rename", {})
    first_ids = {feature: ids["first"] for feature, ids in known.pop("ids", {}).items()}
    result = convert(command, folder / checkpoint, known, scratch)
    if result.returncode != 0:
        raise SystemExit(f"{folder.name}/{checkpoint} does not convert: {result.stderr}")
    inspected = subprocess.run([command, "inspect", "--json", scratch / "m.dinghy"], capture_output=True, check=True)
    features = {one["name"]: one["in_history"] for one in json.loads(inspected.stdout)["features"]}
    path = scratch / "golden.jsonl"
    path.write_text(trained_lines.golden_lines(folder, features, rename, first_ids))
    return path


def golden_of(recipe):
    """recipe.average.toml goes with golden.average.jsonl."""
    variant = recipe.split(".")[1:-1] if recipe and recipe.startswith("recipe.") else []
    return ".".join(["golden", *(word for word in variant if word != "onnx"), "jsonl"])


def take_named(message, known, said):
    """Takes from what is known the keys that the message names, and whole sections that it names without a key."""
    if "weights" in known and re.search(r"\bweights =", message):
        said["weights"] = known["weights"]
    for section, words in re.findall(r"\[(\w+)\]((?: \w+\b,?)*)", message):
        keys = set(re.findall(r"\w+", words)) & KEYS.get(section, set())
        for name, value in known.get(section, {}).items():
            if name in keys or not keys:
                said.setdefault(section, {})[name] = value


KEYS = {
    "inputs": {"user", "context", "candidate", "history", "dense", "order"},
    "attention": {"softmax", "scale", "activation"},
    "tower": {"activation"},
    "epsilon": {"dice", "batch_norm"},
    "head": {"link"},
    "history": {"max_length", "keep", "empty", "pad_row", "mask", "pad_side"},
}


def text_of(recipe):
    """TOML of sections with texts, numbers, truths and lists of texts, behind the one key outside of them."""
    lines = [f"weights = {value_text(recipe['weights'])}"] if "weights" in recipe else []
    for section, keys in recipe.items():
        if section == "weights":
            continue
        lines.append(f"[{section}]")
        lines += [f"{name} = {value_text(value)}" for name, value in keys.items()]
    return "\n".join(lines) + "\n"


def value_text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(value_text(one) for one in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


sys.exit(main())
