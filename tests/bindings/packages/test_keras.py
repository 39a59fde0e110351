"""dinghy.export of Keras models, and of DeepCTR's DIN, with what their predict takes. Weights are drawn."""

import os

os.environ |= {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}  # tf.keras is version 2, as DeepCTR needs it

import pytest  # noqa: E402

import dinghy  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow  # noqa: E402
from keras import ops  # noqa: E402
from shop import LENGTH, SIZES, check, columns  # noqa: E402


def drawn(model):
    random = np.random.default_rng(3)
    for weight in model.weights:
        values = random.normal(0, 0.4, weight.shape)
        weight.assign(np.abs(values) if "variance" in weight.name else values)
    return model


class Attention(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(12, activation="sigmoid")
        self.logit = keras.layers.Dense(1)

    def call(self, inputs):
        query, keys, ids = inputs
        query = ops.repeat(ops.expand_dims(query, 1), LENGTH, axis=1)
        logits = self.logit(self.hidden(ops.concatenate([query, keys, query - keys, query * keys], axis=-1)))[..., 0]
        weights = ops.softmax(ops.where(ids != 0, logits, -1e9))
        return ops.sum(weights[..., None] * keys, axis=1)


class Parts:
    """The layers of a DIN, for both ways to write a model."""

    def __init__(self):
        self.tables = {name: keras.layers.Embedding(size, 4) for name, size in SIZES.items()}
        self.attention = Attention()
        self.tower = [keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]

    def score(self, x):
        join = ops.concatenate
        query = join([self.tables[name](x[name]) for name in ("item", "category")], axis=-1)
        keys = join([self.tables[name](x["hist_" + name]) for name in ("item", "category")], axis=-1)
        interest = self.attention([query, keys, x["hist_item"]])
        result = join([self.tables[name](x[name]) for name in ("user", "hour")] + [query, interest], axis=-1)
        for layer in self.tower:
            result = layer(result)
        return result


def functional():
    shapes = {**dict.fromkeys(SIZES, ()), "hist_item": (LENGTH,), "hist_category": (LENGTH,)}
    inputs = {name: keras.Input(shape, name=name, dtype="int32") for name, shape in shapes.items()}
    return keras.Model(inputs, Parts().score(inputs), name="shop")


class Subclass(keras.Model):
    def __init__(self):
        super().__init__()
        self.parts = Parts()
        self.layers_of_parts = [*self.parts.tables.values(), self.parts.attention, *self.parts.tower]

    def call(self, x):
        return self.parts.score(x)


def of_keras(x):
    return {name: column for name, column in x.items() if name not in ("length", "price")}


def test_a_functional_model_takes_what_predict_takes(export):
    model, x = drawn(functional()), of_keras(columns())
    expected = model.predict(x, verbose=0)
    report = export(model, x)
    assert {use["input"] for use in report.inputs} == set(x) and report.checkpoint == "shop"
    check(report.path, x, expected)
    check(export(model, {**x, "unused": x["user"]}).path, x, expected)
    del x["hour"]
    with pytest.raises(dinghy.InvalidArgumentError, match="x has no hour; it has user"):
        export(model, x)


def test_a_subclassed_model_takes_what_predict_takes(export):
    model, x = Subclass(), of_keras(columns())
    model.predict(x, verbose=0)
    check(export(drawn(model), x).path, x, model.predict(x, verbose=0))


def test_what_tf2onnx_cannot_write_is_an_error_that_leaves_no_file(export, tmp_path):
    inputs = {name: keras.Input((), name=name, dtype="int32") for name in ("user", "item")}
    table = keras.layers.Embedding(SIZES["item"], 4)
    product = ops.sum(table(inputs["user"]) * table(inputs["item"]), axis=-1, keepdims=True)
    x = columns()
    with pytest.raises(dinghy.ConversionError, match="^dot: "):
        export(drawn(keras.Model(inputs, product, name="dot")), {name: x[name] for name in inputs})
    assert list(tmp_path.iterdir()) == []


def deepctr(softmax, **more):
    from deepctr.feature_column import DenseFeat, SparseFeat, VarLenSparseFeat
    from deepctr.models import DIN

    def history(name):
        column = SparseFeat(f"hist_{name}", SIZES[name], embedding_dim=4, embedding_name=name, **more)
        return VarLenSparseFeat(column, maxlen=LENGTH, length_name="length")

    features = [SparseFeat(name, size, embedding_dim=4, **more) for name, size in SIZES.items()]
    features += [DenseFeat("price", 1), history("item"), history("category")]
    options = {"dnn_hidden_units": (16, 8), "att_hidden_size": (12, 6), "dnn_use_bn": not softmax}
    return drawn(DIN(features, ["item", "category"], att_weight_normalization=softmax, **options))


@pytest.mark.parametrize("softmax", [True, False])
def test_deepctr_takes_what_predict_takes(export, softmax):
    model, x = deepctr(softmax), columns()
    report = export(model, x)
    weights = next(choice.how for choice in report.choices if choice.what == "attention weights")
    assert ("softmax" in weights) == softmax
    check(report.path, x, model.predict(x, verbose=0), ["price"])
    listed = [x[name] for name in model.input_names]
    check(export(model, listed).path, x, model.predict(listed, verbose=0), ["price"])
    renamed = export(model, x, recipe={"rename": {"hour": "time"}})
    assert "time" in [feature.name for feature in dinghy.open(renamed.path).features]


def test_deepctr_with_hashed_ids_keeps_its_hashes(export):
    model, x = deepctr(True, use_hash=True), columns()
    large = {
        name: column * 1_000_003 if "price" not in name and name != "length" else column for name, column in x.items()
    }
    check(export(model, large).path, large, model.predict(large, verbose=0), ["price"])


def test_a_model_of_keras_2_takes_what_predict_takes(export):
    layers = tensorflow.keras.layers
    inputs = {name: layers.Input((1,), name=name, dtype="int32") for name in ("item", "user")}
    inputs["hist_item"] = layers.Input((LENGTH,), name="hist_item", dtype="int32")
    item, user = layers.Embedding(SIZES["item"], 4), layers.Embedding(SIZES["user"], 4)
    query, keys = item(inputs["item"]), item(inputs["hist_item"])
    logits = tensorflow.matmul(query, keys, transpose_b=True)[:, 0] / 2.0
    behaved = tensorflow.not_equal(inputs["hist_item"], 0)
    weights = tensorflow.nn.softmax(tensorflow.where(behaved, logits, -1e9))
    interest = tensorflow.reduce_sum(weights[:, :, None] * keys, axis=1)
    x = tensorflow.concat([user(inputs["user"])[:, 0], query[:, 0], interest], axis=-1)
    score = layers.Dense(1, activation="sigmoid")(layers.Dense(8, activation="relu")(x))
    model = drawn(tensorflow.keras.Model(inputs, score))
    x = {name: column for name, column in columns().items() if name in inputs}
    opened, expected = dinghy.open(export(model, x).path), model.predict(x, verbose=0)[:, 0]
    for row, history in enumerate(x["hist_item"]):
        request = {"user": {"user": x["user"][row]}, "history": {"item": history[history != 0]}}
        score = opened.score(**request, candidates={"item": x["item"][row : row + 1]})
        assert score[0] == pytest.approx(expected[row], abs=1e-5)
