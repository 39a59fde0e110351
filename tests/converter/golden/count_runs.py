#!/usr/bin/env python3
"""Counts the runs from a bare checkpoint to an equal model, for every golden case, following only what the command says.

    count_runs.py DINGHY [CASE …]

A case's own recipe is what its user knows. Each run begins with the keys that the messages before have named, as
"[section] key", with the values that the recipe has for them; the first has none. Generic recipes describe a network
and are left out. Exits with 1 where a case takes more than two runs.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import tomllib

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "golden"
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


def main():
    command, wanted = sys.argv[1], sys.argv[2:]
    too_many = False
    for case, checkpoint, recipe in CASES:
        if wanted and case not in wanted:
            continue
        runs, message = runs_of(command, GOLDEN / case, checkpoint, recipe)
        print(f"{runs if runs else 'never'}  {case}/{checkpoint}", flush=True)
        if not runs or runs > MOST_RUNS:
            too_many = True
            print("   " + message.strip())
    return 1 if too_many else 0


def runs_of(command, folder, checkpoint, recipe):
    known = tomllib.loads((folder / recipe).read_text()) if recipe else {}
    known.pop("preset", None)
    said, message = {}, ""
    with tempfile.TemporaryDirectory() as scratch:
        for run in range(1, 9):
            path = pathlib.Path(scratch) / "recipe.toml"
            path.write_text(text_of(said))
            arguments = [command, "convert", folder / checkpoint, "--check", folder / golden_of(recipe)]
            arguments += ["--tolerance", "2e-6", "-o", path.with_name("m.dinghy")]
            result = subprocess.run(arguments + (["--recipe", path] if said else []), capture_output=True, text=True)
            if result.returncode == 0:
                return run, ""
            before, message = text_of(said), result.stderr
            take_named(message, known, said)
            if text_of(said) == before:
                return None, message
    return None, message


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
