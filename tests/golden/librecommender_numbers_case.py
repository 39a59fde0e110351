"""The case librecommender-numbers: dense features of the user and the item, by the package LibRecommender."""

import pandas as pd
from libreco.data import DatasetFeat

import behaviours
import numpy as np
import tensorflow as tf
from librecommender_case import MAX_LENGTH, MODEL, saved_and_loaded, trained
from request_lines import write_golden_rows

FILES = [MODEL + ending for ending in ("_tf_variables.npz", "_data_info_name_mapping.json", "_data_info.npz")]
SPARSE, DENSE = ["category", "taste"], ["pop", "activity", "size"]


def make(shop, folder):
    """Two numbers of the item around one of the user, raw ids, padding with the means of the item's numbers."""
    sizes = np.random.default_rng(5).uniform(0, 2, behaviours.ITEMS + 1).astype(np.float32).round(4)
    train_data, data_info = DatasetFeat.build_trainset(
        training_table(shop, sizes),
        user_col=["taste", "activity"],
        item_col=["category", "pop", "size"],
        sparse_col=SPARSE,
        dense_col=DENSE,
    )
    assert (data_info.n_users, data_info.n_items) == (behaviours.USERS, behaviours.ITEMS)
    model = trained(train_data, data_info, embed_size=5, hidden_units=(12, 6), seed=4)
    loaded = saved_and_loaded(model, data_info, folder, FILES)
    requests = [with_numbers(data_info, request) for request in behaviours.golden_requests(shop, MAX_LENGTH, seed=17)]
    write_golden_rows(folder / "golden.jsonl", requests, lambda request: score(loaded, request))


def training_table(shop, sizes):
    examples = behaviours.training_examples(shop, 8000, MAX_LENGTH, seed=6)
    table = pd.DataFrame({name: examples[name] for name in ("user", "item", "label", "category", "pop", "activity")})
    return table.assign(taste=shop.favourites[examples["user"], 0], size=sizes[examples["item"]])


def rows(ids, id_to_row):
    return [id_to_row.get(i, len(id_to_row)) for i in ids]


def with_numbers(data_info, request):
    """Raw ids, with the values that the package has for them; what it did not see has the values of its last row."""

    def items(ids):
        found = rows(ids, data_info.item2id)
        pop, size = data_info.item_dense_unique[found].astype(np.float32).T if ids else ([], [])
        return {
            "item": ids,
            "category": [int(shop_value(data_info, "category", row)) for row in found],
            "pop": [float(str(x)) for x in pop],
            "size": [float(str(x)) for x in size],
        }

    [user] = rows([request["user"]["user"]], data_info.user2id)
    return {
        "user": {
            "user": request["user"]["user"],
            "taste": int(shop_value(data_info, "taste", user)),
            "activity": float(str(np.float32(data_info.user_dense_unique[user, 0]))),
        },
        "history": items(request["history"]["item"]),
        "candidates": items(request["candidates"]["item"]),
    }


def shop_value(data_info, name, row):
    """The raw value of a sparse feature of an item or a user; -1, which no training saw, for the last row."""
    unique = data_info.item_sparse_unique if name == "category" else data_info.user_sparse_unique
    index = unique[row, 0] - data_info.sparse_offset[SPARSE.index(name)]
    values = data_info.sparse_unique_vals[name]
    return values[index] if index < len(values) else -1


def score(model, request):
    info = model.data_info
    candidates = request["candidates"]
    count, length = len(candidates["item"]), len(request["history"]["item"])
    [user] = rows([request["user"]["user"]], info.user2id)
    items = rows(candidates["item"], info.item2id)
    padded = rows(request["history"]["item"], info.item2id) + [model.n_items] * (MAX_LENGTH - length)
    [softmax] = [op for op in model.sess.graph.get_operations() if op.type == "Softmax"]
    scores, weights = model.sess.run(
        [tf.sigmoid(model.output), softmax.outputs[0]],
        {
            model.user_indices: [user] * count,
            model.item_indices: items,
            model.user_interacted_seq: [padded] * count,
            model.user_interacted_len: [length] * count,
            model.sparse_indices: np.stack(
                [info.item_sparse_unique[items, 0], [info.user_sparse_unique[user, 0]] * count], axis=1
            ),
            model.dense_values: np.stack(
                [candidates["pop"], [request["user"]["activity"]] * count, candidates["size"]], axis=1
            ),
        },
    )
    return scores, weights[:, :length]
