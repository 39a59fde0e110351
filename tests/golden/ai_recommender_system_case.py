"""The case ai-recommendersystem: the DIN of AI-RecommenderSystem, trained, saved and loaded by its own code on
TensorFlow 2.15.

The code is a folder of scripts and no package: AI_RECOMMENDER_SYSTEM names the folder Rank/DIN/DeepCTRStyle of a
checkout.
"""

import os
import sys

import behaviours
import numpy as np
import tensorflow as tf
from request_lines import write_golden_rows

MAX_LENGTH = 8
ROWS = {"user": behaviours.USERS + 1, "item": behaviours.ITEMS + 1, "category": behaviours.CATEGORIES + 1}
WIDTHS = {"user": 4, "item": 5, "category": 3}


def din():
    """The network of main.ipynb with its two sizes that are no arguments of it, 256-128-64 and 200-80, smaller."""
    sys.path.insert(0, os.environ["AI_RECOMMENDER_SYSTEM"])
    import DIN as code
    from utils import DenseFeat, SparseFeat, VarLenSparseFeat

    code.AttentionPoolingLayer.__init__.__defaults__ = ((12, 6),)
    code.get_dnn_logits.__defaults__ = ((12,), "prelu")
    columns = [SparseFeat(name, ROWS[name], embedding_dim=WIDTHS[name]) for name in ROWS] + [DenseFeat("activity", 1)]
    history = SparseFeat("hist_category", ROWS["category"], embedding_dim=WIDTHS["category"])
    columns.append(VarLenSparseFeat(history, maxlen=MAX_LENGTH, length_name="seq_length"))
    return code.DIN(columns, ["category"], ["hist_category"])


def make(shop, folder):
    trained(shop).save_weights(folder / "din.ckpt")
    model = din()
    model.load_weights(folder / "din.ckpt")
    model.save_weights(folder / "din.ckpt")  # without Adam's moments
    (folder / "checkpoint").unlink()
    model.save_weights(folder / "din.weights.h5")
    (folder / "model_config.json").write_text(model.to_json())
    requests = behaviours.add_dense(shop, behaviours.golden_requests(shop, MAX_LENGTH, seed=34), user=True)
    for line in requests:
        del line["history"]["item"]
    write_golden_rows(folder / "golden.jsonl", requests, lambda request: score(model, request))


def trained(shop):
    tf.keras.utils.set_random_seed(7)
    model = din()
    examples = behaviours.training_examples(shop, 8000, MAX_LENGTH, seed=6)
    model.compile(tf.keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["AUC"])
    log = model.fit(
        model_inputs(examples), examples["label"], batch_size=128, epochs=6, verbose=0, validation_split=0.2
    )
    print(f"  AUC {log.history['val_auc'][-1]:.3f} on rows that training did not see")
    return model


def model_inputs(columns):
    names = [*ROWS, "activity", "hist_category"]
    return {**{name: np.asarray(columns[name]) for name in names}, "seq_length": np.asarray(columns["length"])}


def score(model, request):
    candidates, history = request["candidates"], request["history"]["category"]
    count, padding = len(candidates["item"]), [0] * (MAX_LENGTH - len(history))
    columns = {
        "user": [request["user"]["user"]] * count,
        "activity": [request["user"]["activity"]] * count,
        "item": candidates["item"],
        "category": candidates["category"],
        "hist_category": [history + padding] * count,
        "length": [len(history)] * count,
    }
    inputs = {name: tf.constant(column.reshape(count, -1)) for name, column in model_inputs(columns).items()}
    return model(inputs, training=False).numpy()[:, 0], weights_of(model, inputs)[:, : len(history)]


def weights_of(model, inputs):
    """The logits of the attention, which are its weights."""
    (pooling,) = [layer for layer in model.layers if type(layer).__name__ == "AttentionPoolingLayer"]
    query, keys = (model.get_layer("emb_" + name)(inputs[name]) for name in ("category", "hist_category"))
    return pooling.local_att([query, keys]).numpy()
