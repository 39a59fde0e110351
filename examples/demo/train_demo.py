#!/usr/bin/env python3
"""Trains the demo's Deep Interest Network with dinghy-train on the simulated shop, and writes this folder's files.

PYTHONPATH=training build/training/bin/python examples/demo/train_demo.py    (scripts/test-training makes build/training)
"""

import pathlib
import shutil

import numpy as np
import shop
import torch
from dinghy_train import export, metrics, requests
from dinghy_train.data import DataSet
from dinghy_train.description import Description, Feature
from dinghy_train.network import NetworkSettings
from dinghy_train.regularization import RegularizationSettings
from dinghy_train.samples import Column, Samples
from dinghy_train.trainer import Trainer, TrainingSettings, scores

HERE = pathlib.Path(__file__).parent
SHOP_SEED = 2018
MAX_HISTORY = 50
TEST_VISITS, VALID_VISITS = 4, 2  # the last ones of every customer, and those before
SHOWN_VISITS = 300  # of the test, in labelled.jsonl
NETWORK = NetworkSettings(softmax=True)  # weights that a reader can compare
REGULARIZATION = RegularizationSettings("mba", strength=0.3)
TRAINING = TrainingSettings(epochs=5, patience=2, batch=256, learning_rate=2e-3)


def samples_of(visits):
    """One sample for each item of each page; a visit is a group, so that it becomes a request."""
    behaviours, start, stop = [], [], []
    for visit in visits:
        kept = visit.history[-MAX_HISTORY:]
        start.append(len(behaviours))
        behaviours += kept
        stop.append(len(behaviours))
    shown = [item for visit in visits for item in visit.page]

    def of_each_item(values):
        return np.repeat(np.array(values), shop.PAGE)

    return Samples(
        columns={"user": Column(of_each_item([visit.customer for visit in visits])), **columns_of(shown)},
        behaviours=columns_of(behaviours),
        start=of_each_item(start),
        stop=of_each_item(stop),
        label=np.array([click for visit in visits for click in visit.clicked], dtype=np.int8),
        group=of_each_item(range(len(visits))),
    )


def columns_of(items):
    return {
        "item": Column(np.array([item.id for item in items])),
        "category": Column(np.array([item.category for item in items])),
    }


def data():
    """The data set, the visits that it is made of, and all items."""
    rng = np.random.default_rng(SHOP_SEED)
    items = shop.stock(rng)
    visits = shop.simulate(items, rng)
    description = Description(
        features=(
            Feature("user", role="user", rows=shop.CUSTOMERS + 1, width=4),
            Feature("item", rows=len(items), width=16, history=True),
            Feature("category", rows=len(shop.CATEGORIES) + 1, width=8, history=True),
        ),
        max_history=MAX_HISTORY,
    )
    train = [visit for visit in visits if visit.left >= TEST_VISITS + VALID_VISITS]
    valid = [visit for visit in visits if TEST_VISITS <= visit.left < TEST_VISITS + VALID_VISITS]
    splits = [samples_of(split) for split in (train, valid, of_test(visits))]
    return DataSet(f"the shop of seed {SHOP_SEED}", description, *splits).check(), visits, items


def of_test(visits):
    return [visit for visit in visits if visit.left < TEST_VISITS]


def trained(made):
    trainer = Trainer(made.description, NETWORK, REGULARIZATION, TRAINING, made.train)
    return trainer.fit(made.valid).network


def report(network, made):
    """What the README says of the network."""
    test, clicked = made.test, made.train.columns["item"].values[made.train.label == 1]
    popularity = np.bincount(clicked, minlength=made.description.features[1].rows)
    by_popularity = metrics.auc(popularity[test.columns["item"].values].astype(np.float32), test.label)
    auc = metrics.auc(scores(network, test), test.label)
    print(f"AUC {auc:.3f} on {len(test)} rows of the test; by popularity {by_popularity:.3f}")
    batch = test.batch(np.arange(len(test)))
    with torch.no_grad():
        weights = network.attention(batch).numpy()
    sample = batch.segment.numpy()
    same = batch.behaviours["category"].values.numpy() == batch.columns["category"].values.numpy()[sample]
    present = np.bincount(sample, same, len(test)) / np.maximum(test.stop - test.start, 1)
    attended = np.bincount(sample, same * weights, len(test))
    mixed = (present > 0) & (present < 1)
    print(
        f"behaviours of the candidate's category: {present[mixed].mean():.0%} of the history, "
        f"{attended[mixed].mean():.0%} of the attention, over {mixed.sum()} rows"
    )


def showcase(visits):
    """A page with items of many of the customer's interests: categories with three of 12 to 20 behaviours, or more."""

    def interests_shown(visit):
        behaviours = [item.category for item in visit.history]
        return len({item.category for item in visit.page if behaviours.count(item.category) >= 3})

    return max((visit for visit in visits if 12 <= len(visit.history) <= 20), key=interests_shown)


def shown(visits):
    """The samples with labels."""
    return samples_of(of_test(visits)[:SHOWN_VISITS])


def origin(made):
    """Where the model comes from, for its file."""
    return [
        "Trained by examples/demo/train_demo.py with dinghy-train",
        f"data: {made.name}, {len(made.train)} samples",
        f"seed: {TRAINING.seed}",
    ]


def write_golden(folder, network, made, visits):
    """Of all visits, so that there are empty histories."""
    samples = samples_of(visits)
    requests.write_golden(
        folder / "golden.jsonl",
        samples,
        made.description,
        scores(network, samples),
        export.attention_of(network, samples),
    )


def write_shop(folder, made, visits, items):
    """The request of ./demo, and the names of what it shows."""
    chosen = samples_of([showcase(of_test(visits))])
    requests.write_lines(folder / "request.jsonl", [requests.request(chosen, made.description, range(len(chosen)))])
    table = ["\t".join([str(item.id), item.name, str(item.category), item.category_name]) for item in items[1:]]
    (folder / "items.tsv").write_text("\n".join(["id\tname\tcategory\tcategory_name", *table]) + "\n", encoding="utf-8")


def main(folder=HERE):
    torch.set_num_threads(1)  # sums in a fixed order
    made, visits, items = data()
    network = trained(made)
    report(network, made)
    work, dinghy = export.ROOT / "build" / "demo", export.find_dinghy()
    exported = export.Export(network, shown(visits), origin(made), work / "demo.dinghy", work, dinghy)
    for line in exported.exact():
        print(line)
    for file in (exported.checkpoint, exported.recipe, exported.labelled):
        shutil.copy(file, folder)
    write_golden(folder, network, made, visits)
    write_shop(folder, made, visits, items)


if __name__ == "__main__":
    main()
