"""Mini-batch aware regularization (equations 6 and 7), and the rivals of the paper's table 4.

A penalty is added to the loss of each mini-batch and touches only the rows of ids in it, so that a step costs what the
batch costs, whatever the tables' size.
"""

from dataclasses import dataclass

import torch
from dinghy_train.errors import TrainingError

KINDS = {
    "none": None,
    "mba": "strength",  # lambda / n_j on each id of the batch
    "difacto": "strength",  # lambda times how often the id occurs in the batch, over the batch's size
    "dropout": "rate",  # ids left out of a training step
    "filter": "size",  # ids of each table that keep a row of their own
}


@dataclass(frozen=True)
class RegularizationSettings:
    kind: str = "none"
    strength: float = 0.0
    rate: float = 0.0
    size: int = 0

    def __post_init__(self):
        if self.kind not in KINDS:
            raise TrainingError(f"[regularization] kind is {self.kind!r}; it may be one of {', '.join(KINDS)}")
        for key in ("strength", "rate", "size"):
            needed = KINDS[self.kind] == key
            if needed and not 0 < getattr(self, key) < (1 if key == "rate" else float("inf")):
                raise TrainingError(
                    f"[regularization] {self.kind} needs {key}, " + ("0 to 1" if key == "rate" else "above 0")
                )
            if not needed and getattr(self, key):
                raise TrainingError(f"[regularization] {key} has no effect with kind = {self.kind!r}")


def prepare(network, samples, settings):
    """Sets a network up, and returns its penalty: a function of the ids of a batch by table and of the batch's size."""
    tables = {feature.name: feature for feature in network.description.tables}
    if settings.kind == "dropout":
        network.embeddings.drop = settings.rate
    if settings.kind == "filter":
        for name, feature in tables.items():
            counts = torch.from_numpy(samples.occurrences(feature))
            network.embeddings.keep_only(name, counts.argsort(descending=True, stable=True)[: settings.size])
    weights = {name: network.embeddings.tables[name] for name in tables}
    if settings.kind == "mba":
        counts = {name: torch.from_numpy(samples.occurrences(feature)) for name, feature in tables.items()}
        return lambda ids, size: mba(weights, ids, counts, settings.strength)
    if settings.kind == "difacto":
        return lambda ids, size: difacto(weights, ids, size, settings.strength)
    return lambda ids, size: 0.0


def mba(tables, ids, counts, strength):
    """lambda / 2 times the sum of |w_j|^2 / n_j over the ids j of the batch; n_j is how often j occurs in all samples.

    Its gradient in w_j is the last term of equation 7.
    """
    total = 0.0
    for name, table in tables.items():
        unique = torch.unique(ids[name])
        squares = table(unique).square().sum(dim=1)
        total = total + 0.5 * strength * (squares / counts[name][unique].clamp(min=1)).sum()
    return total


def difacto(tables, ids, size, strength):
    """lambda / 2 times the sum of |w_j|^2 over every occurrence of an id in the batch, for each of its samples."""
    total = 0.0
    for name, table in tables.items():
        unique, times = torch.unique(ids[name], return_counts=True)
        total = total + 0.5 * strength * (table(unique).square().sum(dim=1) * times).sum() / size
    return total
