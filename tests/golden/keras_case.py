"""The case seed-keras3: the network of seed_case.py as a Keras 3 model, in the file that Keras itself saves."""

import behaviours
import keras
import numpy as np
from keras import ops
from request_lines import write_golden_rows

MAX_LENGTH = 13
ITEM_WIDTH, CATEGORY_WIDTH, USER_WIDTH = 5, 3, 4
KEY_WIDTH = ITEM_WIDTH + CATEGORY_WIDTH


@keras.saving.register_keras_serializable("seed")
class Dice(keras.layers.Layer):
    def build(self, shape):
        self.alpha = self.add_weight(shape=(shape[-1],), initializer="zeros", name="alpha")
        self.bn = keras.layers.BatchNormalization(center=False, scale=False, epsilon=1e-9, momentum=0.9, name="bn")
        self.bn.build(shape)

    def call(self, x, training=None):
        p = ops.sigmoid(self.bn(x, training=training))
        return p * x + self.alpha * (1 - p) * x


@keras.saving.register_keras_serializable("seed")
class DinAttention(keras.layers.Layer):
    def build(self, shapes):
        width = shapes[1][-1]
        self.q_dense = self.built_layer(keras.layers.Dense(width, name="query"), width)
        self.q_act = self.built_layer(
            keras.layers.PReLU(alpha_initializer=keras.initializers.Constant(0.25), name="query_prelu"), width
        )
        steps = (None, MAX_LENGTH)
        self.ffn = [
            self.built_layer(keras.layers.Dense(16, name="ffn_0"), 4 * width, steps),
            self.built_layer(keras.layers.Dense(8, name="ffn_1"), 16, steps),
        ]
        self.act = [self.built_layer(Dice(name="dice_0"), 16, steps), self.built_layer(Dice(name="dice_1"), 8, steps)]
        self.out = self.built_layer(keras.layers.Dense(1, name="score"), 8, steps)

    @staticmethod
    def built_layer(layer, width, rows=(None,)):
        layer.build((*rows, width))
        return layer

    def weights_of(self, query, keys, length, training=None):
        query = self.q_act(self.q_dense(query))
        query = ops.repeat(ops.expand_dims(query, 1), MAX_LENGTH, axis=1)
        x = ops.concatenate([query, keys, query - keys, query * keys], axis=-1)
        for dense, dice in zip(self.ffn, self.act):
            x = dice(dense(x), training=training)
        behaved = ops.arange(MAX_LENGTH)[None, :] < ops.cast(length, "int32")[:, None]
        logits = ops.where(behaved, self.out(x)[:, :, 0], -(2.0**32) + 1)
        return ops.softmax(logits / KEY_WIDTH**0.5)

    def call(self, inputs, training=None):
        query, keys, length = inputs
        return ops.squeeze(ops.expand_dims(self.weights_of(query, keys, length, training), 1) @ keys, axis=1)


def joined(attention):
    """The model's inputs, and what its tower takes: [user, candidate, interest]."""
    inputs = {name: keras.Input((), name=name, dtype="int32") for name in ("user", "item", "category", "length")}
    inputs |= {name: keras.Input((MAX_LENGTH,), name=name, dtype="int32") for name in ("hist_item", "hist_category")}
    user = keras.layers.Embedding(behaviours.USERS + 1, USER_WIDTH, name="user_emb")
    item = keras.layers.Embedding(behaviours.ITEMS + 1, ITEM_WIDTH, name="item_emb")
    category = keras.layers.Embedding(behaviours.CATEGORIES + 1, CATEGORY_WIDTH, name="category_emb")
    candidate = keras.layers.Concatenate(name="query")([item(inputs["item"]), category(inputs["category"])])
    keys = keras.layers.Concatenate(name="keys")([item(inputs["hist_item"]), category(inputs["hist_category"])])
    interest = attention(name="attention")([candidate, keys, inputs["length"]])
    return inputs, keras.layers.Concatenate(name="top_in")([user(inputs["user"]), candidate, interest])


def build():
    inputs, x = joined(DinAttention)
    for i, units in enumerate((16, 8)):
        x = Dice(name=f"top_dice_{i}")(keras.layers.Dense(units, name=f"top_{i}")(x))
    return keras.Model(inputs, keras.layers.Activation("sigmoid", name="prob")(keras.layers.Dense(1, name="logit")(x)))


def make(shop, folder):
    keras.utils.set_random_seed(4)
    model = build()
    examples = behaviours.training_examples(shop, 8000, MAX_LENGTH, seed=6)
    model.compile(keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["AUC"])
    log = model.fit(
        {name: examples[name] for name in model.input},
        examples["label"],
        batch_size=128,
        epochs=6,
        verbose=0,
        validation_split=0.2,
    )
    print(f"  AUC {log.history['val_AUC'][-1]:.3f} on rows that training did not see")
    plain = build()  # without an optimizer
    plain.set_weights(model.get_weights())
    plain.save(folder / "din.keras")
    loaded = keras.models.load_model(folder / "din.keras")
    requests = behaviours.golden_requests(shop, MAX_LENGTH, seed=23)
    write_golden_rows(folder / "golden.jsonl", requests, lambda request: score(loaded, shop, request))


def score(model, shop, request):
    columns = behaviours.model_columns(shop, request, MAX_LENGTH)
    inputs = {name: np.asarray(columns[name], dtype=np.int32) for name in model.input}
    attention = model.get_layer("attention")
    query, keys = keras.Model(model.input, [model.get_layer(name).output for name in ("query", "keys")])(inputs)
    weights = attention.weights_of(query, keys, inputs["length"], training=False)
    scores = ops.convert_to_numpy(model(inputs, training=False))[:, 0]
    return scores, ops.convert_to_numpy(weights)[:, : len(request["history"]["item"])]
