"""The case widedeep: trained, saved, loaded anew and scored by the package pytorch-widedeep."""

from pytorch_widedeep.models import WideDeep
from pytorch_widedeep.models.rec import DeepInterestNetwork

import behaviours
import numpy as np
import torch
from request_lines import write_golden_rows

MAX_LENGTH = 12
HISTORY = [f"hist_{i}" for i in range(MAX_LENGTH)]
COLUMNS = {name: i for i, name in enumerate(["user", "category", "target_item", *HISTORY, "pop"])}


def build(seed):
    torch.manual_seed(seed)
    net = DeepInterestNetwork(
        column_idx=COLUMNS,
        user_behavior_confiq=(HISTORY, behaviours.ITEMS, 6),
        target_item_col="target_item",
        cat_embed_input=[("user", behaviours.USERS, 4), ("category", behaviours.CATEGORIES, 3)],
        continuous_cols=["pop"],
        cont_norm_layer="batchnorm",
        attention_unit_activation="dice",
        mlp_hidden_dims=[24, 16],
        mlp_activation="tanh",
        mlp_batchnorm=True,
    )
    return WideDeep(deeptabular=net)


def make(shop, folder):
    """Dice, batch norm before each layer of the tower and for the dense feature; state_dict and whole module."""
    model = train(build(1), shop)
    torch.save(model.state_dict(), folder / "model.pt")
    torch.save(model, folder / "model.whole.pt")
    loaded = build(2)
    loaded.load_state_dict(torch.load(folder / "model.pt", weights_only=True))
    requests = behaviours.add_dense(shop, behaviours.golden_requests(shop, MAX_LENGTH, seed=15), candidates=True)
    for request in requests:
        del request["history"]["category"]
    write_golden_rows(folder / "golden.jsonl", requests, lambda request: score(loaded.eval(), shop, request))


def matrix(columns):
    """The one matrix that the package takes, columns in the order of COLUMNS."""
    ids = [columns["user"], columns["category"], columns["item"], *columns["hist_item"].T]
    return torch.from_numpy(np.stack([*ids, columns["pop"]], axis=1).astype(np.float32))


def score(model, shop, request):
    attention = []
    net = model.deeptabular[0]
    hook = net.attention.register_forward_hook(lambda module, inputs, output: attention.append(output))
    categories = shop.category[np.array(request["history"]["item"], dtype=int)].tolist()
    request = {**request, "history": {**request["history"], "category": categories}}
    x = matrix(behaviours.model_columns(shop, request, MAX_LENGTH))
    with torch.no_grad():
        scores = torch.sigmoid(model({"deeptabular": x}))[:, 0].numpy()
    hook.remove()
    mask = x[:, net.user_behavior_indexes] != 0
    return scores, (attention[0] * mask).numpy()[:, : len(request["history"]["item"])]


def train(model, shop, epochs=8, batch=128):
    torch.manual_seed(3)
    examples = behaviours.training_examples(shop, 8000, MAX_LENGTH, seed=3)
    x, label = matrix(examples), torch.from_numpy(examples["label"])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    model.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(batch):
            logit = model({"deeptabular": x[rows]})[:, 0]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logit, label[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    print(f"  log loss {loss.item():.3f} in training")
    return model
