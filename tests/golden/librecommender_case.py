"""The cases librecommender and librecommender-dot: trained, saved, loaded anew and scored by the package LibRecommender,
on TensorFlow 2.15."""

import pathlib
import shutil
import tempfile

import pandas as pd
from libreco.algorithms import DIN
from libreco.data import DatasetFeat

import behaviours
import numpy as np
import tensorflow as tf
from request_lines import write_golden_rows

MAX_LENGTH = 12
MODEL = "din"
FILES = [MODEL + "_tf_variables.npz", MODEL + "_data_info_name_mapping.json"]


def make(shop, folder):
    """Batch norm, a sparse feature of the user before the item's in one table, the optimizer's slots in the file."""
    train_and_score(shop, folder, FILES, inference_only=False)


def make_dot(shop, folder):
    """use_tf_attention: a dot product, which has no tensors, so that only the settings tell of it."""
    settings = MODEL + "_hyper_parameters.json"
    train_and_score(shop, folder, [*FILES, settings], inference_only=True, use_tf_attention=True)


def trained(train_data, data_info, **settings):
    model = DIN("ranking", data_info, recent_num=MAX_LENGTH, n_epochs=6, lr=0.005, batch_size=128, **settings)
    model.fit(train_data, neg_sampling=False, verbose=0)
    return model


def saved_and_loaded(model, data_info, folder, files, inference_only=False):
    """The model as the package loads what it saved; `files` of that go to `folder`."""
    with tempfile.TemporaryDirectory() as saved:
        model.save(saved, MODEL, manual=True, inference_only=inference_only)
        data_info.save(saved, MODEL)
        for name in files:
            shutil.copy(pathlib.Path(saved) / name, folder / name)
        start_graph()
        return DIN.load(saved, MODEL, data_info, manual=True)


def train_and_score(shop, folder, files, inference_only, **attention):
    train_data, data_info = DatasetFeat.build_trainset(
        training_table(shop), user_col=["taste"], item_col=["category"], sparse_col=["taste", "category"]
    )
    assert (data_info.n_users, data_info.n_items) == (behaviours.USERS, behaviours.ITEMS)
    model = trained(train_data, data_info, embed_size=6, hidden_units=(16, 8), seed=3, **attention)
    loaded = saved_and_loaded(model, data_info, folder, files, inference_only)
    requests = [
        package_request(data_info, request) for request in behaviours.golden_requests(shop, MAX_LENGTH, seed=16)
    ]
    write_golden_rows(folder / "golden.jsonl", requests, lambda request: score(loaded, request))


def start_graph():
    """The names of variables count on from those of the graph before."""
    tf.compat.v1.reset_default_graph()
    tf.keras.backend.clear_session()


def training_table(shop):
    examples = behaviours.training_examples(shop, 8000, MAX_LENGTH, seed=4)
    table = pd.DataFrame({name: examples[name] for name in ("user", "item", "label", "category")})
    return table.assign(taste=shop.favourites[examples["user"], 0])


def package_request(data_info, request):
    """Ids as the package gives them to its network: rows of tables, the last one for those that it does not know."""

    def items(ids):
        rows = [data_info.item2id.get(item, data_info.n_items) for item in ids]
        return {"item": rows, "category": data_info.item_sparse_unique[rows, 0].tolist() if rows else []}

    user = data_info.user2id.get(request["user"]["user"], data_info.n_users)
    return {
        "user": {"user": user, "taste": int(data_info.user_sparse_unique[user, 0])},
        "history": items(request["history"]["item"]),
        "candidates": items(request["candidates"]["item"]),
    }


def score(model, request):
    user, history, candidates = request["user"], request["history"]["item"], request["candidates"]
    count, length = len(candidates["item"]), len(history)
    padded = history + [model.n_items] * (MAX_LENGTH - length)
    [softmax] = [op for op in model.sess.graph.get_operations() if op.type == "Softmax"]
    scores, weights = model.sess.run(
        [tf.sigmoid(model.output), softmax.outputs[0]],
        {
            model.user_indices: [user["user"]] * count,
            model.item_indices: candidates["item"],
            model.user_interacted_seq: [padded] * count,
            model.user_interacted_len: [length] * count,
            model.sparse_indices: np.stack([[user["taste"]] * count, candidates["category"]], axis=1),
        },
    )
    return scores, weights.reshape(count, MAX_LENGTH)[:, :length]
