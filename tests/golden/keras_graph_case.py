"""The case seed-keras3-graph: the network of keras_case.py with its layers as attributes and batch norm in the tower, as
tf.train.Checkpoint saves it."""

import behaviours
import keras
import numpy as np
import tensorflow as tf
from keras_case import KEY_WIDTH, MAX_LENGTH, Dice, DinAttention, joined, score
from request_lines import write_golden_rows


@keras.saving.register_keras_serializable("seed")
class NamedAttention(DinAttention):
    """Its layers are built when they are called, so that their variables are all called attention/kernel."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.query = keras.layers.Dense(KEY_WIDTH, name="query")
        self.query_prelu = keras.layers.PReLU(alpha_initializer=keras.initializers.Constant(0.25), name="query_prelu")
        self.ffn_0, self.ffn_1 = keras.layers.Dense(12, name="ffn_0"), keras.layers.Dense(6, name="ffn_1")
        self.dice_0, self.dice_1 = Dice(name="dice_0"), Dice(name="dice_1")
        self.score = keras.layers.Dense(1, name="score")

    q_dense = property(lambda self: self.query)
    q_act = property(lambda self: self.query_prelu)
    ffn = property(lambda self: [self.ffn_0, self.ffn_1])
    act = property(lambda self: [self.dice_0, self.dice_1])
    out = property(lambda self: self.score)

    def build(self, shapes):
        pass


def build():
    inputs, x = joined(NamedAttention)
    for i, units in enumerate((16, 8)):
        x = keras.layers.Dense(units, name=f"top_{i}")(x)
        x = keras.layers.BatchNormalization(epsilon=2e-3, momentum=0.9, name=f"top_bn_{i}")(x)
        x = keras.layers.Activation("relu", name=f"top_relu_{i}")(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid", name="logit")(x))


def make(shop, folder):
    keras.utils.set_random_seed(5)
    model = build()
    examples = behaviours.training_examples(shop, 6000, MAX_LENGTH, seed=6)
    model.compile(keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["AUC"])
    columns = {name: examples[name] for name in model.input}
    log = model.fit(columns, examples["label"], batch_size=128, epochs=5, verbose=0, validation_split=0.2)
    print(f"  AUC {log.history['val_AUC'][-1]:.3f} on rows that training did not see")
    plain = build()  # without an optimizer
    plain.set_weights(model.get_weights())
    tf.train.Checkpoint(model=plain).write(folder / "din.ckpt")
    (folder / "model_config.json").write_text(plain.to_json() + "\n")
    loaded = build()
    tf.train.Checkpoint(model=loaded).read(folder / "din.ckpt").assert_existing_objects_matched()
    assert all(np.array_equal(a, b) for a, b in zip(loaded.get_weights(), plain.get_weights(), strict=True))
    requests = behaviours.golden_requests(shop, MAX_LENGTH, seed=24)
    write_golden_rows(folder / "golden.jsonl", requests, lambda request: score(loaded, shop, request))
