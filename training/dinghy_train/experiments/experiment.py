"""An experiment: networks and regularizations, trained side by side with several seeds, and what is claimed of them.

Settings are searched with a seed of their own by the validation; so is the epoch of each training. The test decides nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tqdm import tqdm

from dinghy_train.network import NetworkSettings
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


@dataclass
class Outcome:
    """What was measured: of each case the regularization and, seed by seed, its trainings."""

    experiment: str
    data: str
    seeds: list = field(default_factory=list)
    small: bool = False
    chosen: dict = field(default_factory=dict)
    trainings: dict = field(default_factory=dict)  # case -> [{"best": epoch, "epochs": […]} for each seed]
    searches: int = 0  # trainings that the search took
    seconds: float = 0.0  # CPU time of all epochs, those of the search too

    def tested(self, case, metric):
        """The test of each seed at the epoch that the validation chose."""
        return [run["epochs"][run["best"]]["test"][metric] for run in self.trainings[case]]

    def curve(self, case, metric="auc"):
        """The test of each seed after each epoch."""
        return [[epoch["test"][metric] for epoch in run["epochs"]] for run in self.trainings[case]]


def train(data, case, regularization, training, outcome, watch):
    description = data.description.without(case.without)
    trainer = Trainer(description, case.network, regularization, training, data.train)
    run = trainer.fit(data.valid, {"test": data.test} if watch else {}, quiet=True)
    outcome.seconds += sum(epoch["seconds"] for epoch in run.epochs)
    return run


def choose(experiment, name, data, outcome):
    """The regularization of a case with the best validation."""
    case = experiment.cases[name]
    if case.like:
        return outcome.chosen[case.like]
    if len(case.choices) == 1:
        return case.choices[0]
    training = replace(experiment.training, seed=SEARCH_SEED)

    def validated(choice):
        outcome.searches += 1
        return train(data, case, choice, training, outcome, watch=False).at_best()["valid"][training.metric]

    return max(case.choices, key=validated)


def carry_out(experiment, seeds, small=False, progress=None, draw=lambda network, samples: None):
    """Trains all cases, seed by seed; gives the outcome so far after each seed."""
    data = experiment.data(SEARCH_SEED, small)
    outcome = Outcome(experiment.name, data.name, small=small)
    bar = tqdm(total=len(experiment.cases) * len(seeds), desc=experiment.name, disable=progress)
    for name in sorted(experiment.cases, key=lambda name: experiment.cases[name].like != ""):
        outcome.chosen[name] = choose(experiment, name, data, outcome)
    for seed in seeds:
        data = experiment.data(seed, small)
        for name, case in experiment.cases.items():
            run = train(data, case, outcome.chosen[name], replace(experiment.training, seed=seed), outcome, watch=True)
            outcome.trainings.setdefault(name, []).append({"best": run.best_epoch, "epochs": run.epochs})
            if name == experiment.drawn and not outcome.seeds:
                draw(run.network, data.test)
            bar.update()
        outcome.seeds.append(seed)
        yield outcome
    bar.close()
