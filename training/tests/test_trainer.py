import pytest

import numpy as np
import torch
from dinghy_train.errors import TrainingError
from dinghy_train.network import NetworkSettings
from dinghy_train.regularization import RegularizationSettings
from dinghy_train.trainer import Trainer, TrainingSettings, scores


def trainer(data, epochs=4, kind="dropout", **settings):
    regularization = RegularizationSettings(kind, **({"rate": 0.2} if kind == "dropout" else {"strength": 0.5}))
    settings = {"batch": 32, "learning_rate": 0.01, "patience": 9} | settings
    return Trainer(
        data.description, NetworkSettings(), regularization, TrainingSettings(epochs=epochs, **settings), data.train
    )


def state(run):
    return run.network.state_dict()


def assert_same(a, b):
    assert a.keys() == b.keys()
    for name in a:
        assert torch.equal(a[name], b[name]), name


def test_learns_what_is_there_to_learn(data):
    run = trainer(data, epochs=6, kind="mba").fit(data.valid, quiet=True)
    assert run.at_best()["valid"]["auc"] > 0.7


def test_the_same_seed_gives_the_same_weights(data):
    first, second, other = (trainer(data, seed=seed).fit(data.valid, quiet=True) for seed in (5, 5, 6))
    assert_same(state(first), state(second))
    assert not torch.equal(state(first)["tower.linear.0.weight"], state(other)["tower.linear.0.weight"])


@pytest.mark.parametrize("kind", ["dropout", "mba"])
def test_resume_gives_the_weights_of_one_go(data, tmp_path, kind):
    whole = trainer(data, kind=kind).fit(data.valid, quiet=True)
    path = tmp_path / "training.pt"
    trainer(data, epochs=2, kind=kind).fit(data.valid, checkpoint=path, quiet=True)
    torch.rand(7)  # whatever happens in between
    going_on = trainer(data, kind=kind)
    going_on.resume(path)
    resumed = going_on.fit(data.valid, quiet=True)
    assert_same(state(whole), state(resumed))
    assert [epoch["loss"] for epoch in whole.epochs] == [epoch["loss"] for epoch in resumed.epochs]


def test_the_learning_rate_decays_with_each_epoch(data):
    training = trainer(data, epochs=3, decay=0.5)
    training.fit(data.valid, quiet=True)
    rates = [group["lr"] for optimizer in training.optimizers for group in optimizer.param_groups]
    assert rates == [0.01 * 0.25] * 2


def test_a_checkpoint_of_another_training_is_refused(data, tmp_path):
    path = tmp_path / "training.pt"
    trainer(data, epochs=1).fit(data.valid, checkpoint=path, quiet=True)
    with pytest.raises(TrainingError, match="other training"):
        trainer(data, learning_rate=0.5).resume(path)
    with pytest.raises(TrainingError, match="nothing to resume"):
        trainer(data).resume(tmp_path / "other.pt")
    path.write_bytes(b"no checkpoint")
    with pytest.raises(TrainingError, match="no checkpoint"):
        trainer(data).resume(path)


def test_stops_early_and_keeps_the_best_epoch_of_the_validation(data):
    training = trainer(data, epochs=60, learning_rate=0.05, patience=2)
    run = training.fit(data.valid, quiet=True)
    assert len(run.epochs) < 60
    assert len(run.epochs) == run.best_epoch + 1 + 2
    best = run.at_best()["valid"]["auc"]
    again = trainer(data, epochs=run.best_epoch + 1, learning_rate=0.05).fit(data.valid, quiet=True)
    assert again.epochs[-1]["valid"]["auc"] == best
    np.testing.assert_array_equal(scores(run.network, data.test), scores(again.network, data.test))


def test_batches_of_any_size_score_alike(data):
    network = trainer(data, epochs=1).fit(data.valid, quiet=True).network
    np.testing.assert_allclose(scores(network, data.test, batch=7), scores(network, data.test), atol=1e-6)
