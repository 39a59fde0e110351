"""The cases fuxictr, fuxictr-specs and fuxictr-content, written by the package: feature map, vocabularies, log, checkpoint.

The wheel has the layers of its model zoo but not the zoo's DIN, so the model is put together from them here, as
model_zoo/DIN/src/DIN.py of version 2.3.10 does it.
"""

import logging
import pathlib
import shutil
import tempfile

import polars
from fuxictr.features import FeatureMap
from fuxictr.preprocess import FeatureProcessor
from fuxictr.pytorch.layers import DIN_Attention, FeatureEmbeddingDict, MLP_Block
from fuxictr.pytorch.models import BaseModel
from fuxictr.utils import print_to_json, set_logger

import behaviours
import numpy as np
import torch
from request_lines import write_golden_rows

MAX_LENGTH = 14
WIDTH = 6
COVER_WIDTH = 4
HISTORIES = {"hist_item": "item", "hist_category": "category", "favourites": "category"}  # name -> whose table it has
FILES = ["feature_map.json", "feature_vocab.json"]


def categorical(name):
    return {"name": name, "active": True, "dtype": "str", "type": "categorical"}


def history(name, shared, encoder, padding="pre"):
    return {
        "name": name,
        "active": True,
        "dtype": "str",
        "type": "sequence",
        "splitter": "^",
        "max_len": MAX_LENGTH,
        "padding": padding,
        "share_embedding": shared,
        "feature_encoder": encoder,
    }


def parameters(root):
    """What a run of the package has in its configuration files."""
    projection = "nn.Linear(6, 6, bias=False)"
    return {
        "model": "DIN",
        "model_id": "DIN",
        "dataset_id": "shop",
        "model_root": f"{root}/checkpoints",
        "data_root": f"{root}/data",
        "task": "binary_classification",
        "loss": "binary_crossentropy",
        "optimizer": "adam",
        "learning_rate": 0.005,
        "metrics": ["AUC"],
        "verbose": 0,
        "min_categr_count": 2,
        "embedding_dim": WIDTH,
        "batch_norm": True,
        "dnn_hidden_units": [16, 8],
        "dnn_activations": "dice",
        "attention_hidden_units": [12],
        "attention_hidden_activations": "dice",
        "attention_output_activation": None,
        "attention_dropout": 0.1,
        "net_dropout": 0.1,
        "din_use_softmax": True,
        # Not in the order of the map: only the log knows it.
        "din_target_field": [("category", "item")],
        "din_sequence_field": [("hist_category", "hist_item")],
        "feature_cols": [
            {**categorical("item"), "feature_encoder": projection},
            categorical("user"),
            history("hist_item", "item", projection),
            {"name": "popularity", "active": True, "dtype": "float", "type": "numeric"},
            categorical("category"),
            history("hist_category", "category", None),
            {**history("favourites", "category", "layers.MaskedAveragePooling()"), "max_len": 2},
        ],
        "label_col": {"name": "label", "dtype": "float"},
    }


def parameters_with_specs(root):
    """What the map does not say: its features in another order, and what they go through. The candidate has a vector."""
    joined = [history(name, shared, None, "post") for name, shared in HISTORIES.items()]
    return {
        **parameters(root),
        "attention_hidden_activations": "ReLU",
        "dnn_activations": "ReLU",
        "batch_norm": False,
        "din_use_softmax": False,
        "din_target_field": [("item", "category")],
        "din_sequence_field": [("hist_item", "hist_category")],
        "feature_cols": [
            categorical("user"),
            categorical("item"),
            categorical("category"),
            *joined,
            {"name": "popularity", "active": True, "dtype": "float", "type": "numeric"},
            {"name": "cover", "active": True, "dtype": "float", "type": "embedding", "pretrain_dim": COVER_WIDTH},
        ],
        "use_features": ["cover", "item", "hist_item", "user", "category", "hist_category", "popularity", "favourites"],
        "feature_specs": [
            {"name": ["item", "hist_item"], "feature_encoder": ["nn.Linear(6, 6)", "nn.Tanh()"]},
            {"name": "category", "feature_encoder": "nn.Sequential(nn.Linear(6, 6, bias=False), nn.Dropout(0.1))"},
            {"name": "popularity", "feature_encoder": "nn.LeakyReLU(0.2)"},
            {"name": "cover", "feature_encoder": ["nn.Linear(4, 6)", "nn.Sigmoid()"]},
            {
                "name": "favourites",
                "feature_encoder": [
                    "nn.Linear(6, 4, bias=False)",
                    "nn.ReLU()",
                    "layers.MaskedSumPooling()",
                    "nn.Linear(4, 6)",
                    "nn.Tanh()",
                ],
            },
        ],
    }


