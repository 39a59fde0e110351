"""The case seed-npz: the attention of the paper's notes in Keras, with all variables by name in one npz.

Query layer with PReLU, [q, k, q-k, q*k] -> 80 Dice -> 40 Dice -> 1, mask -2**32 + 1, / sqrt(key width), softmax.
"""

import behaviours
import keras
import numpy as np
import tensorflow as tf
from request_lines import write_golden_rows

MAX_LENGTH = 15
ITEM_WIDTH, CATEGORY_WIDTH, USER_WIDTH = 5, 3, 4
KEY_WIDTH = ITEM_WIDTH + CATEGORY_WIDTH
BATCH_NORM_STATISTICS = dict(center=False, scale=False, epsilon=1e-9, momentum=0.9)


class Dice:
    """p * x + alpha * (1 - p) * x with p = sigmoid of the normalised x, by moving statistics outside training."""

    def __init__(self, width):
        self.alpha = keras.Variable(tf.zeros(width))
        self.norm = keras.layers.BatchNormalization(**BATCH_NORM_STATISTICS)
        self.norm.build((None, width))

    def __call__(self, x, training):
        norm = self.norm(tf.reshape(x, [-1, x.shape[-1]]), training=training)
        p = tf.sigmoid(tf.reshape(norm, tf.shape(x)))
        return p * x + self.alpha * (1 - p) * x


class Din:
    """`named` has every variable under the name that it has in the npz."""

    def __init__(self, seed):
        keras.utils.set_random_seed(seed)
        self.named = {}
        self.user = self.table("user_emb", behaviours.USERS, USER_WIDTH)
        self.item = self.table("item_emb", behaviours.ITEMS, ITEM_WIDTH)
        self.category = self.table("category_emb", behaviours.CATEGORIES, CATEGORY_WIDTH)
        self.query = self.dense("attention/query", KEY_WIDTH, KEY_WIDTH)
        self.query_alpha = keras.Variable(tf.fill([KEY_WIDTH], 0.25))
        self.named["attention/query_prelu/alpha"] = self.query_alpha
        self.attention = [
            (self.dense("attention/ffn_0", 4 * KEY_WIDTH, 80), self.dice("attention/dice_0", 80)),
            (self.dense("attention/ffn_1", 80, 40), self.dice("attention/dice_1", 40)),
        ]
        self.score = self.dense("attention/score", 40, 1)
        self.top = [
            (self.dense("top_0", USER_WIDTH + 2 * KEY_WIDTH, 24), self.dice("top_dice_0", 24)),
            (self.dense("top_1", 24, 16), self.dice("top_dice_1", 16)),
        ]
        self.logit = self.dense("logit", 16, 1)

    def table(self, name, rows, width):
        layer = keras.layers.Embedding(rows + 1, width)
        layer.build()
        self.named[f"{name}/embeddings"] = layer.embeddings
        return layer

    def dense(self, name, inputs, units):
        layer = keras.layers.Dense(units)
        layer.build((None, inputs))
        self.named |= {f"{name}/kernel": layer.kernel, f"{name}/bias": layer.bias}
        return layer

    def dice(self, name, width):
        dice = Dice(width)
        self.named |= {
            f"{name}/alpha": dice.alpha,
            f"{name}/moving_mean": dice.norm.moving_mean,
            f"{name}/moving_variance": dice.norm.moving_variance,
        }
        return dice

    def trainable(self):
        return [variable for name, variable in self.named.items() if "moving_" not in name]

    def __call__(self, columns, training):
        """Logits [N] and attention weights [N, MAX_LENGTH]."""
        candidate = tf.concat([self.item(columns["item"]), self.category(columns["category"])], axis=-1)
        keys = tf.concat([self.item(columns["hist_item"]), self.category(columns["hist_category"])], axis=-1)
        weights = self.attention_weights(candidate, keys, columns["length"], training)
        interest = tf.squeeze(weights[:, None, :] @ keys, axis=1)
        x = tf.concat([self.user(columns["user"]), candidate, interest], axis=-1)
        for dense, dice in self.top:
            x = dice(dense(x), training)
        return self.logit(x)[:, 0], weights

    def attention_weights(self, candidate, keys, lengths, training):
        query = self.query(candidate)
        query = tf.maximum(query, 0) + self.query_alpha * tf.minimum(query, 0)
        query = tf.broadcast_to(query[:, None, :], tf.shape(keys))
        x = tf.concat([query, keys, query - keys, query * keys], axis=-1)
        for dense, dice in self.attention:
            x = dice(dense(x), training)
        logits = tf.where(tf.sequence_mask(lengths, MAX_LENGTH), self.score(x)[:, :, 0], -(2.0**32) + 1)
        return tf.nn.softmax(logits / KEY_WIDTH**0.5)


def make(shop, folder):
    trained = train(Din(seed=1), shop).named
    np.savez_compressed(folder / "din.npz", **{name: np.asarray(value) for name, value in trained.items()})
    model = Din(seed=2)
    with np.load(folder / "din.npz") as variables:
        for name, variable in model.named.items():
            variable.assign(variables[name])

    def score(request):
        columns = behaviours.model_columns(shop, request, MAX_LENGTH)
        logits, weights = model({name: tf.constant(column) for name, column in columns.items()}, training=False)
        return tf.sigmoid(logits).numpy(), weights.numpy()[:, : len(request["history"]["item"])]

    write_golden_rows(folder / "golden.jsonl", behaviours.golden_requests(shop, MAX_LENGTH, seed=15), score)


def train(model, shop):
    examples = behaviours.training_examples(shop, 8000, MAX_LENGTH, seed=3)
    trained = model.trainable()
    optimizer = keras.optimizers.Adam(0.005)
    optimizer.build(trained)

    @tf.function
    def step(columns):
        with tf.GradientTape() as tape:
            logits, _ = model(columns, training=True)
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(columns["label"], logits))
        optimizer.apply(tape.gradient(loss, [variable.value for variable in trained]), trained)
        return loss

    for columns in tf.data.Dataset.from_tensor_slices(examples).shuffle(8000).batch(128).repeat(6):
        loss = step(columns)
    print(f"  log loss {loss.numpy():.3f} in training")
    return model
