"""The cases deepctr-*: trained, saved, loaded anew and scored by the package deepctr, which needs TensorFlow 2.15."""

from deepctr.feature_column import DenseFeat, SparseFeat, VarLenSparseFeat
from deepctr.layers import custom_objects
from deepctr.models import DIN

import behaviours
import tensorflow as tf
from request_lines import write_golden_rows

ROWS = {"user": behaviours.USERS + 1, "item": behaviours.ITEMS + 1, "category": behaviours.CATEGORIES + 1}


def sparse(name, width, **more):
    return SparseFeat(name, ROWS[name], embedding_dim=width, **more)


def history(name, width, max_length, shared, rows=None, **more):
    column = SparseFeat(
        "hist_" + name, rows or ROWS[name], embedding_dim=width, embedding_name=name if shared else None, **more
    )
    return VarLenSparseFeat(column, maxlen=max_length, length_name="length")


def make_softmax_bn(shop, folder):
    """Softmax, batch norm in the tower, the item's columns around the user's; numbered weights and the configuration."""

    def build():
        features = [
            sparse("item", 4),
            sparse("user", 4),
            sparse("category", 4),
            DenseFeat("pop", 1),
            history("item", 4, 15, shared=True),
            history("category", 4, 15, shared=True),
        ]
        return DIN(
            features,
            ["item", "category"],
            dnn_hidden_units=(16, 8),
            dnn_use_bn=True,
            att_hidden_size=(16, 8),
            att_weight_normalization=True,
        )

    model = train(build(), shop, 15)
    model.save_weights(folder / "din.weights.h5")
    (folder / "model_config.json").write_text(model.to_json(indent=1) + "\n", encoding="utf-8")
    without_optimizer(folder / "din.weights.h5")
    loaded = build()
    loaded.load_weights(folder / "din.weights.h5")
    requests = behaviours.add_dense(shop, behaviours.golden_requests(shop, 15, seed=21), candidates=True)
    write_golden_rows(folder / "golden.jsonl", requests, lambda request: score(loaded, shop, request, 15))


def make_raw_hash(shop, folder):
    """Raw weights, hashed ids, a table of its own for the history; the whole model in one h5."""
    features = [
        SparseFeat("user", 40, embedding_dim=4, use_hash=True),
        SparseFeat("item", 150, embedding_dim=6, use_hash=True),
        sparse("category", 2),
        DenseFeat("pop", 1),
        history("item", 6, 12, shared=False, rows=150, use_hash=True),
        history("category", 2, 12, shared=True),
    ]
    model = train(DIN(features, ["item", "category"], dnn_hidden_units=(16, 8), att_hidden_size=(16, 8)), shop, 12)
    model.save(folder / "din.model.h5", include_optimizer=False)
    loaded = tf.keras.models.load_model(folder / "din.model.h5", custom_objects)
    requests = behaviours.add_dense(shop, behaviours.golden_requests(shop, 12, seed=22), candidates=True)
    write_golden_rows(folder / "golden.jsonl", requests, lambda request: score(loaded, shop, request, 12))


def without_optimizer(path):
    """The layout of Keras 3 holds the optimizer's state too, larger than the weights; here it is of no use."""
    import h5py

    with h5py.File(path) as full, h5py.File(path.with_suffix(".small"), "w") as small:
        for name in full:
            if name not in ("optimizer", "metrics"):
                full.copy(full[name], small, name)
    path.with_suffix(".small").replace(path)


def train(model, shop, max_length):
    tf.keras.utils.set_random_seed(1)
    examples = behaviours.training_examples(shop, 8000, max_length, seed=5)
    model.compile(tf.keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["AUC"])
    inputs = {name: examples[name] for name in model.input_names}
    log = model.fit(inputs, examples["label"], batch_size=128, epochs=6, verbose=0, validation_split=0.2)
    print(f"  AUC {log.history['val_auc'][-1]:.3f} on rows that training did not see")
    return model


def score(model, shop, request, max_length):
    columns = behaviours.model_columns(shop, request, max_length)
    inputs = {name: tf.constant(columns[name]) for name in model.input_names}
    attention = next(layer for layer in model.layers if layer.name.startswith("attention_sequence_pooling_layer"))
    query, keys = tf.keras.Model(model.inputs, attention.input)(inputs, training=False)
    behaved = (columns["hist_item"] != 0) & (columns["hist_category"] != 0)
    attention.return_score = True
    weights = attention([query, keys], mask=[None, tf.constant(behaved)], training=False)[:, 0, :].numpy()
    attention.return_score = False
    scores = model(inputs, training=False).numpy()[:, 0]
    return scores, weights[:, : len(request["history"]["item"])]
