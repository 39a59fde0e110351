"""Labelled rows as requests: python3 eval_lines.py FOLDER [FEATURE ...] > labelled.jsonl

FOLDER/make_eval_rows.py makes the rows, out of data that lies beside the repository; the features that the model knows
are user, item and category unless given.
"""

import importlib.util
import json
import pathlib
import sys


def rows_of(folder):
    spec = importlib.util.spec_from_file_location("make_eval_rows", pathlib.Path(folder) / "make_eval_rows.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make()


def main(folder, features):
    rows = rows_of(folder)
    columns = {name: column.tolist() for name, column in rows.items()}
    items = [name for name in ("item", "category") if name in features]
    for row, length in enumerate(columns["length"]):
        line = {
            "user": {"user": columns["user"][row]} if "user" in features else {},
            "history": {
                name: columns["history_items" if name == "item" else "history_categories"][row][:length]
                for name in items
            },
            "candidates": {name: [columns[name][row]] for name in items},
            "label": columns["label"][row],
        }
        print(json.dumps(line, separators=(",", ":")))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:] or ["user", "item", "category"])
