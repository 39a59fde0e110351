"""The case unknown-code: a DIN of nobody's package, as somebody may have written it. docs/unknown-code.md converts it."""

import behaviours
import torch
from request_lines import write_golden_rows
from torch import nn
from torch_training import tensors, train

MAX_LENGTH = 12


class ClickModel(nn.Module):
    """The page shows this class; keep the two alike."""

    def __init__(self, users, goods, shelves):
        super().__init__()
        self.goods = nn.Embedding(goods, 8)
        self.shelves = nn.Embedding(shelves, 4)
        self.users = nn.Embedding(users, 4)
        self.look = nn.Sequential(nn.Linear(3 * 12, 24), nn.PReLU(), nn.Dropout(0.2), nn.Linear(24, 1))
        self.norm = nn.BatchNorm1d(12 + 12 + 4 + 1, eps=1e-3)
        self.click = nn.Sequential(nn.Linear(29, 32), nn.LeakyReLU(0.1), nn.Dropout(0.2), nn.Linear(32, 1))

    def vectors(self, goods, shelves):
        return torch.cat([self.goods(goods), self.shelves(shelves)], dim=-1)

    def forward(self, x):
        one = self.vectors(x["item"], x["category"])
        seen = self.vectors(x["hist_item"], x["hist_category"])
        ones = one[:, None].expand_as(seen)
        logits = self.look(torch.cat([seen, ones, seen - ones], dim=-1))[..., 0] / 12**0.5
        logits = logits.masked_fill(x["hist_item"] == 0, -1e9)
        weights = logits.softmax(dim=-1)
        interest = (weights[..., None] * seen).sum(dim=1)
        x = torch.cat([self.users(x["user"]), interest, one, x["pop"][:, None]], dim=-1)
        return torch.sigmoid(self.click(self.norm(x)))[:, 0], weights


def build():
    return ClickModel(behaviours.USERS + 1, behaviours.ITEMS + 1, behaviours.CATEGORIES + 1)


def make(shop, folder):
    torch.manual_seed(5)
    examples = behaviours.training_examples(shop, 6000, MAX_LENGTH, seed=3)
    torch.save(train(build(), examples, epochs=12, rate=0.004).state_dict(), folder / "model.pth")
    model = build()
    model.load_state_dict(torch.load(folder / "model.pth", weights_only=True))
    model.eval()

    def score(request):
        columns = tensors(behaviours.model_columns(shop, request, MAX_LENGTH))
        with torch.no_grad():
            scores, weights = model(columns)
        return scores.numpy(), weights[:, : len(request["history"]["item"])].numpy()

    requests = behaviours.golden_requests(shop, MAX_LENGTH, seed=15)
    write_golden_rows(folder / "golden.jsonl", behaviours.add_dense(shop, requests, candidates=True), score)
