import pytest

import numpy as np
import torch
from dinghy_train.errors import TrainingError
from dinghy_train.network import Network, NetworkSettings
from dinghy_train.regularization import RegularizationSettings, difacto, mba, prepare

TABLES = {"item": torch.nn.Embedding(4, 2, sparse=True)}
TABLES["item"].weight.data = torch.tensor([[1.0, 0.0], [2.0, 1.0], [3.0, 0.0], [0.0, 4.0]])
IDS = {"item": torch.tensor([1, 3, 1, 1])}
COUNTS = {"item": torch.tensor([0, 5, 9, 2])}


def test_mba_by_hand_takes_each_id_of_the_batch_once():
    # lambda / 2 (|w_1|^2 / n_1 + |w_3|^2 / n_3) = 0.5 (5 / 5 + 16 / 2)
    assert mba(TABLES, IDS, COUNTS, 1.0).item() == pytest.approx(4.5)


def test_mba_pulls_as_equation_7_says_and_only_ids_of_the_batch():
    TABLES["item"].weight.grad = None
    mba(TABLES, IDS, COUNTS, 3.0).backward()
    wanted = torch.zeros(4, 2)
    for j in (1, 3):
        wanted[j] = 3.0 / COUNTS["item"][j] * TABLES["item"].weight[j].detach()
    gradient = TABLES["item"].weight.grad
    torch.testing.assert_close(gradient.to_dense(), wanted)
    assert gradient.coalesce().indices().tolist() == [[1, 3]]


@pytest.mark.parametrize("penalty", [lambda t: mba(t, IDS, COUNTS, 2.0), lambda t: difacto(t, IDS, 4, 2.0)])
def test_gradients_agree_with_finite_differences(penalty):
    table = torch.nn.Embedding(4, 2, sparse=True, dtype=torch.float64)
    table.weight.data = TABLES["item"].weight.detach().double()
    penalty({"item": table}).backward()
    gradient, step = table.weight.grad.to_dense(), 1e-6
    for place in np.ndindex(4, 2):
        values = []
        for sign in (1, -1):
            with torch.no_grad():
                table.weight[place] += sign * step
                values.append(penalty({"item": table}).item())
                table.weight[place] -= sign * step
        assert gradient[place].item() == pytest.approx((values[0] - values[1]) / (2 * step), abs=1e-6)


def test_difacto_counts_every_occurrence():
    # lambda / 2 (3 |w_1|^2 + |w_3|^2) / 4 samples
    assert difacto(TABLES, IDS, 4, 1.0).item() == pytest.approx(0.5 * (15 + 16) / 4)


def test_occurrences_are_those_of_columns_and_histories(data):
    train = data.train
    for feature in data.description.tables:
        wanted = np.zeros(feature.rows, dtype=int)
        for i in range(len(train)):
            np.add.at(wanted, train.columns[feature.name].row(i), 1)
            for b in range(train.start[i], train.stop[i]) if feature.history else ():
                np.add.at(wanted, train.behaviours[feature.name].row(b), 1)
        assert train.occurrences(feature).tolist() == wanted.tolist()


def test_filter_leaves_the_most_frequent_ids_their_rows(data):
    network = Network(data.description, NetworkSettings())
    prepare(network, data.train, RegularizationSettings("filter", size=5))
    counts = data.train.occurrences(data.description.features[2])
    frequent = set(np.argsort(-counts, kind="stable")[:5].tolist())
    rows = network.embeddings.rows("item", torch.arange(30)).tolist()
    assert rows == [i if i in frequent else 0 for i in range(30)]


def test_dropout_leaves_ids_out_only_while_training(data):
    network = Network(data.description, NetworkSettings(kind="base", activation="prelu"))
    prepare(network, data.train, RegularizationSettings("dropout", rate=0.5))
    batch, feature = data.train.batch(np.arange(100)), data.description.features[2]
    network.train()
    dropped = (network.embeddings(feature, batch.columns["item"]) == 0).all(dim=1)
    assert 20 < dropped.sum() < 80
    network.eval()
    assert not (network.embeddings(feature, batch.columns["item"]) == 0).all(dim=1).any()


@pytest.mark.parametrize(
    "wrong", [{"kind": "l2"}, {"kind": "mba"}, {"kind": "none", "rate": 0.5}, {"kind": "dropout", "rate": 1.5}]
)
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(TrainingError):
        RegularizationSettings(**wrong)
