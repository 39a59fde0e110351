"""dinghy.export of RecBole's DIN, with the interactions that its predict takes. Weights are drawn."""

import pytest

import dinghy
import numpy as np
import torch
from shop import LENGTH, ROWS, SIZES, columns, drawn


def recbole(folder):
    """A DIN over a data set of the package: items with tokens that are numbers, categories with words."""
    from recbole.config import Config
    from recbole.data import create_dataset, data_preparation
    from recbole.model.sequential_recommender import DIN

    x = columns()
    data = folder / "shop"
    data.mkdir()
    lines = ["user_id:token\titem_id:token\titem_id_list:token_seq\tlabel:float"]
    for user, item, history, length in zip(x["user"], x["item"], x["hist_item"], x["length"]):
        lines.append(f"{user}\t{item}\t{' '.join(map(str, history[:length]))}\t{item % 2}")
    for part in ("train", "valid", "test"):
        (data / f"shop.{part}.inter").write_text("\n".join(lines) + "\n")
    items = [f"{item}\tc{item % 5}" for item in range(1, SIZES["item"])]
    (data / "shop.item").write_text("item_id:token\tcategory:token\n" + "\n".join(items) + "\n")
    (data / "shop.user").write_text("user_id:token\n" + "\n".join(map(str, range(1, SIZES["user"]))) + "\n")
    settings = {
        "data_path": str(folder),
        "use_gpu": False,
        "benchmark_filename": ["train", "valid", "test"],
        "alias_of_item_id": ["item_id_list"],
        "LABEL_FIELD": "label",
        "load_col": {
            "inter": ["user_id", "item_id", "item_id_list", "label"],
            "item": ["item_id", "category"],
            "user": ["user_id"],
        },
        "MAX_ITEM_LIST_LENGTH": LENGTH,
        "embedding_size": 4,
        "mlp_hidden_size": [16, 8],
        "eval_args": {"mode": "labeled", "order": "TO", "group_by": "user", "split": {"LS": "valid_and_test"}},
        "metrics": ["AUC"],
        "valid_metric": "AUC",
        "train_neg_sample_args": None,
        "train_batch_size": ROWS,
        "worker": 0,
        "shuffle": False,
    }
    config = Config(model="DIN", dataset="shop", config_dict=settings)
    train, _, _ = data_preparation(config, create_dataset(config))
    return drawn(DIN(config, train.dataset), std=1), next(iter(train))


def test_recbole_takes_the_interactions_that_predict_takes(export, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the package leaves a folder of logs where it runs
    model, interaction = recbole(tmp_path)
    report = export(model, interaction)
    opened = dinghy.open(report.path)
    tokens = model.embedding_layer.dataset.field2id_token["item_id"]
    items, histories = interaction["item_id"].numpy(), interaction["item_id_list"].numpy()
    scores = []
    for item, history in zip(items, histories):
        seen = [int(tokens[row]) for row in history if row]
        request = {"item_id": seen, "category": [f"c{token % 5}" for token in seen]}
        candidate = int(tokens[item])
        page = {"item_id": [candidate], "category": [f"c{candidate % 5}"]}
        scores.append(opened.score(history=request, candidates=page)[0])
    with torch.no_grad():
        expected = model.predict(interaction).numpy()
    assert np.ptp(expected) > 0.01 and scores == pytest.approx(expected.tolist(), abs=1e-5)
