"""The case prediction-flow: trained, saved, loaded anew and scored by the package prediction-flow."""

from prediction_flow.features import Category, Features, Number, Sequence
from prediction_flow.pytorch import DIN, AttentionGroup

import behaviours
import numpy as np
import torch
from request_lines import write_golden_rows

MAX_LENGTH = 11
ROWS = {"user": behaviours.USERS + 1, "item": behaviours.ITEMS + 1, "category": behaviours.CATEGORIES + 1}


def build(seed):
    torch.manual_seed(seed)
    features = Features(
        number_features=[Number("pop", None)],
        category_features=[Category(name, None, vocab_size=rows) for name, rows in ROWS.items()],
        sequence_features=[
            Sequence("hist_" + name, None, embedding_name=name, vocab_size=ROWS[name], max_length=MAX_LENGTH)
            for name in ("item", "category")
        ],
    )
    pairs = [{"ad": name, "pos_hist": "hist_" + name} for name in ("item", "category")]
    group = AttentionGroup("behaviours", pairs, hidden_layers=[12, 6], activation="sigmoid")
    return DIN(
        features,
        [group],
        num_classes=2,
        embedding_size=4,
        hidden_layers=[20, 10],
        dnn_activation="prelu",
        final_activation="sigmoid",
    )


def make(shop, folder):
    """Batch norm in the attention, softmax / sqrt(width), one number in front; no history without behaviours."""
    torch.save(train(build(1), shop).state_dict(), folder / "model.pt")
    model = build(2)
    model.load_state_dict(torch.load(folder / "model.pt", weights_only=True))
    model.eval()
    requests = behaviours.add_dense(shop, behaviours.golden_requests(shop, MAX_LENGTH, seed=18), candidates=True)
    # Without behaviours every logit is -inf, and the score is not a number.
    requests = [request for request in requests if request["history"]["item"]]
    write_golden_rows(folder / "golden.jsonl", requests, lambda request: score(model, shop, request))


def tensors(columns):
    columns = {name: torch.from_numpy(np.ascontiguousarray(column)) for name, column in columns.items()}
    for name in ("item", "category"):
        columns[f"__hist_{name}_length"] = columns["length"]
    return columns


def score(model, shop, request):
    columns = tensors(behaviours.model_columns(shop, request, MAX_LENGTH))
    # The package drops the axis of a batch of one.
    columns = {name: torch.cat([column, column]) for name, column in columns.items()}
    count, length = len(request["candidates"]["item"]), len(request["history"]["item"])
    attention = model._attention_poolings["behaviours"]
    inputs = []
    hook = attention.register_forward_hook(lambda module, given, output: inputs.extend(given))
    with torch.no_grad():
        scores = model(columns)[:count, 0].numpy()
        hook.remove()
        attention.return_scores = True
        weights = attention(*inputs)[:count, :length].numpy()
        attention.return_scores = False
    return scores, weights


def train(model, shop, epochs=8, batch=128):
    torch.manual_seed(5)
    columns = tensors(behaviours.training_examples(shop, 8000, MAX_LENGTH, seed=5))
    kept = torch.nonzero(columns["length"])[:, 0]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    model.train()
    for _ in range(epochs):
        for rows in kept[torch.randperm(len(kept))].split(batch):
            some = {name: column[rows] for name, column in columns.items()}
            loss = torch.nn.functional.binary_cross_entropy(model(some)[:, 0], some["label"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    print(f"  log loss {loss.item():.3f} in training")
    return model
