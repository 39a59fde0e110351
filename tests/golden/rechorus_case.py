"""The case rechorus-form: tensors named and computed as ReChorus does it, in a torch module written from its formula.

The package itself trains on files of its own layout only, so the module stands in for it.
"""

import behaviours
import torch
from request_lines import write_golden_rows
from torch import nn
from torch_training import tensors, train

MAX_LENGTH = 14
WIDTH = 5
HIDDEN = 24


class Dice(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(width))
        self.bn = nn.BatchNorm1d(width, eps=1e-8)

    def forward(self, x):
        p = torch.sigmoid(self.bn(x))
        return p * x + self.alpha * (1 - p) * x


class Mlp(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.mlp = nn.Sequential(*layers)

    def forward(self, x):
        return self.mlp(x)


# Names of features with those of their columns; ReChorus gives a table to those that end in _id and _c, and a layer
# without bias to numbers.
COLUMNS = {
    "user_id": "user",
    "u_activity_f": "activity",
    "item_id": "item",
    "i_category_c": "category",
    "i_pop_f": "pop",
}


def encoder(name):
    if name == "user_id":
        return nn.Embedding(behaviours.USERS + 1, WIDTH)
    if name in ("item_id", "i_category_c"):
        rows = behaviours.ITEMS if name == "item_id" else behaviours.CATEGORIES
        return nn.Embedding(rows + 1, WIDTH, padding_idx=0)
    return nn.Linear(1, WIDTH, bias=False)


class Din(nn.Module):
    """Raw weights / sqrt(width of a key); the tower takes [interest, interest * item, item, user]."""

    def __init__(self, seed, user=("user_id",), item=("item_id", "i_category_c")):
        super().__init__()
        torch.manual_seed(seed)
        self.user, self.item = user, item
        self.embedding_dict = nn.ModuleDict({name: encoder(name) for name in (*user, *item)})
        self.att_mlp_layers = Mlp(nn.Linear(4 * len(item) * WIDTH, 64), nn.Sigmoid(), nn.Linear(64, 1))
        width = (3 * len(item) + len(user)) * WIDTH
        self.dnn_mlp_layers = Mlp(nn.Linear(width, HIDDEN), nn.BatchNorm1d(HIDDEN), Dice(HIDDEN), nn.Linear(HIDDEN, 1))

    def forward(self, columns):
        """Scores [N] and attention weights [N, MAX_LENGTH]."""
        item = self.vectors(columns, self.item)
        keys = self.vectors(columns, self.item, "hist_")
        query = item[:, None, :].expand_as(keys)
        weights = self.att_mlp_layers(torch.cat([query, keys, query - keys, query * keys], dim=-1))[:, :, 0]
        real = torch.arange(MAX_LENGTH) < columns["length"][:, None]
        weights = torch.where(real, weights, 0) / keys.shape[-1] ** 0.5
        interest = (weights[:, :, None] * keys).sum(dim=1)
        user = self.vectors(columns, self.user)
        logit = self.dnn_mlp_layers(torch.cat([interest, interest * item, item, user], dim=-1))
        return torch.sigmoid(logit[:, 0]), weights

    def vectors(self, columns, names, prefix=""):
        def vector(name):
            values = columns[prefix + COLUMNS[name]]
            layer = self.embedding_dict[name]
            return layer(values.float()[..., None] if isinstance(layer, nn.Linear) else values)

        return torch.cat([vector(name) for name in names], dim=-1)


def make(shop, folder):
    requests = behaviours.golden_requests(shop, MAX_LENGTH, seed=14)
    write_case(shop, folder, Din, requests)


def make_numbers(shop, folder):
    """A number of the user, and one of the item, which behaviours have too."""

    def din(seed):
        return Din(seed, user=("user_id", "u_activity_f"), item=("item_id", "i_category_c", "i_pop_f"))

    requests = behaviours.golden_requests(shop, MAX_LENGTH, seed=18)
    behaviours.add_dense(shop, requests, user=True, candidates=True)
    for line in requests:
        line["history"]["pop"] = [float(str(shop.popularity[item])) for item in line["history"]["item"]]
    write_case(shop, folder, din, requests)


def write_case(shop, folder, din, requests):
    examples = with_popularity(shop, behaviours.training_examples(shop, 8000, MAX_LENGTH, seed=2))
    torch.save(train(din(1), examples, epochs=8, rate=0.005).state_dict(), folder / "model.pt")
    model = din(2)
    model.load_state_dict(torch.load(folder / "model.pt", weights_only=True))
    model.eval()

    def score(request):
        columns = with_popularity(shop, behaviours.model_columns(shop, request, MAX_LENGTH))
        with torch.no_grad():
            scores, weights = model(tensors(columns))
        return scores.numpy(), weights[:, : len(request["history"]["item"])].numpy()

    write_golden_rows(folder / "golden.jsonl", requests, score)


def with_popularity(shop, columns):
    """The items' numbers in the history, 0 for padding."""
    return {**columns, "hist_pop": shop.popularity[columns["hist_item"]]}