def parameters_with_content(root):
    """Items have vectors of their content, behaviours too: rows that were there before the training, beside its own."""
    vectors = pathlib.Path(root, "items.npz")
    items = np.arange(1, behaviours.ITEMS + 1)
    np.savez(vectors, key=np.array([item_id(item) for item in items]), value=covers(items))
    content = {
        "pretrained_emb": str(vectors),
        "pretrain_dim": COVER_WIDTH,
        "pretrain_usage": "sum",
        "freeze_emb": True,
    }
    return {
        **parameters(root),
        "attention_hidden_activations": "ReLU",
        "dnn_activations": "ReLU",
        "batch_norm": False,
        "feature_cols": [
            {**categorical("item"), **content},
            categorical("user"),
            history("hist_item", "item", None),
            {"name": "popularity", "active": True, "dtype": "float", "type": "numeric"},
            categorical("category"),
            history("hist_category", "category", None),
            {**history("favourites", "category", "layers.MaskedAveragePooling()"), "max_len": 2},
        ],
    }


class Din(BaseModel):
    def __init__(self, feature_map, seed, **params):
        super().__init__(feature_map, **params)
        torch.manual_seed(seed)
        self.targets, self.histories = params["din_target_field"], params["din_sequence_field"]
        self.embedding_layer = FeatureEmbeddingDict(feature_map, WIDTH)
        self.attention_layers = torch.nn.ModuleList(
            [
                DIN_Attention(
                    WIDTH * len(target),
                    attention_units=params["attention_hidden_units"],
                    hidden_activations=params["attention_hidden_activations"],
                    dropout_rate=params["attention_dropout"],
                    use_softmax=params["din_use_softmax"],
                )
                for target in self.targets
            ]
        )
        self.dnn = MLP_Block(
            input_dim=feature_map.sum_emb_out_dim(),
            output_dim=1,
            hidden_units=params["dnn_hidden_units"],
            hidden_activations=params["dnn_activations"],
            output_activation=self.output_activation,
            dropout_rates=params["net_dropout"],
            batch_norm=params["batch_norm"],
        )
        self.compile(params["optimizer"], params["loss"], params["learning_rate"])
        self.reset_parameters()

    def forward(self, inputs):
        columns = self.get_inputs(inputs)
        vectors = self.embedding_layer(columns)
        for attention, targets, histories in zip(self.attention_layers, self.targets, self.histories):
            query = torch.cat([vectors[field] for field in targets], dim=-1)
            keys = torch.cat([vectors[field] for field in histories], dim=-1)
            pooled = attention(query, keys, columns[histories[0]].long() != 0)
            for field, interest in zip(histories, pooled.split(WIDTH, dim=-1)):
                vectors[field] = interest
        return {"y_pred": self.dnn(self.embedding_layer.dict2tensor(vectors, flatten_emb=True))}


def item_id(item):
    return f"i{item}"


def joined(ids):
    return "^".join(ids)


def raw_columns(shop, columns):
    """Columns of behaviours.py as the package reads them: texts, histories joined."""
    lengths = columns["length"]
    return {
        "item": [item_id(item) for item in columns["item"]],
        "user": [str(user) for user in columns["user"]],
        "hist_item": [joined(map(item_id, row[:n])) for row, n in zip(columns["hist_item"], lengths)],
        "popularity": [float(value) for value in columns["pop"]],
        "category": [str(category) for category in columns["category"]],
        "hist_category": [joined(map(str, row[:n])) for row, n in zip(columns["hist_category"], lengths)],
        "favourites": [joined(map(str, shop.favourites[user])) for user in columns["user"]],
    }


def make(shop, folder):
    run(shop, folder, parameters)


def make_specs(shop, folder):
    run(shop, folder, parameters_with_specs)


def make_content(shop, folder):
    run(shop, folder, parameters_with_content)


