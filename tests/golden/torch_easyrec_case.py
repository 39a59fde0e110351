"""The case torch-easyrec-form: TorchEasyRec's MultiTowerDIN in a torch module written from its source, with its names.

The package needs TorchRec and a GPU build to train, so the module stands in for it. torch.distributed.checkpoint itself
writes the folder, as the package's trainer has it do, and safetensors the other form.
"""

import torch.distributed.checkpoint as distributed
from safetensors.torch import save_file

import behaviours
import torch
from request_lines import write_golden_rows
from torch import nn
from torch_training import tensors, train

MAX_LENGTH = 12
USER_WIDTH, ITEM_WIDTH, CATEGORY_WIDTH = 3, 4, 3
KEY_WIDTH = ITEM_WIDTH + CATEGORY_WIDTH
SEQUENCE = "clicks__"


CONFIG = """\
# What the package's trainer would have been given for this network; it stands beside the checkpoints.
data_config { fg_mode: FG_NONE }
feature_configs { id_feature { feature_name: "user" expression: "user:user" embedding_dim: 3 } }
feature_configs { id_feature { feature_name: "item" expression: "item:item" embedding_dim: 4 } }
feature_configs { id_feature { feature_name: "category" expression: "item:category" embedding_dim: 3 } }
feature_configs {
  sequence_feature {
    sequence_name: "clicks"
    sequence_length: 12
    features { id_feature { feature_name: "item" expression: "item:item" embedding_dim: 4 } }
    features { id_feature { feature_name: "category" expression: "item:category" embedding_dim: 3 } }
  }
}
model_config {
  feature_groups { group_name: "deep" feature_names: ["user", "item", "category"] group_type: DEEP }
  feature_groups {
    group_name: "seq"
    feature_names: ["item", "category", "clicks__item", "clicks__category"]
    group_type: SEQUENCE
  }
  multi_tower_din {
    towers { input: "deep" mlp { hidden_units: 8 use_bn: true } }
    din_towers { input: "seq" attn_mlp { hidden_units: 16 use_bn: true activation: "Dice" } }
    final { hidden_units: 8 activation: "Dice" }
  }
  losses { binary_cross_entropy {} }
}
"""


