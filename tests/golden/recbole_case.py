"""The case recbole: data set, training and checkpoint by the package recbole."""

import contextlib
import logging
import pathlib
import tempfile

from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.data.interaction import Interaction
from recbole.model.sequential_recommender import DIN
from recbole.trainer import Trainer
from recbole.utils import init_seed

import behaviours
import numpy as np
import torch
from request_lines import write_golden_rows

MAX_LENGTH = 8
# The checkpoint holds the rows of the training, so these are few.
PARTS = {"train": slice(0, 240), "valid": slice(240, 340), "test": slice(340, 360)}
CATEGORY = {0: "[PAD]", **{number: f"c{number}" for number in range(1, behaviours.CATEGORIES + 1)}}


def write_data_set(shop, folder):
    """Atomic files of the package. Items are named by their number, categories are not."""
    examples = behaviours.training_examples(shop, 360, MAX_LENGTH, seed=4)
    for part, rows in PARTS.items():
        lines = ["user_id:token\titem_id:token\titem_id_list:token_seq\tlabel:float"]
        for user, item, history, length, label in zip(
            *(examples[name][rows] for name in ["user", "item", "hist_item", "length", "label"])
        ):
            if length > 0:  # the package reads an empty list as one empty token
                lines.append(f"{user}\t{item}\t{' '.join(map(str, history[:length]))}\t{label}")
        (folder / f"shop.{part}.inter").write_text("\n".join(lines) + "\n")
    items = [f"{item}\t{CATEGORY[shop.category[item]]}" for item in range(1, behaviours.ITEMS + 1)]
    (folder / "shop.item").write_text("item_id:token\tcategory:token\n" + "\n".join(items) + "\n")
    users = [str(user) for user in range(1, behaviours.USERS + 1)]
    (folder / "shop.user").write_text("user_id:token\n" + "\n".join(users) + "\n")


def configuration(root):
    return Config(
        model="DIN",
        dataset="shop",
        config_dict={
            "data_path": root,
            "checkpoint_dir": root,
            "use_gpu": False,
            "seed": 3,
            "show_progress": False,
            "worker": 0,
            "benchmark_filename": list(PARTS),
            "alias_of_item_id": ["item_id_list"],
            "LABEL_FIELD": "label",
            "load_col": {
                "inter": ["user_id", "item_id", "item_id_list", "label"],
                "item": ["item_id", "category"],
                "user": ["user_id"],
            },
            "MAX_ITEM_LIST_LENGTH": MAX_LENGTH,
            "embedding_size": 4,
            "mlp_hidden_size": [16, 8],
            "dropout_prob": 0.1,
            "eval_args": {"mode": "labeled", "order": "TO", "group_by": "user", "split": {"LS": "valid_and_test"}},
            "metrics": ["AUC", "LogLoss"],
            "valid_metric": "AUC",
            "train_neg_sample_args": None,
            "epochs": 20,
            "learning_rate": 0.01,
            "train_batch_size": 32,
        },
    )


def make(shop, folder):
    logging.disable(logging.CRITICAL)
    # The package leaves a folder of logs where it runs.
    with tempfile.TemporaryDirectory() as root, contextlib.chdir(root):
        data = pathlib.Path(root, "shop")
        data.mkdir()
        write_data_set(shop, data)
        config = configuration(root)
        init_seed(config["seed"], True)
        dataset = create_dataset(config)
        train, valid, _ = data_preparation(config, dataset)
        trainer = Trainer(config, DIN(config, train.dataset))
        trainer.saved_model_file = str(folder / "DIN.pth")
        auc, _ = trainer.fit(train, valid, verbose=False, saved=True, show_progress=False)
        print(f"  AUC {auc:.3f} on rows that training did not see")
        init_seed(config["seed"] + 1, True)
        model = DIN(config, train.dataset)
    saved = torch.load(folder / "DIN.pth", weights_only=False)
    model.load_state_dict(saved["state_dict"])
    model.load_other_parameter(saved["other_parameter"])
    model.eval()
    requests = [tokens(request) for request in behaviours.golden_requests(shop, MAX_LENGTH, seed=16)]
    write_golden_rows(
        folder / "golden.jsonl",
        requests,
        lambda request: score(model, rows(dataset, request["candidates"]), rows(dataset, request["history"])),
    )


def tokens(request):
    """Raw ids, as the files of the data set have them; padding is no item."""

    def columns(part):
        items = [item for item in part["item"] if item != 0]
        return {"item_id": items, "category": [CATEGORY[number] for number in part["category"] if number != 0]}

    return {"user": {}, "history": columns(request["history"]), "candidates": columns(request["candidates"])}


def rows(dataset, part):
    """The rows that the package looks tokens up in."""
    return [int(dataset.token2id("item_id", str(item))) for item in part["item_id"]]


def score(model, items, history):
    items, count = torch.tensor(items), len(items)
    padded = torch.zeros(count, MAX_LENGTH, dtype=torch.long)
    padded[:, : len(history)] = torch.tensor(history, dtype=torch.long)
    seen = []
    hook = model.attention.dense.register_forward_hook(lambda module, inputs, output: seen.append(output))
    with torch.no_grad():
        scores = model.predict(
            Interaction(
                {
                    "user_id": torch.zeros(count, dtype=torch.long),
                    "item_id": items,
                    "item_id_list": padded,
                    "item_length": torch.full((count,), len(history)),
                }
            )
        )
    hook.remove()
    width = model.attention.att_mlp_layers.layers[0] // 4
    weights = seen[0][:, : len(history), 0].numpy() / np.sqrt(width)
    return scores.numpy(), weights
