"""What an experiment claims. A claim says its numbers, one for each seed, and whether they hold."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Paired:
    """The test of one case minus that of another, seed by seed: a mean of at least so much."""

    text: str
    case: str
    than: str
    at_least: float
    metric: str = "auc"
    each: bool = False  # and above 0 with every seed
    why: str = ""  # it may not hold

    def numbers(self, outcome):
        pairs = zip(outcome.tested(self.case, self.metric), outcome.tested(self.than, self.metric))
        return [a - b for a, b in pairs]

    def holds(self, numbers):
        return np.mean(numbers) >= self.at_least and (not self.each or min(numbers) > 0)

    def target(self):
        return f"mean ≥ {self.at_least:+.4f}" + (", each > 0" if self.each else "")


@dataclass(frozen=True)
class PairedWithBestRival:
    """The test of one case minus that of the rival with the best mean."""

    text: str
    case: str
    rivals: tuple[str, ...]
    at_least: float
    why: str = ""  # it may not hold

    def numbers(self, outcome):
        best = max(self.rivals, key=lambda rival: np.mean(outcome.tested(rival, "auc")))
        return Paired("", self.case, best, 0).numbers(outcome)

    def holds(self, numbers):
        return np.mean(numbers) >= self.at_least

    def target(self):
        return f"mean ≥ {self.at_least:+.4f}"


@dataclass(frozen=True)
class Fall:
    """How far the test falls from the epoch that the validation chose to a later one (0: the last)."""

    text: str
    case: str
    epoch: int = 0
    at_least: float = -np.inf
    at_most: float = np.inf
    why: str = ""  # it may not hold

    def numbers(self, outcome):
        falls = []
        for run, curve in zip(outcome.trainings[self.case], outcome.curve(self.case)):
            later = min(self.epoch or len(curve), len(curve)) - 1
            falls.append(curve[run["best"]] - curve[later])
        return falls

    def holds(self, numbers):
        return self.at_least <= np.mean(numbers) <= self.at_most

    def target(self):
        return f"mean ≥ {self.at_least:.4f}" if np.isfinite(self.at_least) else f"mean ≤ {self.at_most:.4f}"


@dataclass(frozen=True)
class BestOfAll:
    """The test of one case minus the best of all others: the mean above 0, and so with nearly all seeds."""

    text: str
    case: str
    share: float = 0.8
    why: str = ""  # it may not hold

    def numbers(self, outcome):
        others = [outcome.tested(name, "auc") for name in outcome.trainings if name != self.case]
        return (np.array(outcome.tested(self.case, "auc")) - np.max(others, axis=0)).tolist()

    def holds(self, numbers):
        return np.mean(numbers) > 0 and np.mean(np.array(numbers) > 0) >= self.share

    def target(self):
        return f"mean > 0, {self.share:.0%} of the seeds > 0"
