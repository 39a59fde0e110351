#!/usr/bin/env python3
"""Draws what a scored request says: the candidates by score, and which behaviours each drew its attention from.

usage: dinghy score demo.dinghy --requests request.jsonl --attention | show_attention.py request.jsonl items.tsv
"""

import json
import sys

STRONGEST = 3  # behaviours shown for each candidate
BAR = 30  # characters of a weight of 1


def main(request_path, items_path):
    sys.stdout.reconfigure(encoding="utf-8")  # the bars, also where the locale is C
    with open(items_path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1:]
    items = {int(item): f"{name} ({category})" for item, name, _, category in rows}

    with open(request_path, encoding="utf-8") as file:
        request = json.loads(file.readline())
    history = request["history"]["item"]
    answer = json.loads(sys.stdin.readline())

    print(f"{len(history)} behaviours, oldest first: " + ", ".join(items[item] for item in history))
    ranking = sorted(zip(answer["scores"], request["candidates"]["item"], answer["attention"]), reverse=True)
    for score, item, weights in ranking:
        print(f"\n{score:.4f}  {items[item]}")
        strongest = sorted(range(len(history)), key=lambda t: -weights[t])[:STRONGEST]
        for t in strongest:
            bar = "█" * max(1, round(weights[t] * BAR))
            print(f"        {weights[t]:6.1%} {bar:<{BAR}} {items[history[t]]}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
