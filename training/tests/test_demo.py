"""The bundled demo: its files are what examples/demo/train_demo.py makes, and its checkpoint is a network of this package."""

import json
import sys

import pytest

import torch
from dinghy_train import export, recipe, requests
from dinghy_train.network import Network

DEMO = export.ROOT / "examples" / "demo"


@pytest.fixture(scope="module")
def train_demo():
    sys.path.insert(0, str(DEMO))
    try:
        import train_demo
    finally:
        sys.path.remove(str(DEMO))
    return train_demo


@pytest.fixture(scope="module")
def shop(train_demo):
    return train_demo.data()


def bundled(made, train_demo):
    """The network whose tensors are in the checkpoint."""
    network = Network(made.description, train_demo.NETWORK)
    tensors = torch.load(DEMO / "checkpoint.pth", weights_only=True)
    for name, table in network.embeddings.tables.items():
        table.weight.data = tensors[f"table.{name}"]
    for prefix, mlp in recipe.mlps_of(network).items():
        for i, linear in enumerate(mlp.linear):
            linear.weight.data, linear.bias.data = tensors[f"{prefix}.{i}.weight"], tensors[f"{prefix}.{i}.bias"]
        for i, dice in enumerate(mlp.activation):
            dice.alpha.data = tensors[f"{prefix}.{i}.alpha"]
            dice.norm.running_mean, dice.norm.running_var = (
                tensors[f"{prefix}.{i}.mean"],
                tensors[f"{prefix}.{i}.variance"],
            )
    assert recipe.checkpoint_of(network).keys() == tensors.keys()
    return network


def test_the_demos_requests_are_those_of_the_simulated_shop(train_demo, shop, tmp_path):
    made, visits, items = shop
    train_demo.write_shop(tmp_path, made, visits, items)
    requests.write_labelled(tmp_path / "labelled.jsonl", train_demo.shown(visits), made.description)
    for name in ("items.tsv", "request.jsonl", "labelled.jsonl"):
        assert (tmp_path / name).read_bytes() == (DEMO / name).read_bytes()


def test_the_demos_checkpoint_scores_as_its_golden_rows(train_demo, shop, tmp_path):
    made, visits, _ = shop
    network = bundled(made, train_demo)
    assert recipe.recipe_of(network, train_demo.origin(made)) == (DEMO / "recipe.toml").read_text()
    train_demo.write_golden(tmp_path, network, made, visits)
    for ours, theirs in zip(lines(tmp_path / "golden.jsonl"), lines(DEMO / "golden.jsonl"), strict=True):
        assert ours.keys() == theirs.keys()
        assert ours["history"] == theirs["history"]
        assert ours["scores"] == pytest.approx(theirs["scores"], abs=1e-6)
        for weights, wanted in zip(ours["attention"], theirs["attention"], strict=True):
            assert weights == pytest.approx(wanted, abs=1e-5)


@pytest.mark.slow  # a whole training
def test_the_command_of_the_demo_makes_its_files(train_demo, tmp_path):
    train_demo.main(tmp_path)
    for name in ("items.tsv", "request.jsonl", "labelled.jsonl", "recipe.toml"):
        assert (tmp_path / name).read_bytes() == (DEMO / name).read_bytes()
    # The same bits on the same kind of processor; on one with AVX2 alone scores differ by 2e-6.
    for ours, theirs in zip(lines(tmp_path / "golden.jsonl"), lines(DEMO / "golden.jsonl"), strict=True):
        assert ours["history"] == theirs["history"]
        assert ours["scores"] == pytest.approx(theirs["scores"], abs=1e-3)
    made, ours = (torch.load(folder / "checkpoint.pth", weights_only=True) for folder in (tmp_path, DEMO))
    assert {name: tensor.shape for name, tensor in made.items()} == {
        name: tensor.shape for name, tensor in ours.items()
    }


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]
