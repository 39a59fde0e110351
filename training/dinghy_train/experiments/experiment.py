"""An experiment: networks and regularizations, trained side by side with several seeds, and what is claimed of them.

Settings are searched with a seed of their own by the validation; so is the epoch of each training. The test decides nothing.
"""

import contextlib
import functools
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace

from tqdm import tqdm

import numpy as np
import torch
from dinghy_train.network import Network, NetworkSettings
from dinghy_train.regularization import RegularizationSettings
from dinghy_train.trainer import Trainer, TrainingSettings

SEARCH_SEED = 0


@dataclass(frozen=True)
class Case:
    network: NetworkSettings
    choices: tuple[RegularizationSettings, ...] = (RegularizationSettings(),)  # the validation takes one of several
    like: str = ""  # takes the choice of this case
    without: tuple[str, ...] = ()  # features that are left out


@dataclass(frozen=True)
class Experiment:
    name: str
    title: str
    data: Callable  # of a seed and whether small
    cases: dict
    claims: tuple
    training: TrainingSettings
    notes: tuple[str, ...] = ()  # what a reader of its table has to know
    drawn: str = ""  # the case whose network is drawn: the attention of a user, and the goods
    parts: dict = field(default_factory=dict)  # of the test that are measured too: name -> mask of samples


@dataclass
class Outcome:
    """What was measured: of each case the regularization and, seed by seed, its trainings."""

    experiment: str
    data: str
    seeds: list = field(default_factory=list)
    small: bool = False
    notes: tuple[str, ...] = ()  # those of the experiment when it ran
    drawn: str = ""
    chosen: dict = field(default_factory=dict)
    trainings: dict = field(default_factory=dict)  # case -> [{"best": epoch, "epochs": […]} for each seed]
    searches: int = 0  # trainings that the search took
    seconds: float = 0.0  # CPU time of all epochs, those of the search too

    def tested(self, case, metric, part="test"):
        """The test of each seed, or a part of it, at the epoch that the validation chose."""
        return [run["epochs"][run["best"]][part][metric] for run in self.trainings[case]]

    def curve(self, case, metric="auc"):
        """The test of each seed after each epoch."""
        return [[epoch["test"][metric] for epoch in run["epochs"]] for run in self.trainings[case]]


def carry_out(experiment, seeds, small=False, progress=None, draw=lambda network, samples: None, jobs=1, begun=None):
    """Trains all cases, seed by seed; gives the outcome so far after each seed.

    `begun`: an outcome of the same experiment at the same commit, which has some of the seeds.
    """
    here = Trainings(experiment, small)
    outcome = begun or Outcome(experiment.name, here.data(SEARCH_SEED).name, small=small, notes=experiment.notes)
    with in_order(here, jobs) as trained:
        if begun is None:
            search(experiment, outcome, trained)
        missing = [seed for seed in seeds if seed not in outcome.seeds]
        tasks = [Task(name, outcome.chosen[name], seed) for seed in missing for name in experiment.cases]
        bar = tqdm(zip(tasks, trained(tasks)), total=len(tasks), desc=experiment.name, disable=progress)
        for task, done in bar:
            outcome.seconds += done.seconds()
            outcome.trainings.setdefault(task.case, []).append({"best": done.best, "epochs": done.epochs})
            if task.case == experiment.drawn and not outcome.seeds:
                draw(done.network, here.data(task.seed).test)
                outcome.drawn = task.case
            if task.case == tasks[-1].case:
                outcome.seeds.append(task.seed)
                yield outcome


def search(experiment, outcome, trained):
    """Of each case the regularization with the best validation."""
    cases = experiment.cases
    tasks = [
        Task(name, choice, SEARCH_SEED, watch=False)
        for name, case in cases.items()
        if len(case.choices) > 1
        for choice in case.choices
    ]
    best = {}
    for task, done in zip(tasks, trained(tasks)):
        outcome.seconds += done.seconds()
        validated = done.epochs[done.best]["valid"][experiment.training.metric]
        best[task.case] = max(best.get(task.case, (-1.0,)), (validated, task), key=lambda pair: pair[0])
    outcome.searches = len(tasks)
    found = {name: best[name][1].regularization if name in best else case.choices[0] for name, case in cases.items()}
    outcome.chosen = {name: found[case.like or name] for name, case in cases.items()}


@dataclass(frozen=True)
class Task:
    """One training."""

    case: str
    regularization: RegularizationSettings
    seed: int
    watch: bool = True  # the test, after each epoch


@dataclass
class Done:
    best: int
    epochs: list
    network: Network | None  # if it is drawn

    def seconds(self):
        return sum(epoch["seconds"] for epoch in self.epochs)


class Trainings:
    """The trainings of an experiment; the data of the last seed are kept."""

    def __init__(self, experiment, small):
        self.experiment = experiment
        self.data = functools.lru_cache(maxsize=1)(lambda seed: experiment.data(seed, small))

    def carry_out(self, task):
        case, data = self.experiment.cases[task.case], self.data(task.seed)
        training = replace(self.experiment.training, seed=task.seed)
        trainer = Trainer(
            data.description.without(case.without), case.network, task.regularization, training, data.train
        )
        run = trainer.fit(data.valid, self.watched(data.test) if task.watch else {}, quiet=True)
        return Done(run.best_epoch, run.epochs, run.network if task.case == self.experiment.drawn else None)

    def watched(self, test):
        masks = {name: mask(test) for name, mask in self.experiment.parts.items()}
        return {"test": test} | {name: test.subset(np.flatnonzero(mask)) for name, mask in masks.items()}


@contextlib.contextmanager
def in_order(trainings, jobs):
    """A function of tasks that gives their results in order: of this process, or of several at once."""
    if jobs == 1:
        yield lambda tasks: map(trainings.carry_out, tasks)
        return
    fork = multiprocessing.get_context("fork")  # processes with the experiment in them: its functions cannot be sent
    with ProcessPoolExecutor(jobs, fork, initializer=begin, initargs=(trainings,)) as pool:
        yield lambda tasks: pool.map(carry_out_here, tasks)


def begin(trainings):
    global here_trainings
    here_trainings = trainings
    torch.set_num_threads(1)


def carry_out_here(task):
    return here_trainings.carry_out(task)
