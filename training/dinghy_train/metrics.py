"""AUC, GAUC (equation 10 of the paper), RelaImpr and log loss."""

import numpy as np


def auc_by_group(scores, labels, groups):
    """Of each group its AUC, its impressions, and whether it has both classes. Equal scores count half."""
    groups = np.unique(groups, return_inverse=True)[1]
    order = np.lexsort([scores, groups])
    scores, labels, groups = scores[order], labels[order].astype(np.float64), groups[order]
    count = np.bincount(groups)
    first = np.cumsum(count) - count
    # The mean rank of each run of equal scores within its group, from 1.
    begins = np.flatnonzero(np.r_[True, (scores[1:] != scores[:-1]) | (groups[1:] != groups[:-1])])
    ends = np.r_[begins[1:], len(scores)]
    ranks = np.repeat((begins + 1 + ends) / 2, ends - begins) - first[groups]
    positives = np.bincount(groups, weights=labels)
    negatives = count - positives
    both = (positives > 0) & (negatives > 0)
    above = np.bincount(groups, weights=ranks * labels) - positives * (positives + 1) / 2
    return above / np.where(both, positives * negatives, 1), count, both


def auc(scores, labels):
    """The chance that a positive scores higher than a negative; NaN where one of the two is missing."""
    scores, labels = np.asarray(scores), np.asarray(labels)
    if len(labels) == 0:
        return float("nan")
    value, _, both = auc_by_group(scores, labels, np.zeros(len(labels), dtype=np.int64))
    return float(value[0]) if both[0] else float("nan")


def gauc(scores, labels, groups):
    """AUC of each user, averaged with the users' impressions as weights, over the users that have both classes."""
    value, count, both = auc_by_group(np.asarray(scores), np.asarray(labels), np.asarray(groups))
    return float(np.average(value[both], weights=count[both])) if both.any() else float("nan")


def rela_impr(measured, base):
    """By how many percent a model is further from a random guess than the base."""
    return ((measured - 0.5) / (base - 0.5) - 1) * 100


def log_loss(scores, labels):
    """Mean of -log(probability of what happened); scores are kept 1.2e-7 away from 0 and 1, as `dinghy eval` does."""
    scores = np.clip(np.asarray(scores, dtype=np.float64), 1.2e-7, 1 - 1.2e-7)
    return float(-np.mean(np.where(np.asarray(labels) > 0, np.log(scores), np.log1p(-scores))))
