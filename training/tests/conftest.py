import pytest

import numpy as np
import torch
from dinghy_train.data import DataSet
from dinghy_train.description import Description, Feature
from dinghy_train.samples import Column, Samples

torch.set_num_threads(1)


def made_up(seed=0, count=600):
    """Samples with every kind of feature, and histories from empty to 7 of 9 behaviours of a user."""
    rng = np.random.default_rng(seed)
    users, most = 40, 9

    def bags(rows):
        lengths = rng.integers(1, 4, rows)
        return Column(rng.integers(0, 12, lengths.sum()), np.concatenate([[0], np.cumsum(lengths)]))

    user = np.repeat(np.arange(users), count // users)
    stop = user * most + rng.integers(0, most + 1, count)
    item = rng.integers(0, 30, count)
    price = rng.normal(size=(count, 2)).astype(np.float32)
    return Samples(
        columns={
            "user": Column(user),
            "hour": Column(rng.integers(0, 24, count)),
            "item": Column(item),
            "tags": bags(count),
            "price": Column(price),
        },
        behaviours={
            "item": Column(rng.integers(0, 30, users * most)),
            "tags": bags(users * most),
            "price": Column(rng.normal(size=(users * most, 2)).astype(np.float32)),
        },
        start=np.maximum(user * most, stop - 7),
        stop=stop,
        label=(rng.random(count) < np.where(item % 3 == 0, 0.8, 0.2)).astype(np.int8),
        group=user,
    )


DESCRIPTION = Description(
    features=(
        Feature("user", role="user", rows=40, width=3),
        Feature("hour", role="context", rows=24, width=2),
        Feature("item", rows=30, width=8, history=True),
        Feature("tags", kind="bag", rows=12, width=4, history=True),
        Feature("price", kind="dense", width=2, history=True),
    ),
    max_history=7,
)


@pytest.fixture
def data():
    samples = made_up()
    rows = np.arange(len(samples))
    splits = [
        samples.subset(rows[rows % 10 < 8]),
        samples.subset(rows[rows % 10 == 8]),
        samples.subset(rows[rows % 10 == 9]),
    ]
    return DataSet("made up", DESCRIPTION, *splits).check()
