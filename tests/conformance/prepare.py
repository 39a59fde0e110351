#!/usr/bin/env python3
"""Fills a folder with what a binding is tested on: models/*.dinghy and cases/*.json (README.md has their format).

usage: prepare.py --dinghy COMMAND FOLDER     the command converts
"""

import argparse
import json
import pathlib
import shutil
import struct
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"

HEADER = struct.Struct("<8sIIQQQ24x")  # schema/FORMAT.md
PAGE = 4096


def models_described():
    return json.loads((HERE / "models.json").read_text())


def case_files():
    """The names of the files of cases that a folder gets."""
    written = [path.name for path in (HERE / "cases").iterdir()]
    goldens = [f"golden-{name}.json" for name, model in models_described().items() if name == model["golden"]]
    return sorted(written + goldens)


def convert(command, description, path):
    """Converts a checkpoint of a golden case, checked by its golden rows where the description does not say otherwise."""
    case = GOLDEN / description["golden"]
    arguments = [command, "convert", case / description["checkpoint"], "-o", path, *description.get("options", [])]
    if description.get("check", True):
        arguments += ["--check", case / "golden.jsonl"]
    with tempfile.TemporaryDirectory() as folder:
        recipe = case / "recipe.toml"
        if "behind" in description:
            text = recipe.read_text()
            for line, addition in description["behind"].items():
                text = text.replace(line, f"{line}\n{addition}")
            recipe = pathlib.Path(folder) / "recipe.toml"
            recipe.write_text(text)
        if recipe.exists():
            arguments += ["--recipe", recipe]
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def damaged(whole):
    """Copies of a model's bytes that a disk, a transfer or an older engine would meet, by name."""
    metadata_size = HEADER.unpack_from(whole)[3]

    def changed(at, change):
        copy = bytearray(whole)
        copy[at] = change(copy[at])
        return bytes(copy)

    # The sign of each weight in the first page of the dense segment, which follows the metadata; zeros are padding.
    weights = bytearray(whole)
    begin = -(-(HEADER.size + metadata_size) // PAGE) * PAGE
    for at in range(begin, begin + PAGE, 4):
        if any(weights[at : at + 4]):
            weights[at + 3] ^= 0x80

    return {
        "damaged-empty": b"",
        "damaged-header": whole[: HEADER.size - 1],
        "damaged-cut": whole[: len(whole) // 2],
        "damaged-longer": whole + bytes(64),
        "damaged-magic": changed(0, lambda byte: byte ^ 1),
        "damaged-metadata": changed(HEADER.size + metadata_size // 2, lambda byte: byte ^ 1),
        "damaged-last-byte": changed(len(whole) - 1, lambda byte: byte ^ 1),
        "damaged-weights": bytes(weights),
        "newer-format": changed(8, lambda _: 2),
    }


def golden_cases(model, rows):
    """Cases with the requests of a golden case: as they are, and with the last behaviour appended."""
    rows = [row for row in rows if row["scores"]]
    opened = [
        {"call": "open", "model": model},
        {
            "call": "create",
            "max_candidates": max(len(row["scores"]) for row in rows),
            "max_history": max(length(row) for row in rows) + 1,
        },
    ]
    whole, appended = list(opened), list(opened)
    for row in rows:
        whole += [set_step(row, row["history"]), {"call": "score", **page(row), **results(row)}]
        if length(row) < 2:
            continue
        earlier = {name: values[:-1] for name, values in row["history"].items()}
        last = {name: values[-1:] for name, values in row["history"].items()}
        appended += [
            set_step(row, earlier),
            {"call": "score", **page(row)},
            {"call": "append", "history": last},
            {"call": "rescore", **results(row)},
        ]
    return [
        {"name": "scores and attention are those of the framework", "steps": whole},
        {"name": "one behaviour later a page scored again has the framework's scores", "steps": appended},
    ]


def length(row):
    return max(map(len, row["history"].values()))


def set_step(row, history):
    step = {"call": "set", "user": row.get("user", {}), "history": history}
    return step | ({"context": row["context"]} if "context" in row else {})


def page(row):
    return {"candidates": row["candidates"]}


def results(row):
    """Attention always as [interest][candidate][behaviour]."""
    if "attention" not in row:
        return {"scores": row["scores"]}
    attention = row["attention"]
    deep = any(isinstance(weights, list) and any(isinstance(w, list) for w in weights) for weights in attention)
    return {"scores": row["scores"], "attention": attention if deep else [attention]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dinghy", required=True)
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    shutil.rmtree(arguments.folder, ignore_errors=True)
    models, cases = arguments.folder / "models", arguments.folder / "cases"
    models.mkdir(parents=True)
    shutil.copytree(HERE / "cases", cases)
    for name, description in models_described().items():
        convert(arguments.dinghy, description, models / f"{name}.dinghy")
        if name == description["golden"]:
            lines = (GOLDEN / name / "golden.jsonl").read_text().splitlines()
            generated = {"cases": golden_cases(name, [json.loads(line) for line in lines])}
            (cases / f"golden-{name}.json").write_text(json.dumps(generated))
    for name, content in damaged((models / "deepctr-torch-softmax.dinghy").read_bytes()).items():
        (models / f"{name}.dinghy").write_bytes(content)


if __name__ == "__main__":
    main()