class Dice(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.bn = nn.BatchNorm1d(width, affine=False)
        self.alpha = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        p = torch.sigmoid(self.bn(x.reshape(-1, x.shape[-1])).reshape(x.shape))
        return self.alpha * (1 - p) * x + p * x


class BatchNorm(nn.BatchNorm1d):
    def forward(self, x):
        return super().forward(x.reshape(-1, x.shape[-1])).reshape(x.shape)


class Mlp(nn.Module):
    """Layers `mlp.N.perceptron`. On three dimensions the package has transposes around batch norm: gaps in the numbers."""

    def __init__(self, sizes, norm=False, dice=False, transposed=False):
        super().__init__()
        self.mlp = nn.ModuleList()
        for inputs, outputs in zip(sizes, sizes[1:]):
            layers = [nn.Linear(inputs, outputs, bias=not norm)]
            if norm:
                gap = [nn.Identity()] if transposed else []
                layers += [*gap, BatchNorm(outputs), *gap]
            layers.append(Dice(outputs) if dice else nn.ReLU())
            self.mlp.append(nn.Module())
            self.mlp[-1].perceptron = nn.Sequential(*layers)

    def forward(self, x):
        for layer in self.mlp:
            x = layer.perceptron(x)
        return x


class DinEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.mlp = Mlp([4 * KEY_WIDTH, 16], norm=True, dice=True, transposed=True)
        self.linear = nn.Linear(16, 1)

    def forward(self, query, keys, real):
        query = query[:, None, :].expand_as(keys)
        logits = self.linear(self.mlp(torch.cat([query, keys, query - keys, query * keys], dim=-1)))[:, :, 0]
        weights = torch.softmax(torch.where(real, logits, -(2.0**31) + 1), dim=-1)
        return (weights[:, None, :] @ keys)[:, 0], weights


def tables(kind, features):
    """Embeddings of a group under the package's names: `ebc.embedding_bags` or `ec_dict.WIDTH.embeddings`."""
    group = nn.Module()
    widths = {"user": USER_WIDTH, "item": ITEM_WIDTH, "category": CATEGORY_WIDTH}
    rows = {"user": behaviours.USERS, "item": behaviours.ITEMS, "category": behaviours.CATEGORIES}
    group.ebc, group.ec_dict = nn.Module(), nn.ModuleDict()
    group.ebc.embedding_bags = nn.ModuleDict()
    for feature in features:
        field = feature.removeprefix(SEQUENCE)
        table, width = nn.Embedding(rows[field] + 1, widths[field]), str(widths[field])
        if kind == "bags":
            group.ebc.embedding_bags[feature + "_emb"] = table
            continue
        if width not in group.ec_dict:
            group.ec_dict[width] = nn.Module()
            group.ec_dict[width].embeddings = nn.ModuleDict()
        group.ec_dict[width].embeddings[feature + "_emb"] = table
    return nn.ModuleDict({"__BASE__": group})


class MultiTowerDin(nn.Module):
    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.embedding_group = nn.Module()
        self.embedding_group.emb_impls = tables("bags", ["user", "item", "category"])
        self.embedding_group.seq_emb_impls = tables(
            "dict", ["item", "category", SEQUENCE + "item", SEQUENCE + "category"]
        )
        self.towers = nn.ModuleDict({"deep": Mlp([USER_WIDTH + KEY_WIDTH, 8], norm=True)})
        self.din_towers = nn.ModuleList([DinEncoder()])
        self.final_mlp = Mlp([8 + KEY_WIDTH, 8], dice=True)
        self.output_mlp = nn.Linear(8, 1)

    def forward(self, columns):
        """Scores [N] and attention weights [N, MAX_LENGTH]."""
        bags = self.embedding_group.emb_impls["__BASE__"].ebc.embedding_bags
        sequences = self.embedding_group.seq_emb_impls["__BASE__"].ec_dict
        deep = torch.cat([bags[name + "_emb"](columns[name]) for name in ("user", "item", "category")], dim=-1)
        real = torch.arange(MAX_LENGTH) < columns["length"][:, None]

        def look_up(prefix, item, category):
            return torch.cat(
                [
                    sequences[str(ITEM_WIDTH)].embeddings[prefix + "item_emb"](item),
                    sequences[str(CATEGORY_WIDTH)].embeddings[prefix + "category_emb"](category),
                ],
                dim=-1,
            )

        query = look_up("", columns["item"], columns["category"])
        keys = look_up(SEQUENCE, columns["hist_item"], columns["hist_category"]) * real[:, :, None]
        interest, weights = self.din_towers[0](query, keys, real)
        x = torch.cat([self.towers["deep"](deep), interest], dim=-1)
        return torch.sigmoid(self.output_mlp(self.final_mlp(x))[:, 0]), weights


def make(shop, folder):
    (folder / "pipeline.config").write_text(CONFIG)
    examples = behaviours.training_examples(shop, 8000, MAX_LENGTH, seed=6)
    state = train(MultiTowerDin(seed=1), examples, epochs=8, rate=0.01).state_dict()
    # The package's trainer wraps the network into a module with the attribute `model`.
    distributed.save(
        {"model." + name: tensor for name, tensor in state.items()},
        checkpoint_id=folder / "model.ckpt-500" / "model",
        no_dist=True,
    )
    save_file(state, folder / "model.safetensors")
    loaded = {"model." + name: torch.zeros_like(tensor) for name, tensor in state.items()}
    distributed.load(loaded, checkpoint_id=folder / "model.ckpt-500" / "model", no_dist=True)
    model = MultiTowerDin(seed=2)
    model.load_state_dict({name.removeprefix("model."): tensor for name, tensor in loaded.items()})
    model.eval()

    def score(request):
        history = {name.removeprefix(SEQUENCE): ids for name, ids in request["history"].items()}
        columns = behaviours.model_columns(shop, {**request, "history": history}, MAX_LENGTH)
        with torch.no_grad():
            scores, weights = model(tensors(columns))
        return scores.numpy(), weights[:, : len(history["item"])].numpy()

    write_golden_rows(folder / "golden.jsonl", requests(shop), score)


def requests(shop):
    """The behaviours' columns are features of their own."""
    for request in behaviours.golden_requests(shop, MAX_LENGTH, seed=17):
        yield {**request, "history": {SEQUENCE + name: column for name, column in request["history"].items()}}