def run(shop, folder, parameters_in):
    with tempfile.TemporaryDirectory() as root:
        params = parameters_in(root)
        set_logger(params)
        logging.info("Params: " + print_to_json(params))
        examples = behaviours.training_examples(shop, 8000, MAX_LENGTH, seed=3)
        raw = raw_columns(shop, examples)
        processor = FeatureProcessor(**params)
        processor.fit(
            polars.DataFrame({**raw, "label": examples["label"]}).lazy(), min_categr_count=params["min_categr_count"]
        )
        data = pathlib.Path(root, "data", "shop")
        feature_map = FeatureMap("shop", str(data))
        feature_map.load(str(data / "feature_map.json"), params)
        inputs = tensors(processor, raw, feature_map, examples["item"])
        model = train(Din(feature_map, seed=1, **params), inputs, examples["label"])
        model.save_weights(folder / "DIN.model")
        for name in FILES:
            shutil.copy(data / name, folder / name)
        write_log(pathlib.Path(root, "checkpoints", "shop", "DIN.log").read_text(), root, folder / "DIN.log")
        loaded = Din(feature_map, seed=2, **params)
    loaded.load_weights(folder / "DIN.model")
    loaded.eval()
    requests = golden_requests(shop)
    write_golden_rows(
        folder / "golden.jsonl",
        [for_dinghy(request, feature_map) for request in requests],
        Scorer(loaded, processor, shop, requests, params),
    )


def write_log(text, root, path):
    """The log's first lines: its parameters, without the folder of this run."""
    end = text.index("}\n") + 2
    path.write_text(text[:end].replace(root, "."))


def covers(items):
    """A vector of each item, of sixteenths, which float32 and decimals have exactly."""
    return np.random.default_rng(7).integers(-16, 17, (behaviours.ITEMS + 1, COVER_WIDTH))[items] / 16


def tensors(processor, raw, feature_map, items):
    columns = {name: torch.from_numpy(np.asarray(column)) for name, column in processor.transform(dict(raw)).items()}
    if "cover" in feature_map.features:
        columns["cover"] = torch.from_numpy(covers(items)).float()
    return columns


def train(model, columns, label, epochs=12, batch=128):
    torch.manual_seed(1)
    columns["label"] = torch.from_numpy(label)
    model._max_gradient_norm = 10.0
    model.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(label)).split(batch):
            loss = model.train_step({name: column[rows] for name, column in columns.items()})
    print(f"  log loss {loss.item():.3f} in training")
    return model


def golden_requests(shop):
    requests = behaviours.add_dense(shop, behaviours.golden_requests(shop, MAX_LENGTH, seed=15), candidates=True)
    for request in requests:
        request["user"]["favourites"] = shop.favourites[request["user"]["user"]].tolist()
    return requests


def for_dinghy(request, feature_map):
    """Names and tokens of the package: items are strings, all else is whole numbers. nn.Module has a pop of its own."""
    renamed = {**request}
    renamed["history"] = {**request["history"], "item": [item_id(item) for item in request["history"]["item"]]}
    candidates = dict(request["candidates"])
    renamed["candidates"] = {
        **candidates,
        "item": [item_id(item) for item in candidates["item"]],
        "popularity": candidates["pop"],
    }
    del renamed["candidates"]["pop"]
    if "cover" in feature_map.features:
        renamed["candidates"]["cover"] = covers(candidates["item"]).tolist()
    return renamed


class Scorer:
    """Answers the requests in their order; `write_golden_rows` shows them as Dinghy reads them."""

    def __init__(self, model, processor, shop, requests, params):
        self.model, self.processor, self.shop = model, processor, shop
        self.softmax = params["din_use_softmax"]
        self.before = any(column.get("padding") == "pre" for column in params["feature_cols"])
        self.requests = iter(requests)

    def __call__(self, _):
        request = next(self.requests)
        columns = behaviours.model_columns(self.shop, request, MAX_LENGTH)
        seen = []
        hook = self.model.attention_layers[0].attention_layer.register_forward_hook(
            lambda module, inputs, output: seen.append(output)
        )
        inputs = tensors(self.processor, raw_columns(self.shop, columns), self.model.feature_map, columns["item"])
        with torch.no_grad():
            scores = self.model.forward(inputs)["y_pred"][:, 0]
        hook.remove()
        length = len(request["history"]["item"])
        logits = seen[0].view(len(scores), MAX_LENGTH)
        logits = logits[:, MAX_LENGTH - length :] if self.before else logits[:, :length]
        return scores.numpy(), (torch.softmax(logits, dim=-1) if self.softmax else logits).numpy()
