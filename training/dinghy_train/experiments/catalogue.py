"""The experiments, each with the claims of the paper that it shows, or does not."""

import os
import pathlib
from dataclasses import replace

import numpy as np
from dinghy_train.data.movielens import MovieLens
from dinghy_train.data.s3rec import S3Rec
from dinghy_train.data.worlds import FineIdsWorld, LocalWorld
from dinghy_train.experiments.claims import BestOfAll, Fall, Paired, PairedWithBestRival
from dinghy_train.experiments.experiment import Case, Experiment
from dinghy_train.network import NetworkSettings
from dinghy_train.regularization import RegularizationSettings as Regularization
from dinghy_train.trainer import TrainingSettings

BASE = NetworkSettings(kind="base", activation="prelu")
PRELU = NetworkSettings(activation="prelu")
DICE = NetworkSettings(activation="dice")
PUBLISHED_WORLD = 20261129  # the day on which the settings were frozen: chosen before it was looked at
ONE_WORLD = (
    "One simulated world; seeds differ in initialization and order. The world's sizes and the learning rate were set by hand on "
    "other worlds."
)
SMALL_LOCAL = LocalWorld(users=600, goods=200, categories=10, interests=3, history=20)
SMALL_FINE_IDS = FineIdsWorld(users=800, goods=4000, categories=20)


def folder(name):
    """A folder of data that is read where it lies: in DINGHY_DATA, else in ../shared/data beside the clone."""
    root = pathlib.Path(__file__).resolve().parents[3].parent / "shared" / "data"
    return str(pathlib.Path(os.environ.get("DINGHY_DATA", root)) / name)


def strengths(kind, *values):
    return tuple(Regularization(kind, strength=value) for value in values)


def world(form, small_form):
    """One world for all seeds: they differ in initialization and order."""
    return lambda seed, small: (small_form if small else form).make(PUBLISHED_WORLD)


local = Experiment(
    name="local",
    title="Interests that only local activation finds",
    data=world(LocalWorld(users=2000), SMALL_LOCAL),
    cases={
        "BaseModel": Case(BASE),
        "DIN PReLU": Case(PRELU),
        "DIN Dice": Case(DICE),
        "BaseModel, MBA": Case(BASE, like="DIN Dice, MBA"),
        "DIN Dice, MBA": Case(DICE, strengths("mba", 0.3, 1.0)),
    },
    claims=(
        Paired("DIN - BaseModel, AUC", "DIN PReLU", "BaseModel", 0.05),
        Paired("Dice - PReLU, AUC", "DIN Dice", "DIN PReLU", 0.008),
        BestOfAll("DIN + Dice + MBA is best of all", "DIN Dice, MBA"),
    ),
    training=TrainingSettings(epochs=5, patience=2, batch=256, learning_rate=5e-3),
    notes=(
        ONE_WORLD,
        "Five epochs for all: what is slower to learn is behind by as much.",
    ),
    drawn="DIN Dice",
)

RIVALS = ("ids, none", "ids, dropout", "ids, filter", "ids, DiFacto")
fine_ids = Experiment(
    name="fine-ids",
    title="Fine ids: 20,000 goods, most of them rare (the paper's table 4 and figure 4)",
    data=world(FineIdsWorld(), SMALL_FINE_IDS),
    cases={
        "without ids": Case(BASE, without=("item",)),
        "ids, none": Case(BASE),
        "ids, dropout": Case(BASE, tuple(Regularization("dropout", rate=rate) for rate in (0.2, 0.5))),
        "ids, filter": Case(BASE, tuple(Regularization("filter", size=size) for size in (5000, 10_000))),
        "ids, DiFacto": Case(BASE, strengths("difacto", 0.003, 0.01, 0.03)),
        "ids, MBA": Case(BASE, strengths("mba", 0.2, 0.3, 0.6)),
    },
    claims=(
        Fall(
            "without regularization the test falls from its best by epoch 5",
            "ids, none",
            epoch=5,
            at_least=0.015,
        ),
        Paired(
            "MBA - none at its best, AUC",
            "ids, MBA",
            "ids, none",
            0.015,
        ),
        PairedWithBestRival("MBA - the best rival, AUC", "ids, MBA", RIVALS, 0.006),
        Fall("MBA's last epoch is below its best by", "ids, MBA", at_most=0.002),
    ),
    # On the validation of the worlds 1 and 3 MBA is .018 and .025 above none at its best so, and none falls by .013 and .015 to
    # epoch 5. With a rate of 1.5e-2 and a decay of 0.85 it falls by .011 and .015.
    training=TrainingSettings(epochs=10, patience=4, learning_rate=1e-2, decay=0.9),
    notes=(
        ONE_WORLD,
        "The BaseModel, as in the paper's table 4. An earlier run, on the world of seed 2018 with a decay of 0.8, missed two of these "
        "targets; decay and epochs were then set by the validation of the worlds 1 and 3.",
    ),
)


def few_validate(data, most):
    """Fewer samples validate than test: a training asks them after each epoch."""
    return replace(data, valid=data.valid.subset(np.arange(min(most, len(data.valid)))))


beauty = Experiment(
    name="beauty",
    title="Amazon Beauty: the next good against nine others",
    data=lambda seed, small: few_validate(S3Rec(path=folder("amazon-beauty")).make(seed), 60_000),
    cases={
        "BaseModel": Case(BASE),
        "DIN PReLU": Case(PRELU),
        "BaseModel, MBA": Case(BASE, strengths("mba", 0.3, 1.0, 3.0)),
    },
    claims=(
        Paired("MBA - none, BaseModel, AUC", "BaseModel, MBA", "BaseModel", 0.012),
        Paired("MBA - none, BaseModel, GAUC", "BaseModel, MBA", "BaseModel", 0.015, metric="gauc"),
        Paired("DIN - BaseModel, AUC (not expected to hold)", "DIN PReLU", "BaseModel", 0.003),
        Paired("the same, histories of 10 behaviours or more", "DIN PReLU", "BaseModel", 0.003, part="long"),
        Paired("the same, shorter histories", "DIN PReLU", "BaseModel", 0.003, part="short"),
    ),
    training=TrainingSettings(epochs=5, patience=2),
    notes=("Seeds differ in initialization, order and the drawn goods.",),
    parts={"long": lambda test: test.stop - test.start >= 10, "short": lambda test: test.stop - test.start < 10},
)

movielens = Experiment(
    name="movielens",
    title="MovieLens-1M split by user",
    data=lambda seed, small: few_validate(
        MovieLens(path=folder("movielens-1m"), train_samples=300_000, test_samples=80_000).make(seed), 30_000
    ),
    cases={"BaseModel": Case(BASE), "DIN PReLU": Case(PRELU), "DIN Dice": Case(DICE)},
    claims=(
        Paired("DIN - BaseModel, AUC", "DIN PReLU", "BaseModel", 0.0015, each=True),
        Paired("Dice - PReLU, AUC (not expected to hold)", "DIN Dice", "DIN PReLU", 0.001),
    ),
    training=TrainingSettings(epochs=3, patience=1),
    notes=("Seeds differ in the split by user, initialization and order.",),
)

EXPERIMENTS = {experiment.name: experiment for experiment in (local, fine_ids, beauty, movielens)}
