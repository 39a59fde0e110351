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


class Din(nn.Module):
    """Raw weights / sqrt(width of a key); the tower takes [interest, interest * item, item, user]."""

    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.embedding_dict = nn.ModuleDict(
            {
                "user_id": nn.Embedding(behaviours.USERS + 1, WIDTH),
                "item_id": nn.Embedding(behaviours.ITEMS + 1, WIDTH, padding_idx=0),
                "i_category_c": nn.Embedding(behaviours.CATEGORIES + 1, WIDTH, padding_idx=0),
            }
        )
        self.att_mlp_layers = Mlp(nn.Linear(8 * WIDTH, 64), nn.Sigmoid(), nn.Linear(64, 1))
        self.dnn_mlp_layers = Mlp(
            nn.Linear(7 * WIDTH, HIDDEN), nn.BatchNorm1d(HIDDEN), Dice(HIDDEN), nn.Linear(HIDDEN, 1)
        )

    def forward(self, columns):
        """Scores [N] and attention weights [N, MAX_LENGTH]."""
        item = self.item_vectors(columns["item"], columns["category"])
        keys = self.item_vectors(columns["hist_item"], columns["hist_category"])
        query = item[:, None, :].expand_as(keys)
        weights = self.att_mlp_layers(torch.cat([query, keys, query - keys, query * keys], dim=-1))[:, :, 0]
        real = torch.arange(MAX_LENGTH) < columns["length"][:, None]
        weights = torch.where(real, weights, 0) / keys.shape[-1] ** 0.5
        interest = (weights[:, :, None] * keys).sum(dim=1)
        user = self.embedding_dict["user_id"](columns["user"])
        logit = self.dnn_mlp_layers(torch.cat([interest, interest * item, item, user], dim=-1))
        return torch.sigmoid(logit[:, 0]), weights

    def item_vectors(self, items, categories):
        tables = self.embedding_dict
        return torch.cat([tables["item_id"](items), tables["i_category_c"](categories)], dim=-1)


def make(shop, folder):
    examples = behaviours.training_examples(shop, 8000, MAX_LENGTH, seed=2)
    torch.save(train(Din(seed=1), examples, epochs=8, rate=0.005).state_dict(), folder / "model.pt")
    model = Din(seed=2)
    model.load_state_dict(torch.load(folder / "model.pt", weights_only=True))
    model.eval()

    def score(request):
        with torch.no_grad():
            scores, weights = model(tensors(behaviours.model_columns(shop, request, MAX_LENGTH)))
        return scores.numpy(), weights[:, : len(request["history"]["item"])].numpy()

    write_golden_rows(folder / "golden.jsonl", behaviours.golden_requests(shop, MAX_LENGTH, seed=14), score)
