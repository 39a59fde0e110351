"""The case reclearn-form: RecLearn's DIN written anew from its formula, on TensorFlow 2.15.

The code is a folder of scripts and no package: names, shapes and order of its layers are the scripts', its sizes smaller.
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

import behaviours
from request_lines import write_golden_rows

MAX_LENGTH = 6
ITEM_TABLES = [(behaviours.ITEMS + 1, 5), (behaviours.CATEGORIES + 1, 3)]
USER_TABLES = [(behaviours.USERS + 1, 4)]


class Dice(layers.Layer):
    def __init__(self):
        super().__init__()
        self.bn = layers.BatchNormalization(center=False, scale=False)
        self.alpha = self.add_weight(shape=(), dtype=tf.float32, name="alpha")

    def call(self, x, training=None):
        share = tf.sigmoid(self.bn(x, training=training))
        return x * (share + self.alpha * (1 - share))


class Attention_Layer(layers.Layer):  # Keras makes the name attention__layer of this
    def __init__(self, units):
        super().__init__()
        slopes = tf.keras.initializers.RandomUniform(-0.5, 0.5, seed=4)
        self.att_dense = [layers.Dense(width, activation=layers.PReLU(alpha_initializer=slopes)) for width in units]
        self.att_final_dense = layers.Dense(1)

    def weights_of(self, query, keys, behaved):
        queries = tf.repeat(query[:, None, :], keys.shape[1], axis=1)
        hidden = tf.concat([queries, keys, queries - keys, queries * keys], axis=-1)
        for dense in self.att_dense:
            hidden = dense(hidden)
        logits = tf.squeeze(self.att_final_dense(hidden), axis=-1)
        return tf.nn.softmax(tf.where(behaved, logits, tf.fill(tf.shape(logits), -(2.0**32) + 1)))

    def call(self, inputs):
        query, keys, behaved = inputs
        return tf.einsum("bt,btd->bd", self.weights_of(query, keys, behaved), keys)


class DIN(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.embed_sparse_layers = [layers.Embedding(rows, width) for rows, width in USER_TABLES]
        self.embed_seq_layers = [layers.Embedding(rows, width) for rows, width in ITEM_TABLES]
        self.attention_layer = Attention_Layer((16, 8))
        self.bn = layers.BatchNormalization()
        self.ffn = [layers.Dense(width, activation=Dice()) for width in (16, 8)]
        self.dense_final = layers.Dense(1)

    def item(self, ids):
        return tf.concat([table(ids[..., i]) for i, table in enumerate(self.embed_seq_layers)], axis=-1)

    def call(self, inputs, training=None):
        numbers, users, history, items = inputs
        behaved = tf.not_equal(history[:, :, 0], 0)
        interest = self.attention_layer([self.item(items), self.item(history), behaved])
        others = [numbers, *(table(users[:, i]) for i, table in enumerate(self.embed_sparse_layers))]
        hidden = self.bn(tf.concat([interest, self.item(items), *others], axis=-1), training=training)
        for dense in self.ffn:
            hidden = dense(hidden)
        return tf.sigmoid(self.dense_final(hidden))


def make(shop, folder):
    tf.keras.utils.set_random_seed(6)
    model = DIN()
    examples = behaviours.training_examples(shop, 8000, MAX_LENGTH, seed=5)
    history = np.stack([padded(examples["hist_item"], examples["length"]),
                        padded(examples["hist_category"], examples["length"])], axis=-1)
    inputs = model_inputs(examples["activity"], examples["user"], history, examples["item"], examples["category"])
    model.compile(tf.keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["AUC"])
    log = model.fit(inputs, examples["label"], batch_size=128, epochs=6, verbose=0, validation_split=0.2)
    print(f"  AUC {log.history['val_auc'][-1]:.3f} on rows that training did not see")
    model.save_weights(folder / "din_weights.h5")
    plain = DIN()
    plain([part[:1] for part in inputs])
    plain.load_weights(folder / "din_weights.h5")
    plain.save_weights(folder / "din.weights.h5")
    requests = behaviours.add_dense(shop, behaviours.golden_requests(shop, MAX_LENGTH, seed=32), user=True)
    write_golden_rows(folder / "golden.jsonl", requests, lambda request: score(plain, request))


def padded(columns, lengths):
    """pad_sequences of Keras: zeros in front, the last behaviours stay."""
    return tf.keras.preprocessing.sequence.pad_sequences([row[:length] for row, length in zip(columns, lengths)],
                                                         maxlen=MAX_LENGTH)


def model_inputs(numbers, users, history, items, categories):
    return [np.asarray(numbers, np.float32)[:, None], np.asarray(users)[:, None], history,
            np.stack([items, categories], axis=-1)]


def score(model, request):
    items, categories = request["candidates"]["item"], request["candidates"]["category"]
    count, length = len(items), len(request["history"]["item"])
    columns = [padded([request["history"][name]] * count, [length] * count) for name in ("item", "category")]
    inputs = model_inputs([request["user"]["activity"]] * count, [request["user"]["user"]] * count,
                          np.stack(columns, axis=-1), items, categories)
    history = tf.constant(inputs[2])
    weights = model.attention_layer.weights_of(model.item(tf.constant(inputs[3])), model.item(history),
                                               tf.not_equal(history[:, :, 0], 0)).numpy()
    seen = min(length, MAX_LENGTH)
    # Behaviours that were cut have no weight, and neither has one of the item 0.
    weights = np.hstack([np.zeros((count, length - seen)), weights[:, MAX_LENGTH - seen:]])
    return model(inputs, training=False).numpy()[:, 0], weights
