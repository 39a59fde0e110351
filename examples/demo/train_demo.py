#!/usr/bin/env python3
"""Trains the demo's Deep Interest Network with deepctr-torch on the simulated shop and writes this folder's files.

python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python train_demo.py
"""

import dataclasses
import json
import pathlib

from deepctr_torch.inputs import SparseFeat, VarLenSparseFeat
from deepctr_torch.models.din import DIN
from sklearn.metrics import roc_auc_score

import numpy as np
import shop
import torch

HERE = pathlib.Path(__file__).parent
MAX_HISTORY = 50
HELD_OUT_VISITS = 4  # the last ones of every customer
CHECKPOINT = HERE / "checkpoint.pth"


def build(items, seed):
    sizes = {"user": (shop.CUSTOMERS + 1, 4), "item": (len(items), 16), "category": (len(shop.CATEGORIES) + 1, 8)}
    features = [SparseFeat(name, rows, embedding_dim=width) for name, (rows, width) in sizes.items()]
    for name in ("item", "category"):
        rows, width = sizes[name]
        history = SparseFeat("hist_" + name, rows, embedding_dim=width, embedding_name=name)
        features.append(VarLenSparseFeat(history, maxlen=MAX_HISTORY, length_name="length"))
    return DIN(
        features,
        ["item", "category"],
        dnn_hidden_units=(200, 80),
        att_hidden_size=(80, 40),
        att_activation="Dice",
        att_weight_normalization=True,
        dnn_dropout=0.3,
        l2_reg_embedding=1e-4,
        init_std=0.05,
        seed=seed,
    )


def model_input(model, visits):
    """One row for each item of each page, with the columns that the network was built with."""
    rows = []
    for visit in visits:
        kept = visit.history[-MAX_HISTORY:]
        padding = [0] * (MAX_HISTORY - len(kept))
        history = {
            "hist_item": [item.id for item in kept] + padding,
            "hist_category": [item.category for item in kept] + padding,
            "length": [len(kept)],
        }
        for item in visit.page:
            row = {"user": [visit.customer], "item": [item.id], "category": [item.category], **history}
            rows.append(np.concatenate([row[name] for name in model.feature_index]))
    return torch.tensor(np.array(rows), dtype=torch.float32)


def labels(visits):
    return np.array([click for visit in visits for click in visit.clicked], dtype=np.float32)


def train(model, visits, epochs=5, batch=256):
    torch.manual_seed(1)
    inputs, wanted = model_input(model, visits), torch.from_numpy(labels(visits))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    model.train()
    for epoch in range(epochs):
        losses = []
        for rows in torch.randperm(len(inputs)).split(batch):
            loss = torch.nn.functional.binary_cross_entropy(model(inputs[rows])[:, 0], wanted[rows])
            optimizer.zero_grad()
            (loss + model.get_regularization_loss()[0] / batch).backward()
            optimizer.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: log loss {np.mean(losses):.4f}")


def score(model, visits):
    """Scores [rows] and attention weights [rows, MAX_HISTORY], as the package computes them."""
    pooling_inputs = []
    hook = model.attention.register_forward_hook(lambda module, inputs, output: pooling_inputs.extend(inputs))
    model.eval()
    with torch.no_grad():
        scores = model(model_input(model, visits))[:, 0].numpy()
        hook.remove()
        model.attention.return_score = True
        weights = model.attention(*pooling_inputs)[:, 0, :].numpy()
        model.attention.return_score = False
    return scores, weights


def report(model, trained, held_out):
    clicks = np.zeros(len(shop.CATEGORIES) * 25 + 1)
    for visit in trained:
        np.add.at(clicks, [item.id for item, click in zip(visit.page, visit.clicked) if click], 1)
    scores, weights = score(model, held_out)
    popularity = [clicks[item.id] for visit in held_out for item in visit.page]
    print(
        f"AUC {roc_auc_score(labels(held_out), scores):.3f} on {len(scores)} held-out rows; "
        f"by popularity {roc_auc_score(labels(held_out), popularity):.3f}"
    )
    attended, present, row = [], [], 0
    for visit in held_out:
        categories = np.array([item.category for item in visit.history[-MAX_HISTORY:]])
        for item in visit.page:
            same = categories == item.category
            if same.any() and not same.all():
                attended.append(weights[row, : len(same)][same].sum())
                present.append(same.mean())
            row += 1
    print(
        f"behaviours of the candidate's category: {np.mean(present):.0%} of the history, "
        f"{np.mean(attended):.0%} of the attention, over {len(present)} rows"
    )


def request(visit):
    kept = visit.history[-MAX_HISTORY:]
    return {
        "user": {"user": visit.customer},
        "history": {"item": [item.id for item in kept], "category": [item.category for item in kept]},
        "candidates": {"item": [item.id for item in visit.page], "category": [item.category for item in visit.page]},
    }


def write_lines(name, lines):
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    (HERE / name).write_text(text, encoding="utf-8", newline="\n")


def golden_visits(visits):
    """50 by the length of their history, from the shortest to the longest, with three items each."""
    by_length = sorted(visits, key=lambda visit: len(visit.history))
    spread = np.linspace(0, len(visits) - 1, 50).astype(int)
    return [dataclasses.replace(by_length[place], page=by_length[place].page[:3]) for place in spread]


def golden_rows(model, visits):
    for visit in visits:
        scores, weights = score(model, [visit])
        length = len(visit.history[-MAX_HISTORY:])
        yield {
            **request(visit),
            "scores": [float(str(number)) for number in scores],
            "attention": [[round(float(weight), 6) for weight in row[:length]] for row in weights],
        }


def showcase(visits):
    """A page with items of many of the customer's interests: categories with three of 12 to 20 behaviours, or more."""

    def interests_shown(visit):
        behaviours = [item.category for item in visit.history]
        return len({item.category for item in visit.page if behaviours.count(item.category) >= 3})

    return max((visit for visit in visits if 12 <= len(visit.history) <= 20), key=interests_shown)


def main():
    torch.set_num_threads(1)  # sums in a fixed order
    rng = np.random.default_rng(2018)
    items = shop.stock(rng)
    visits = shop.simulate(items, rng)
    trained = [visit for visit in visits if visit.left >= HELD_OUT_VISITS]
    held_out = [visit for visit in visits if visit.left < HELD_OUT_VISITS]

    model = build(items, seed=1)
    train(model, trained)
    torch.save(model.state_dict(), CHECKPOINT)

    model = build(items, seed=2)
    model.load_state_dict(torch.load(CHECKPOINT, weights_only=True))
    report(model, trained, held_out)
    write_lines("golden.jsonl", golden_rows(model, golden_visits(visits)))
    write_lines("request.jsonl", [request(showcase(held_out))])
    write_lines(
        "labelled.jsonl",
        [{**request(visit), "label": [int(click) for click in visit.clicked]} for visit in held_out[:300]],
    )
    table = ["\t".join([str(item.id), item.name, str(item.category), item.category_name]) for item in items[1:]]
    (HERE / "items.tsv").write_text("\n".join(["id\tname\tcategory\tcategory_name", *table]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
