"""Common ways to write a Deep Interest Network in PyTorch, each a small module with one batch as training has it."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn

ROWS, LENGTH, WIDTH = 12, 7, 6  # of a batch, of a history, of a vector
ITEMS, USERS = 40, 9


class Din(nn.Module):
    """User, item and a padded history of items; subclasses say how weights, pooling and score are computed."""

    hidden = nn.Sigmoid
    tower_hidden = nn.ReLU

    def __init__(self, more=0):
        super().__init__()
        self.item = nn.Embedding(ITEMS, WIDTH, padding_idx=0)
        self.user = nn.Embedding(USERS, 4)
        self.unit = nn.Sequential(nn.Linear(4 * WIDTH, 8), self.hidden(), nn.Linear(8, 1))
        self.tower = nn.Sequential(nn.Linear(4 + 2 * WIDTH + more, 10), self.tower_hidden(), nn.Linear(10, 1))

    def forward(self, user, item, hist_item):
        return self.score(user, item, hist_item, hist_item != 0)

    def score(self, user, item, hist_item, mask, *more):
        query, keys = self.item(item), self.item(hist_item)
        weights = self.weights(self.logits(query, keys), mask)
        return self.head(torch.cat([self.user(user), self.pooled(weights, keys), query, *more], dim=-1))

    def logits(self, query, keys):
        queries = query.unsqueeze(1).expand_as(keys)
        return self.unit(torch.cat([queries, keys, queries - keys, queries * keys], dim=-1)).squeeze(-1)

    def weights(self, logits, mask):
        return logits.masked_fill(~mask, -1e9).softmax(dim=-1)

    def pooled(self, weights, keys):
        return torch.matmul(weights.unsqueeze(1), keys).squeeze(1)

    def head(self, x):
        return torch.sigmoid(self.tower(x)).squeeze(-1)


class Infinite(Din):
    def weights(self, logits, mask):
        return logits.masked_fill(~mask, float("-inf")).softmax(dim=-1)


class Where(Din):
    def weights(self, logits, mask):
        return torch.where(mask, logits, torch.full_like(logits, -(2.0**32) + 1)).softmax(dim=-1)


class Raw(Din):
    def weights(self, logits, mask):
        return logits * mask.float()


class MultiplySum(Din):
    def pooled(self, weights, keys):
        return (weights.unsqueeze(-1) * keys).sum(dim=1)


class Einsum(Din):
    def pooled(self, weights, keys):
        return torch.einsum("bt,btd->bd", weights, keys)


class Lengths(Din):
    def forward(self, user, item, hist_item, length):
        mask = torch.arange(hist_item.shape[1])[None, :] < length[:, None]
        return self.score(user, item, hist_item, mask)


class LengthsOnTheLeft(Din):
    def forward(self, user, item, hist_item, length):
        steps = hist_item.shape[1]
        return self.score(user, item, hist_item, torch.arange(steps)[None, :] >= steps - length[:, None])


class BoolMask(Raw):
    def forward(self, user, item, hist_item, mask):
        return self.score(user, item, hist_item, mask)


class FloatMask(Din):
    def forward(self, user, item, hist_item, mask):
        return self.score(user, item, hist_item, mask)

    def weights(self, logits, mask):
        return logits * mask


class FloatMaskSoftmax(FloatMask):
    def weights(self, logits, mask):
        return (logits + (1.0 - mask) * -1e9).softmax(dim=-1)


class QueryProjection(Din):
    def __init__(self):
        super().__init__()
        self.query = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.PReLU())

    def logits(self, query, keys):
        return super().logits(self.query(query), keys)


class TwoClasses(Din):
    def __init__(self):
        super().__init__()
        self.tower[2] = nn.Linear(10, 2)

    def head(self, x):
        return self.tower(x).softmax(dim=-1)[:, 1]


class Logits(Din):
    def head(self, x):
        return self.tower(x)


class Dense(Din):
    def __init__(self):
        super().__init__(more=4)

    def forward(self, user, item, hist_item, price, profile):
        return self.score(user, item, hist_item, hist_item != 0, price, profile)


class Silu(Din):
    hidden = tower_hidden = nn.SiLU


class ManyCandidates(Din):
    """Items [B, N] of one user and one history."""

    def forward(self, user, item, hist_item):
        query, keys = self.item(item), self.item(hist_item).unsqueeze(1)
        count, steps = item.shape[1], hist_item.shape[1]
        queries = query.unsqueeze(2).expand(-1, -1, steps, -1)
        keys = keys.expand(-1, count, -1, -1)
        logits = self.unit(torch.cat([queries, keys, queries - keys, queries * keys], dim=-1)).squeeze(-1)
        weights = logits.masked_fill((hist_item == 0).unsqueeze(1), -1e9).softmax(dim=-1)
        interest = (weights.unsqueeze(-1) * keys).sum(dim=2)
        users = self.user(user).unsqueeze(1).expand(-1, count, -1)
        return torch.sigmoid(self.tower(torch.cat([users, interest, query], dim=-1))).squeeze(-1)


class DictInput(Din):
    def forward(self, x):
        return self.score(x["user"], x["item"], x["hist_item"], x["hist_item"] != 0)


class ScaledDot(Din):
    """Query, key and value have layers of their own."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))

    def score(self, user, item, hist_item, mask):
        query, keys = self.item(item), self.item(hist_item)
        logits = torch.matmul(self.key(keys), self.query(query).unsqueeze(-1)).squeeze(-1) / WIDTH**0.5
        interest = self.pooled(self.weights(logits, mask), self.value(keys))
        return self.head(torch.cat([self.user(user), interest, query], dim=-1))


