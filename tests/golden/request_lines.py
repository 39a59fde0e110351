"""Requests as JSON lines, as `dinghy score` and `dinghy convert --check` read them."""

import json

import numpy as np

# Weights are compared to 1e-5; more decimals would only make the files larger.
ATTENTION_DECIMALS = 6


def float32(value):
    """The shortest decimal that reads back to the same float32."""
    return float(str(np.float32(value)))


def json_line(request, scores, attention):
    """One line: a request with the scores [N] and attention weights that its framework gave, [N][T] or a list of them."""
    answer = {"scores": [float32(score) for score in scores], "attention": rounded(attention)}
    return json.dumps({**request, **answer}, separators=(",", ":"))


def rounded(weights):
    if np.ndim(weights) > 0:
        return [rounded(part) for part in weights]
    return round(float(weights), ATTENTION_DECIMALS)


def write_golden_rows(path, requests, score):
    """Writes a line for each request; `score(request)` gives its scores and attention weights."""
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for request in requests:
            file.write(json_line(request, *score(request)) + "\n")
