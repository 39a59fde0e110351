"""dinghy.export of models of packages on PyTorch, with what their predict takes. Weights are drawn: training proves nothing more."""

from collections import OrderedDict

import pytest

import dinghy
import numpy as np
import torch
from shop import LENGTH, ROWS, SIZES, check, columns, drawn


def deepctr_torch(softmax):
    from deepctr_torch.inputs import DenseFeat, SparseFeat, VarLenSparseFeat
    from deepctr_torch.models.din import DIN

    def history(name):
        column = SparseFeat(f"hist_{name}", SIZES[name], embedding_dim=4, embedding_name=name)
        return VarLenSparseFeat(column, maxlen=LENGTH, length_name="length")

    features = [SparseFeat(name, size, embedding_dim=4) for name, size in SIZES.items()]
    features += [DenseFeat("price", 1), history("item"), history("category")]
    options = {"dnn_hidden_units": (16, 8), "att_hidden_size": (12, 6), "dnn_use_bn": not softmax}
    return drawn(DIN(features, ["item", "category"], att_weight_normalization=softmax, **options))


@pytest.mark.parametrize("softmax", [True, False])
def test_deepctr_torch_takes_what_predict_takes(export, softmax):
    model, x = deepctr_torch(softmax), columns()
    report = export(model, x)
    weights = next(choice.how for choice in report.choices if choice.what == "attention weights")
    assert ("softmax" in weights) == softmax
    assert {use["feature"] for use in report.inputs if use["becomes"] == "feature"} == {*SIZES, "price"}
    check(report.path, x, model.predict(dict(x)), ["price"])


def test_deepctr_torch_takes_the_columns_in_order_and_the_matrix_too(export):
    model, x = deepctr_torch(True), columns()
    listed = [x[name] for name in model.feature_index]
    check(export(model, listed).path, x, model.predict(dict(x)), ["price"])
    matrix = np.concatenate([np.asarray(column, np.float32).reshape(ROWS, -1) for column in listed], axis=1)
    renamed = export(model, matrix, recipe={"rename": {"hour": "time", "column_4": "cost"}})
    names = {use["feature"] for use in renamed.inputs if use["becomes"] == "feature"}
    assert names == {"user", "time", "item", "category", "cost"}


def test_a_column_that_is_missing_is_named(export):
    x = columns()
    del x["hour"]
    with pytest.raises(dinghy.InvalidArgumentError, match="x has no hour; it has user"):
        export(deepctr_torch(True), x)


def fuxictr(softmax):
    """The zoo's DIN, which the wheel lacks, as model_zoo/DIN/src/DIN.py puts it together."""
    from fuxictr.features import FeatureMap
    from fuxictr.pytorch.layers import DIN_Attention, FeatureEmbeddingDict, MLP_Block
    from fuxictr.pytorch.models import BaseModel

    class DIN(BaseModel):
        def __init__(self, feature_map):
            super().__init__(feature_map, verbose=0, model_root="unused", metrics=["AUC"])
            self.embedding_layer = FeatureEmbeddingDict(feature_map, 4)
            self.attention = DIN_Attention(8, [12], "Dice", use_softmax=softmax)
            self.dnn = MLP_Block(
                input_dim=4 * len(feature_map.features),
                output_dim=1,
                hidden_units=[16],
                output_activation=self.output_activation,
            )

        def forward(self, inputs):
            x = self.get_inputs(inputs)
            vectors = self.embedding_layer(x)
            query = torch.cat([vectors["item"], vectors["category"]], dim=-1)
            keys = torch.cat([vectors["hist_item"], vectors["hist_category"]], dim=-1)
            interest = self.attention(query, keys, x["hist_item"].long() != 0)
            vectors["hist_item"], vectors["hist_category"] = interest.split(4, dim=-1)
            return {"y_pred": self.dnn(self.embedding_layer.dict2tensor(vectors, flatten_emb=True))}

    feature_map = FeatureMap("shop", "unused")
    one = {"source": "", "type": "categorical", "padding_idx": 0}
    more = {"source": "", "type": "sequence", "padding_idx": 0, "max_len": LENGTH, "feature_encoder": None}
    feature_map.features = OrderedDict({name: {**one, "vocab_size": size} for name, size in SIZES.items()})
    for name in ("item", "category"):
        feature_map.features["hist_" + name] = {**more, "vocab_size": SIZES[name], "share_embedding": name}
    feature_map.labels = ["clicked"]
    return drawn(DIN(feature_map))


@pytest.mark.parametrize("softmax", [True, False])
def test_fuxictr_takes_the_batches_of_its_generator(export, softmax):
    model, x = fuxictr(softmax), columns()
    names = [*model.feature_map.features, "clicked"]
    batch = {name: torch.from_numpy(np.asarray({**x, "clicked": x["price"]}[name])) for name in names}
    report = export(model, [batch])
    assert {use["input"] for use in report.inputs} == set(model.feature_map.features)
    check(report.path, x, model.predict([batch]))
    assert export(model, batch).checks


def torch_rechub(softmax):
    from torch_rechub.basic.features import SequenceFeature, SparseFeature
    from torch_rechub.models.ranking import DIN

    plain = [SparseFeature(name, SIZES[name], embed_dim=4) for name in ("user", "hour")]
    targets = [SparseFeature(name, SIZES[name], embed_dim=4) for name in ("item", "category")]
    histories = [
        SequenceFeature(f"hist_{name}", SIZES[name], embed_dim=4, pooling="concat", shared_with=name)
        for name in ("item", "category")
    ]
    return drawn(DIN(plain, histories, targets, {"dims": [16, 8]}, {"dims": [12], "use_softmax": softmax}), std=1)


@pytest.mark.parametrize("softmax", [True, False])
def test_torch_rechub_takes_the_batches_of_its_loader(export, softmax):
    model, x = torch_rechub(softmax), columns()
    batch = {name: torch.from_numpy(column) for name, column in x.items() if name not in ("length", "price")}
    report = export(model, [(batch, torch.zeros(ROWS))])
    with torch.no_grad():
        check(report.path, x, model(batch).numpy())
