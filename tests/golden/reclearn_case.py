"""The cases reclearn and reclearn-train: RecLearn's DIN, trained, saved and loaded by its own code on TensorFlow 2.15.

The code is a folder of scripts and no package: RECLEARN names the folder DIN of a checkout of its branch master.
"""

import os
import sys

import behaviours
import numpy as np
import tensorflow as tf
from request_lines import write_golden_rows

ITEM = {"feat": "item", "feat_num": behaviours.ITEMS + 1, "embed_dim": 5}
CATEGORY = {"feat": "category", "feat_num": behaviours.CATEGORIES + 1, "embed_dim": 3}
USER = {"feat": "user", "feat_num": behaviours.USERS + 1, "embed_dim": 4}


def din(columns, compared, max_length, attention, tower):
    sys.path.insert(0, os.environ["RECLEARN"])
    from model import DIN

    return DIN(columns, compared, (16, 8), (16, 8), attention, tower, max_length)


def rich_din():
    """Everything that the code has a place for; a PReLU in the attention has alphas by position."""
    return din([[{"feat": "activity"}], [USER, ITEM, CATEGORY]], ["item", "category"], 6, "PReLU", "dice")


def train_py_din():
    """What train.py sets: items alone, sigmoid and PReLU."""
    return din([[], [ITEM]], ["item"], 10, "sigmoid", "prelu")


def make(shop, folder):
    trained(shop, rich_din).save_weights(folder / "din_weights.h5")
    requests = behaviours.add_dense(shop, behaviours.golden_requests(shop, 6, seed=32), user=True)
    model = loaded(rich_din, folder / "din_weights.h5", requests[0])
    save_checkpoint(model, folder)
    write_golden_rows(folder / "golden.jsonl", requests, lambda request: score(model, request))


def make_train_py(shop, folder):
    save_checkpoint(trained(shop, train_py_din), folder)  # with Adam's moments
    requests = [
        {"user": {}, "history": {"item": line["history"]["item"]}, "candidates": {"item": line["candidates"]["item"]}}
        for line in behaviours.golden_requests(shop, 10, seed=33)
    ]
    model = loaded(train_py_din, folder / "din.ckpt", requests[0])
    model.save_weights(folder / "din.weights.h5")
    write_golden_rows(folder / "golden.jsonl", requests, lambda request: score(model, request))


def save_checkpoint(model, folder):
    """As the callback does that train.py has in a comment."""
    model.save_weights(folder / "din.ckpt")
    (folder / "checkpoint").unlink()


def loaded(make_model, weights, request):
    model = make_model()
    score(model, request)  # makes the variables
    model.load_weights(weights)
    return model


def trained(shop, make_model):
    tf.keras.utils.set_random_seed(6)
    model = make_model()
    examples = behaviours.training_examples(shop, 8000, model.maxlen, seed=5)
    history = [
        [row[:length] for row, length in zip(examples[name], examples["length"])]
        for name in ("hist_item", "hist_category")
    ]
    inputs = model_inputs(
        model, examples["activity"], examples["user"], history, [examples["item"], examples["category"]]
    )
    model.compile(tf.keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["AUC"])
    log = model.fit(inputs, examples["label"], batch_size=128, epochs=6, verbose=0, validation_split=0.2)
    print(f"  AUC {log.history['val_auc'][-1]:.3f} on rows that training did not see")
    return model


def model_inputs(model, numbers, users, history, candidates):
    """What utils.py makes of rows: histories by pad_sequences, which puts zeros in front."""
    padded = [tf.keras.preprocessing.sequence.pad_sequences(column, maxlen=model.maxlen) for column in history]
    return [
        np.asarray(numbers, np.float32)[:, None],
        np.asarray(users)[:, None],
        np.stack(padded, axis=-1),
        np.stack(candidates, axis=-1),
    ]


def score(model, request):
    fields = ("item", "category")[: model.behavior_num]
    count, length = len(request["candidates"]["item"]), len(request["history"]["item"])
    inputs = model_inputs(
        model,
        [request["user"].get("activity", 0)] * count,
        [request["user"].get("user", 0)] * count,
        [[request["history"][name]] * count for name in fields],
        [request["candidates"][name] for name in fields],
    )
    scores = model(inputs, training=False).numpy()[:, 0]
    cut = np.zeros((count, max(length - model.maxlen, 0)))  # behaviours that pad_sequences drops have no weight
    weights = np.hstack([cut, weights_of(model, inputs)])
    return scores, weights[:, weights.shape[1] - length :]


def weights_of(model, inputs):
    """The attention weights: the interest in values that are the rows of the unit matrix."""

    def embedded(ids):
        return tf.concat([table(ids[..., i]) for i, table in enumerate(model.embed_seq_layers)], axis=-1)

    history, candidates = tf.constant(inputs[2]), tf.constant(inputs[3])
    values = tf.eye(model.maxlen, batch_shape=[len(candidates)])
    behaved = tf.cast(history[:, :, 0] != 0, tf.float32)
    return model.attention_layer([embedded(candidates), embedded(history), values, behaved]).numpy()
