"""The cases nvidia-sim-*: DINModel of NVIDIA's SIM, trained, saved and loaded as its main.py does.

The code is no package: NVIDIA_SIM names a checkout's folder TensorFlow2/Recommendation/SIM of DeepLearningExamples. It
needs Keras 2 (TF_USE_LEGACY_KERAS=1 with tf-keras).
"""

import os
import sys
import types

import numpy as np

os.environ["TF_USE_LEGACY_KERAS"] = "1"
import behaviours
import tensorflow as tf
from request_lines import write_golden_rows

LONG, MAX_LENGTH = 8, 12
FEATURES = {"user": "user_feat0", "item": "item_feat0", "category": "item_feat1"}


def din_model(interaction):
    sys.path.insert(0, os.environ["NVIDIA_SIM"])
    sys.modules.setdefault("yaml", types.ModuleType("yaml"))  # feature_spec.py imports it for files alone
    np.bool = bool
    from sim.data.feature_spec import FeatureSpec
    from sim.models.din_model import DINModel

    spec = FeatureSpec.get_default_feature_spec(
        [behaviours.USERS], [behaviours.ITEMS, behaviours.CATEGORIES], MAX_LENGTH
    )
    return DINModel(spec, mlp_hidden_dims=(10, 6), embedding_dim=4, item_item_interaction=interaction)


def inputs(columns):
    """What data/dataloader.py makes of a row: a long and a short history, and their mask by the first feature."""
    histories = {"item_feat_0_pos": columns["hist_item"], "item_feat_1_pos": columns["hist_category"]}
    mask = (columns["hist_item"] > 0).astype(np.float32)
    result = {
        "user_features": {"user_feat_0": columns["user"]},
        "target_item_features": {"item_feat_0_trgt": columns["item"], "item_feat_1_trgt": columns["category"]},
        "long_sequence_features": {name: ids[:, :LONG] for name, ids in histories.items()},
        "short_sequence_features": {name: ids[:, LONG:] for name, ids in histories.items()},
        "long_sequence_mask": mask[:, :LONG],
        "short_sequence_mask": mask[:, LONG:],
    }
    return tf.nest.map_structure(tf.constant, result)


def weights_of(model, batch):
    """The attention weights, which DINModel.call drops."""
    keys = tf.concat([model.embed(batch["long_sequence_features"]), model.embed(batch["short_sequence_features"])], 1)
    mask = tf.concat([batch["long_sequence_mask"], batch["short_sequence_mask"]], 1)
    query = model.embed(batch["target_item_features"])
    return model.item_seq_interaction((query, keys * mask[:, :, None], mask))[1].numpy()


def train(model, optimizer, shop, epochs=6, batch=200):
    columns = behaviours.training_examples(shop, 4000, MAX_LENGTH, seed=8)
    loss_of = tf.keras.losses.BinaryCrossentropy(from_logits=True)
    rng = np.random.default_rng(3)
    for _ in range(epochs):
        for rows in np.split(rng.permutation(4000), 4000 // batch):
            some = {name: column[rows] for name, column in columns.items()}
            with tf.GradientTape() as tape:
                loss = loss_of(some["label"][:, None], model(inputs(some), training=True)["logits"])
            variables = model.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    print(f"  log loss {loss.numpy():.3f} in training")


def make(shop, folder, interaction, save_optimizer):
    tf.keras.utils.set_random_seed(5)
    tf.keras.backend.clear_session()
    trained = din_model(interaction)
    optimizer = tf.keras.optimizers.Adam(0.02)
    train(trained, optimizer, shop)
    saved = tf.train.Checkpoint(model=trained, **({"optimizer": optimizer} if save_optimizer else {}))
    path = tf.train.CheckpointManager(saved, str(folder), max_to_keep=1).save()
    model = din_model(interaction)
    tf.train.Checkpoint(model=model).restore(path).expect_partial()

    def score(request):
        history = {name: request["history"][FEATURES[name]] for name in ("item", "category")}
        candidates = {name: request["candidates"][FEATURES[name]] for name in ("item", "category")}
        line = {"user": {"user": request["user"][FEATURES["user"]]}, "history": history, "candidates": candidates}
        batch = inputs(behaviours.model_columns(shop, line, MAX_LENGTH))
        scores = tf.sigmoid(model(batch)["logits"])[:, 0].numpy()
        return scores, weights_of(model, batch)[:, : len(history["item"])].reshape(len(scores), -1)

    write_golden_rows(folder / "golden.jsonl", requests(shop), score)


def requests(shop):
    for request in behaviours.golden_requests(shop, MAX_LENGTH, seed=23):
        yield {part: {FEATURES[name]: ids for name, ids in values.items()} for part, values in request.items()}


def make_dot(shop, folder):
    make(shop, folder, "dot", save_optimizer=True)


def make_unit(shop, folder):
    make(shop, folder, "activation_unit", save_optimizer=False)  # whose slots would triple the file
