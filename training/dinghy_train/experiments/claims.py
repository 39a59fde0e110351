"""What an experiment claims. A claim says its numbers, one for each seed, and whether they hold.

Of one that does not it says what the figures themselves show of the reason, and nothing where they show none.
"""

from dataclasses import dataclass

import numpy as np


class Difference:
    """A claim that one case is better than others."""

    def reason(self, outcome):
        return "; ".join(filter(None, [beside_chance(self.numbers(outcome)), chosen_early(outcome, self.case)]))


@dataclass(frozen=True)
class Paired(Difference):
    """The test of one case minus that of another, seed by seed: a mean of at least so much."""

    text: str
    case: str
    than: str
    at_least: float
    metric: str = "auc"
    part: str = "test"
    each: bool = False  # and above 0 with every seed

    def numbers(self, outcome):
        pairs = zip(*(outcome.tested(case, self.metric, self.part) for case in (self.case, self.than)))
        return [a - b for a, b in pairs]

    def holds(self, numbers):
        return np.mean(numbers) >= self.at_least and (not self.each or min(numbers) > 0)

    def target(self):
        return f"mean ≥ {self.at_least:+.4f}" + (", each > 0" if self.each else "")


@dataclass(frozen=True)
class PairedWithBestRival(Difference):
    """The test of one case minus that of the rival with the best mean."""

    text: str
    case: str
    rivals: tuple[str, ...]
    at_least: float

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

    def numbers(self, outcome):
        return self.falls(outcome, self.epoch)

    def falls(self, outcome, epoch):
        """Of each seed; a training that ended before has the fall of its last epoch."""
        falls = []
        for run, curve in zip(outcome.trainings[self.case], outcome.curve(self.case)):
            later = min(epoch or len(curve), len(curve)) - 1
            falls.append(curve[run["best"]] - curve[later])
        return falls

    def holds(self, numbers):
        return self.at_least <= np.mean(numbers) <= self.at_most

    def target(self):
        return f"mean ≥ {self.at_least:.4f}" if np.isfinite(self.at_least) else f"mean ≤ {self.at_most:.4f}"

    def reason(self, outcome):
        """When it falls far enough, if later."""
        last = max(map(len, outcome.curve(self.case)))
        means = {epoch: np.mean(self.falls(outcome, epoch)) for epoch in range(self.epoch + 1, last + 1)}
        reached = [epoch for epoch, mean in means.items() if mean >= self.at_least]
        if not self.epoch or not reached:
            return ""
        return f"it does by epoch {reached[0]} ({means[reached[0]]:.4f})"


@dataclass(frozen=True)
class BestOfAll(Difference):
    """The test of one case minus the best of all others: the mean above 0, and so with nearly all seeds."""

    text: str
    case: str
    share: float = 0.8

    def numbers(self, outcome):
        others = [outcome.tested(name, "auc") for name in outcome.trainings if name != self.case]
        return (np.array(outcome.tested(self.case, "auc")) - np.max(others, axis=0)).tolist()

    def holds(self, numbers):
        return np.mean(numbers) > 0 and np.mean(np.array(numbers) > 0) >= self.share

    def target(self):
        return f"mean > 0, {self.share:.0%} of the seeds > 0"


def beside_chance(numbers):
    """What a difference is, measured by its spread over the seeds; two seeds have none worth the name."""
    if len(numbers) < 3:
        return ""
    mean, error = np.mean(numbers), np.std(numbers, ddof=1) / len(numbers) ** 0.5
    if abs(mean) <= 2 * error:
        what = "no more than seeds differ by themselves"
    else:
        what = "there, but smaller" if mean > 0 else "the other way round"
    return f"{what} (standard error of the mean {error:.4f})"


def chosen_early(outcome, case):
    """How much better the test is after the last epoch than after that which the validation chose."""
    later = -np.mean(Fall("", case).numbers(outcome))
    if later < 0.00005:  # no digit of a table
        return ""
    return f'"{case}" is better by {later:.4f} after its last epoch, which the validation did not always choose'
