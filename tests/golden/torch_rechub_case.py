"""The cases torch-rechub-*: trained, saved, loaded anew and scored by the package torch-rechub."""

from torch_rechub.basic.features import SequenceFeature, SparseFeature
from torch_rechub.models.ranking import DIN

import behaviours
import numpy as np
import torch
from request_lines import write_golden_rows

ROWS = {"user": behaviours.USERS + 1, "item": behaviours.ITEMS + 1, "category": behaviours.CATEGORIES + 1}


def history(name, width, shared):
    return SequenceFeature(
        "hist_" + name, ROWS[name], embed_dim=width, pooling="concat", shared_with=name if shared else None
    )


def make_shared(shop, folder):
    """Raw weights, histories that share their target's table, the targets in the tower twice, as in the examples."""

    def build(seed):
        torch.manual_seed(seed)
        features = [SparseFeature(name, ROWS[name], embed_dim=5) for name in ("item", "category", "user")]
        histories = [history("item", 5, shared=True), history("category", 5, shared=True)]
        return DIN(features, histories, features, {"dims": [24, 16]}, {"dims": [20], "activation": "dice"})

    make(build, shop, folder, max_length=10, left=False, seed=16)


def make_softmax(shop, folder):
    """Softmax, a history with a table of its own, PReLU in the attention, padding on the left."""

    def build(seed):
        torch.manual_seed(seed)
        features = [SparseFeature("user", ROWS["user"], embed_dim=4)]
        targets = [SparseFeature("item", ROWS["item"], embed_dim=4)]
        attention = {"dims": [16, 8], "activation": "prelu", "use_softmax": True}
        return DIN(features, [history("item", 4, shared=False)], targets, {"dims": [16], "dropout": 0.1}, attention)

    make(build, shop, folder, max_length=8, left=True, seed=17)


def make(build, shop, folder, max_length, left, seed):
    torch.save(train(build(1), shop, max_length, left).state_dict(), folder / "model.pth")
    model = build(2)
    model.load_state_dict(torch.load(folder / "model.pth", weights_only=True))
    model.eval()
    names = {feature.name for feature in model.features + model.target_features}

    def score(request):
        return score_request(model, shop, request, max_length, left)

    requests = behaviours.golden_requests(shop, max_length, seed=seed)
    for request in requests:
        for part in ("history", "candidates"):
            request[part] = {name: column for name, column in request[part].items() if name in names}
    write_golden_rows(folder / "golden.jsonl", requests, score)


def tensors(columns, max_length, left):
    """Padding to the length of training; on the left the behaviours stand at the end."""
    columns = dict(columns)
    for name in ("hist_item", "hist_category"):
        if left:
            columns[name] = np.stack(
                [np.roll(row, max_length - length) for row, length in zip(columns[name], columns["length"])]
            )
    return {name: torch.from_numpy(np.ascontiguousarray(column)) for name, column in columns.items()}


def score_request(model, shop, request, max_length, left):
    request = {**request, "candidates": {**request["candidates"]}, "history": {**request["history"]}}
    request["candidates"]["category"] = shop.category[request["candidates"]["item"]].tolist()
    request["history"]["category"] = shop.category[np.array(request["history"]["item"], dtype=int)].tolist()
    length = len(request["history"]["item"])
    logits = []
    hooks = [
        layer.attention.register_forward_hook(lambda module, inputs, output: logits.append(output))
        for layer in model.attention_layers
    ]
    with torch.no_grad():
        columns = tensors(behaviours.model_columns(shop, request, max_length), max_length, left)
        scores = model(columns).numpy()
    for hook in hooks:
        hook.remove()
    weights = []
    for layer, logit in zip(model.attention_layers, logits):
        weight = logit.view(-1, max_length)
        weight = weight.softmax(dim=-1) if layer.use_softmax else weight
        weights.append((weight[:, max_length - length :] if left else weight[:, :length]).numpy())
    return scores, weights if len(weights) > 1 else weights[0]


def train(model, shop, max_length, left, epochs=8, batch=128):
    torch.manual_seed(4)
    columns = tensors(behaviours.training_examples(shop, 8000, max_length, seed=4), max_length, left)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    model.train()
    for _ in range(epochs):
        for rows in torch.randperm(8000).split(batch):
            some = {name: column[rows] for name, column in columns.items()}
            loss = torch.nn.functional.binary_cross_entropy(model(some), some["label"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    print(f"  log loss {loss.item():.3f} in training")
    return model
