"""Golden rows of a trained case, whose requests have neutral names: with the names and ids of its own package."""

import json


def golden_lines(folder, features, rename, first_ids):
    """Lines of requests with scores. `features`: {name: whether it is in the history} of the model; `rename`: {the
    package's name: the neutral one}; `first_ids`: {neutral name: the id that the package counts as 0}."""
    import numpy

    case = json.loads((folder / "case.json").read_text())
    writer = Writer(case, features, rename, first_ids)
    expected = numpy.load(folder / "expected.npz")
    lines = []
    for file, key in [("rows.jsonl", "prob"), ("ranking.jsonl", "rank_prob")]:
        requests = map(json.loads, (folder / file).read_text().splitlines())
        for request, scores in zip(in_the_package(requests, case["package"], folder), expected[key]):
            lines.append(writer.line(request, numpy.atleast_1d(scores).tolist()))
    return "\n".join(map(json.dumps, lines)) + "\n"


def in_the_package(requests, package, folder):
    """Categories as the data set of the package has them."""
    known = json.loads((folder / "id_maps.json").read_text())["item"] if package == "LibRecommender" else None
    for request in requests:
        for row in request.get("candidates", [request]):
            row["category"] = category_of(row["item"], row["category"], package, known)
        both = zip(request["history_items"], request["history_categories"])
        request["history_categories"] = [category_of(item, category, package, known) for item, category in both]
        yield request


def category_of(item, category, package, known):
    if package == "recbole":
        return f"c{category}"
    return -1 if known is not None and str(item) not in known else category


class Writer:
    def __init__(self, case, features, rename, first_ids):
        self.features = features
        self.dense = case.get("dense", [])
        self.names = {meaning: name for name, meaning in case.get("neutral_names", {}).items() if name in features}
        self.names |= {neutral: own for own, neutral in rename.items()}
        self.first_ids = first_ids

    def name(self, neutral):
        other = f"{neutral}_id"
        return self.names.get(neutral, other if neutral not in self.features and other in self.features else neutral)

    def known(self, columns):
        """Not every network takes the user or the category."""
        return {name: column for name, column in columns.items() if name in self.features}

    def ids(self, neutral, ids):
        first = self.first_ids.get(neutral, 0)
        return [id - first for id in ids] if first else list(ids)

    def line(self, request, scores):
        rows = request.get("candidates", [request])
        history = {}
        for neutral, column in [("item", "history_items"), ("category", "history_categories")]:
            own = f"hist_{neutral}" if f"hist_{neutral}" in self.features else self.name(neutral)
            history[own] = self.ids(neutral, request[column])
        candidates = {self.name(n): self.ids(n, [row[n] for row in rows]) for n in ["item", "category", *self.dense]}
        return {
            "user": self.known({self.name("user"): request["user"]}),
            "history": {name: column for name, column in history.items() if self.features.get(name)},
            "candidates": self.known(candidates),
            "scores": scores,
        }
