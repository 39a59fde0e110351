"""Samples as the requests that `dinghy` reads: samples of one user with one history are the candidates of one request."""

import json

import numpy as np

PLACES = {"user": "user", "context": "context", "candidate": "candidates"}


def pages(samples, shared, largest=100):
    """Runs of samples that follow each other and differ in their candidate alone; `shared` names the other columns."""
    same = (samples.start[1:] == samples.start[:-1]) & (samples.stop[1:] == samples.stop[:-1])
    same &= samples.group[1:] == samples.group[:-1]
    for name in shared:
        column = samples.columns[name]
        same &= [column.row(i) == column.row(i + 1) for i in range(len(samples) - 1)]
    run = []
    for i in range(len(samples)):
        run.append(i)
        if i + 1 == len(samples) or not same[i] or len(run) == largest:
            yield run
            run = []


def request(samples, description, rows):
    """The request of one page."""
    made = {}
    for feature in description.features:
        column, place = samples.columns[feature.name], made.setdefault(PLACES[feature.role], {})
        place[feature.name] = [column.row(i) for i in rows] if feature.role == "candidate" else column.row(rows[0])
    behaviours = range(samples.start[rows[0]], samples.stop[rows[0]])
    made["history"] = {f.name: [samples.behaviours[f.name].row(b) for b in behaviours] for f in description.history}
    return made


def pages_of(samples, description):
    return list(pages(samples, [feature.name for feature in description.features if feature.role != "candidate"]))


def write_lines(path, lines):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


def write_labelled(path, samples, description):
    """All samples with their labels, for `dinghy eval` and `dinghy score`."""
    write_lines(
        path,
        (
            {**request(samples, description, rows), "label": [int(samples.label[i]) for i in rows]}
            for rows in pages_of(samples, description)
        ),
    )


def write_golden(path, samples, description, scores, attention=None, count=50, candidates=3):
    """Requests with scores, and the weights of their behaviours if given, from the shortest history to the longest."""
    found = sorted(pages_of(samples, description), key=lambda rows: samples.stop[rows[0]] - samples.start[rows[0]])
    chosen = np.unique(np.linspace(0, len(found) - 1, count).astype(int))
    rows_of = [found[i][:candidates] for i in chosen]
    write_lines(
        path,
        (
            {**request(samples, description, r), "scores": [float(str(scores[i])) for i in r]}
            | ({} if attention is None else {"attention": [attention[i].round(6).tolist() for i in r]})
            for r in rows_of
        ),
    )
