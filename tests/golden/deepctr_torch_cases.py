"""The cases deepctr-torch-*: trained, saved, loaded anew and scored by the package deepctr-torch."""

import contextlib
import io

from deepctr_torch.inputs import DenseFeat, SparseFeat, VarLenSparseFeat
from deepctr_torch.models.din import DIN

import behaviours
import numpy as np
import torch
from request_lines import write_golden_rows

ROWS = {"user": behaviours.USERS + 1, "item": behaviours.ITEMS + 1, "category": behaviours.CATEGORIES + 1}


def sparse(name, width):
    return SparseFeat(name, ROWS[name], embedding_dim=width)


def history(name, width, max_length, shared):
    column = SparseFeat("hist_" + name, ROWS[name], embedding_dim=width, embedding_name=name if shared else None)
    return VarLenSparseFeat(column, maxlen=max_length, length_name="length")


def make_softmax(shop, folder):
    """Dice, softmax, shared tables; as a state_dict and as the whole module that ModelCheckpoint writes by default."""

    def build(seed):
        features = [
            sparse("user", 4),
            sparse("item", 6),
            sparse("category", 2),
            history("item", 6, 16, shared=True),
            history("category", 2, 16, shared=True),
        ]
        return DIN(
            features,
            ["item", "category"],
            dnn_hidden_units=(24, 16),
            att_hidden_size=(80, 40),
            att_activation="Dice",
            att_weight_normalization=True,
            seed=seed,
        )

    model = train(build(1), shop, 16)
    torch.save(model.state_dict(), folder / "model.pth")
    torch.save(model, folder / "model.whole.pth")
    requests = behaviours.golden_requests(shop, 16)
    score_loaded(build(2), shop, folder, requests, 16)
    whole = torch.load(folder / "model.whole.pth", weights_only=False)
    loaded = load(build(2), folder)
    for request in requests:
        if not np.array_equal(score(whole, shop, request, 16)[0], score(loaded, shop, request, 16)[0]):
            raise SystemExit("model.whole.pth and model.pth score differently")


def raw_model(seed):
    features = [
        sparse("user", 4),
        sparse("item", 6),
        sparse("category", 3),
        DenseFeat("pop", 1),
        history("item", 6, 12, shared=False),
        history("category", 3, 12, shared=False),
    ]
    return DIN(
        features,
        ["item", "category"],
        dnn_hidden_units=(24, 16),
        att_hidden_size=(64, 16),
        att_activation="Dice",
        seed=seed,
    )


def make_raw(shop, folder):
    """Dice, raw weights, a table of its own for every feature, and a dense feature of the candidate."""
    torch.save(train(raw_model(3), shop, 12).state_dict(), folder / "model.pth")
    requests = behaviours.add_dense(shop, behaviours.golden_requests(shop, 12, seed=12), candidates=True)
    score_loaded(raw_model(4), shop, folder, requests, 12)


def sigmoid_bn_model(seed):
    features = [
        sparse("category", 4),
        sparse("user", 4),
        sparse("item", 8),
        DenseFeat("activity", 1),
        history("category", 4, 16, shared=True),
        history("item", 8, 16, shared=True),
    ]
    return DIN(
        features,
        ["category", "item"],
        dnn_hidden_units=(32, 16),
        dnn_use_bn=True,
        att_hidden_size=(64, 16),
        att_activation="sigmoid",
        seed=seed,
    )


def make_sigmoid_bn(shop, folder):
    """Sigmoid, raw weights, batch norm in the tower, the category first, and a dense feature of the user."""
    torch.save(train(sigmoid_bn_model(5), shop, 16).state_dict(), folder / "model.pth")
    requests = behaviours.add_dense(shop, behaviours.golden_requests(shop, 16, seed=13), user=True)
    score_loaded(sigmoid_bn_model(6), shop, folder, requests, 16)


def train(model, shop, max_length):
    torch.manual_seed(1)
    examples = behaviours.training_examples(shop, 8000, max_length, seed=1)
    model.compile(torch.optim.RMSprop(model.parameters(), lr=0.003), "binary_crossentropy", metrics=["auc"])
    inputs = {name: examples[name] for name in model.feature_index}
    with contextlib.redirect_stdout(io.StringIO()):
        history = model.fit(inputs, examples["label"], batch_size=128, epochs=8, verbose=2, validation_split=0.2)
    print(f"  AUC {history.history['val_auc'][-1]:.3f} on rows that training did not see")
    return model


def load(model, folder):
    model.load_state_dict(torch.load(folder / "model.pth", weights_only=True))
    return model


def score_loaded(model, shop, folder, requests, max_length):
    load(model, folder)
    write_golden_rows(folder / "golden.jsonl", requests, lambda request: score(model, shop, request, max_length))


def score(model, shop, request, max_length):
    columns = behaviours.model_columns(shop, request, max_length)
    inputs = [
        np.asarray(columns[name], dtype=np.float32).reshape(len(columns["item"]), -1) for name in model.feature_index
    ]
    model.eval()
    pooling_inputs = []
    hook = model.attention.register_forward_hook(lambda module, inputs, output: pooling_inputs.extend(inputs))
    with torch.no_grad():
        scores = model(torch.from_numpy(np.hstack(inputs)))[:, 0].numpy()
        hook.remove()
        model.attention.return_score = True
        weights = model.attention(*pooling_inputs)[:, 0, :].numpy()
        model.attention.return_score = False
    return scores, weights[:, : len(request["history"]["item"])]
