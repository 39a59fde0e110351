#!/usr/bin/env python3
"""Draws what dinghy-memo-replay prints: percentiles of a request and the share of pairs that were found, by pages played.

usage: bench/memo/plot.py REPLAY.txt -o PLOT.svg [--title TEXT]     needs matplotlib
"""

import argparse
import re

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

COLUMNS = ("begin", "end", "without", "without50", "without99", "with", "with50", "with99", "ratio", "fastest", "found")
LINES = {
    "with50": ("with a memo, median", "tab:blue", "-"),
    "with99": ("with a memo, 99 %", "tab:blue", ":"),
    "without50": ("without, median", "tab:gray", "-"),
    "without99": ("without, 99 %", "tab:gray", ":"),
}


def rows_of(path):
    """The rows of the first round, as dicts."""
    rows = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not re.match(r"\s+\d+\s+\d+\s+\d", line):
                continue
            row = dict(zip(COLUMNS, map(float, line.split()), strict=True))
            if rows and row["begin"] < rows[-1]["end"]:
                break
            rows.append(row)
    if not rows:
        raise SystemExit(f"{path}: no row of dinghy-memo-replay")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("replay", metavar="REPLAY.txt")
    parser.add_argument("-o", "--output", required=True, metavar="PLOT.svg")
    parser.add_argument("--title", default="")
    given = parser.parse_args()
    rows = rows_of(given.replay)
    pages = [(row["begin"] + row["end"]) / 2 for row in rows]
    with matplotlib.rc_context({"svg.hashsalt": "dinghy"}):
        figure, (times, found) = plt.subplots(2, sharex=True, figsize=(8, 6), height_ratios=(3, 1))
        for column, (label, color, style) in LINES.items():
            times.plot(pages, [row[column] / 1000 for row in rows], style, color=color, label=label)
        times.set(ylabel="request, ms", title=given.title)
        times.set_ylim(bottom=0)
        times.legend()
        found.plot(pages, [100 * row["found"] for row in rows], color="tab:blue")
        found.set(xlabel="pages played", ylabel="pairs found, %", ylim=(0, 100))
        figure.savefig(given.output, bbox_inches="tight", metadata={"Date": None})


if __name__ == "__main__":
    main()
