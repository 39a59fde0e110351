"""The networks: Embedding & MLP with the history summed (BaseModel), or weighted by a local activation unit (DIN)."""

from dataclasses import dataclass

import torch
from dinghy_train.errors import TrainingError
from dinghy_train.layers import ACTIVATIONS, PARTS, ActivationUnit, Mlp, segment_sum
from torch import nn

# The paper's figure 2: one layer of 36 behind q, k and their product. The notes and the authors' code: 80-40, with the difference.
UNITS = {
    "paper": {"hidden": (36,), "parts": ("q", "k", "q*k")},
    "notes": {"hidden": (80, 40), "parts": PARTS},
}


@dataclass(frozen=True)
class NetworkSettings:
    kind: str = "din"  # or "base": the behaviours' sum
    activation: str = "dice"  # or prelu, relu, sigmoid
    unit: str = "notes"  # or "paper"
    softmax: bool = False  # on the attention weights
    scale: bool = False  # divide the logits by the root of the key's width
    tower: tuple[int, ...] = (200, 80)

    def __post_init__(self):
        choices = {"kind": ("din", "base"), "activation": tuple(ACTIVATIONS), "unit": tuple(UNITS)}
        for key, allowed in choices.items():
            if getattr(self, key) not in allowed:
                raise TrainingError(f"[network] {key} is {getattr(self, key)!r}; it may be one of {', '.join(allowed)}")
        if not self.tower or min(self.tower) <= 0:
            raise TrainingError("[network] tower is a list of positive widths")


class Embeddings(nn.Module):
    """One table for each feature of ids; candidates and histories share it."""

    def __init__(self, description):
        super().__init__()
        self.tables = nn.ModuleDict(
            {feature.name: nn.Embedding(feature.rows, feature.width, sparse=True) for feature in description.tables}
        )
        for table in self.tables.values():
            nn.init.normal_(table.weight, std=0.05)
        self.kept = nn.ParameterDict()  # of filtered tables: the row of each id
        self.drop = 0.0  # share of the ids that a training step leaves out

    def keep_only(self, name, frequent):
        """Ids that are not in `frequent` share row 0."""
        rows = torch.arange(self.tables[name].num_embeddings)
        rows[~torch.isin(rows, torch.as_tensor(frequent))] = 0
        self.kept[name] = nn.Parameter(rows, requires_grad=False)

    def rows(self, name, ids):
        return self.kept[name][ids] if name in self.kept else ids

    def forward(self, feature, cells):
        if feature.kind == "dense":
            return cells.values.reshape(-1, feature.width)
        table, rows = self.tables[feature.name], self.rows(feature.name, cells.values)
        if feature.kind == "bag":
            vectors = nn.functional.embedding_bag(rows, table.weight, cells.offsets, mode="mean", sparse=True)
        else:
            vectors = table(rows)
        if self.training and self.drop:
            vectors = vectors * nn.functional.dropout(torch.ones(len(vectors), 1), self.drop)
        return vectors

    def finished(self, name):
        """The rows of a table as they are used, id by id."""
        return self.tables[name].weight[self.rows(name, torch.arange(self.tables[name].num_embeddings))].detach()


class Network(nn.Module):
    def __init__(self, description, settings):
        super().__init__()
        self.description, self.settings = description, settings
        self.embeddings = Embeddings(description)
        width = sum(feature.width for feature in description.history)
        self.unit = None
        if settings.kind == "din":
            self.unit = ActivationUnit(
                width, kind=settings.activation, softmax=settings.softmax, scale=settings.scale, **UNITS[settings.unit]
            )
        inputs = sum(feature.width for feature in description.features) + width
        self.tower = Mlp(inputs, settings.tower, settings.activation)

    def forward(self, batch):
        """The logits [samples]."""
        vectors = {f.name: self.embeddings(f, batch.columns[f.name]) for f in self.description.features}
        keys = self.keys(batch)
        if self.unit is not None:
            keys = keys * self.unit(self.query(vectors), keys, batch.segment)[:, None]
        interest = segment_sum(keys, batch.segment, len(batch))
        return self.tower(torch.cat([*vectors.values(), interest], dim=1))

    def attention(self, batch):
        """The weight of each behaviour."""
        vectors = {f.name: self.embeddings(f, batch.columns[f.name]) for f in self.description.history}
        return self.unit(self.query(vectors), self.keys(batch), batch.segment)

    def query(self, vectors):
        return torch.cat([vectors[feature.name] for feature in self.description.history], dim=1)

    def keys(self, batch):
        return torch.cat([self.embeddings(f, batch.behaviours[f.name]) for f in self.description.history], dim=1)

    def ids(self, batch):
        """Of each table the ids that this batch reads, as often as it does."""
        used = {f.name: [batch.columns[f.name].values] for f in self.description.tables}
        for feature in self.description.history:
            if feature.name in used:
                used[feature.name].append(batch.behaviours[feature.name].values)
        return {name: self.embeddings.rows(name, torch.cat(ids)) for name, ids in used.items()}

    def sparse_parameters(self):
        return [table.weight for table in self.embeddings.tables.values()]

    def dense_parameters(self):
        return [p for module in (self.unit, self.tower) if module is not None for p in module.parameters()]