class KeyProjection(ScaledDot):
    """Projected keys are compared and pooled."""

    def score(self, user, item, hist_item, mask):
        query, keys = self.item(item), self.key(self.item(hist_item))
        logits = (self.query(query).unsqueeze(1) * keys).sum(dim=-1) / WIDTH**0.5
        interest = self.pooled(self.weights(logits, mask), keys)
        return self.head(torch.cat([self.user(user), interest, query], dim=-1))


class MeanPooling(Din):
    def score(self, user, item, hist_item, mask):
        query, keys, mask = self.item(item), self.item(hist_item), mask.float().unsqueeze(-1)
        interest = (keys * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)
        return self.head(torch.cat([self.user(user), interest, query], dim=-1))


class SumPooling(Din):
    def score(self, user, item, hist_item, mask):
        query, keys = self.item(item), self.item(hist_item)
        interest = (keys * mask.unsqueeze(-1)).sum(dim=1)
        return self.head(torch.cat([self.user(user), interest, query], dim=-1))


class Gelu(Din):
    hidden = nn.GELU


class TowerNorm(Din):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(4 + 2 * WIDTH)

    def head(self, x):
        return super().head(self.norm(x))


class OneMatrix(Din):
    """User, item and history are columns of one matrix."""

    def forward(self, x):
        user, item, hist_item = x[:, 0], x[:, 1], x[:, 2:]
        return self.score(user, item, hist_item, hist_item != 0)

    def logits(self, query, keys):
        queries = query.unsqueeze(1).repeat(1, keys.shape[1], 1)
        return self.unit(torch.cat([queries, keys, queries - keys, queries * keys], dim=-1)).squeeze(-1)


def histories(left=False):
    """Ids [ROWS, LENGTH] with 0 for padding, and how many are none."""
    length = torch.arange(ROWS) % LENGTH + 1
    length[3] = 0
    steps = torch.arange(LENGTH)[None, :]
    mask = steps >= LENGTH - length[:, None] if left else steps < length[:, None]
    return torch.randint(1, ITEMS, (ROWS, LENGTH)) * mask, length


def plain(left=False):
    ids, length = histories(left)
    return {
        "user": torch.randint(0, USERS, (ROWS,)),
        "item": torch.randint(1, ITEMS, (ROWS,)),
        "hist_item": ids,
    }, length


def ids_alone():
    return plain()[0]


def with_lengths(left=False):
    batch, length = plain(left)
    return {**batch, "length": length}


def with_mask(dtype):
    batch, _ = plain()
    return {**batch, "mask": (batch["hist_item"] != 0).to(dtype)}


def matrix():
    batch = ids_alone()
    return torch.cat([batch["user"][:, None], batch["item"][:, None], batch["hist_item"]], dim=1)


class Idiom(NamedTuple):
    module: type[nn.Module]
    batch: Callable = ids_alone
    refused: str | None = None  # what the message says


IDIOMS = {
    "softmax of logits masked by -1e9": Idiom(Din),
    "softmax of logits masked by -inf": Idiom(Infinite),
    "softmax of logits masked by torch.where": Idiom(Where),
    "raw weights": Idiom(Raw),
    "pooling by multiplication and sum": Idiom(MultiplySum),
    "pooling by einsum": Idiom(Einsum),
    "mask from lengths": Idiom(Lengths, with_lengths),
    "mask from lengths, padding on the left": Idiom(LengthsOnTheLeft, lambda: with_lengths(left=True)),
    "mask as an input of bools, raw weights": Idiom(BoolMask, lambda: with_mask(torch.bool)),
    "mask as an input of floats, raw weights": Idiom(FloatMask, lambda: with_mask(torch.float32)),
    "mask as an input of floats, softmax": Idiom(FloatMaskSoftmax, lambda: with_mask(torch.float32)),
    "projection of the query": Idiom(QueryProjection),
    "two classes": Idiom(TwoClasses),
    "logits": Idiom(Logits),
    "dense inputs": Idiom(Dense, lambda: {**ids_alone(), "price": torch.rand(ROWS, 1), "profile": torch.rand(ROWS, 3)}),
    "SiLU": Idiom(Silu),
    "candidates [B, N]": Idiom(ManyCandidates, lambda: {**ids_alone(), "item": torch.randint(1, ITEMS, (ROWS, 5))}),
    "one dict as the input": Idiom(DictInput),
    "scaled dot product with layers on query, key and value": Idiom(ScaledDot),
    "scaled dot product, projected keys are pooled": Idiom(KeyProjection),
    "mean of the history": Idiom(MeanPooling),
    "sum of the history": Idiom(SumPooling),
    "GELU": Idiom(Gelu, refused="Gelu"),
    "layer norm": Idiom(TowerNorm, refused="LayerNormalization"),
    "one matrix of ids, repeat": Idiom(OneMatrix, matrix),
}
