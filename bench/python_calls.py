"""What a call from Python takes: python bench/python_calls.py shop.dinghy request.jsonl

The model and the first request of a file in the form of `dinghy score`. An empty request (no behaviour, no candidate)
is what the call itself costs: arguments by name, their checks, the result, and the engine's part that is there in any
case. Each figure is the fastest of many batches of 100 calls, in microseconds.
"""

import json
import sys
import timeit

import dinghy
import numpy as np

PARTS = ("user", "context", "history", "candidates")


def microseconds(call, number=100, repeat=2000):
    return min(timeit.repeat(call, number=number, repeat=repeat)) / number * 1e6


def of_length(request, behaviours, candidates, convert):
    """The request with so many rows in its history and candidates."""
    rows = {"history": behaviours, "candidates": candidates}
    return {
        part: {name: convert(np.resize(value, rows[part])) for name, value in request[part].items()}
        if part in rows
        else request[part]
        for part in request
    }


def main(model_path, requests_path):
    model = dinghy.open(model_path)
    with open(requests_path) as lines:
        first = json.loads(next(lines))
    first = {part: first[part] for part in PARTS if part in first}
    print(f"{model}, NumPy {np.__version__}, Python {sys.version.split()[0]}")
    for behaviours, candidates in ((0, 0), (50, 1), (50, 10), (50, 100)):
        for kind, convert in (("arrays", np.asarray), ("lists", np.ndarray.tolist)):
            request = of_length(first, behaviours, candidates, convert)
            time = microseconds(lambda: model.score(**request), repeat=2000 if candidates < 100 else 100)  # noqa: B023
            print(f"{behaviours:3} behaviours, {candidates:3} candidates, {kind:6} {time:9.2f} us")


if __name__ == "__main__":
    main(*sys.argv[1:])
