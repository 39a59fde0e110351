import math

import pytest

import numpy as np
from dinghy_train import metrics


def plain_auc(scores, labels):
    pairs = [(p, n) for p, a in zip(scores, labels) for n, b in zip(scores, labels) if a and not b]
    return sum((p > n) + (p == n) / 2 for p, n in pairs) / len(pairs)


@pytest.fixture
def drawn():
    rng = np.random.default_rng(3)
    return rng.integers(0, 9, 300) / 8, rng.integers(0, 2, 300), rng.integers(0, 40, 300) * 7


def test_auc_counts_pairs_and_equal_scores_half(drawn):
    scores, labels, _ = drawn
    assert metrics.auc(scores, labels) == pytest.approx(plain_auc(scores, labels), abs=1e-12)


def test_gauc_weighs_users_of_both_classes_with_impressions(drawn):
    scores, labels, groups = drawn
    total = weights = 0
    for group in set(groups):
        mine = groups == group
        if 0 < labels[mine].sum() < mine.sum():
            total += plain_auc(scores[mine], labels[mine]) * mine.sum()
            weights += mine.sum()
    assert 0 < weights < len(groups)
    assert metrics.gauc(scores, labels, groups) == pytest.approx(total / weights, abs=1e-12)


def test_one_class_alone_has_no_auc():
    assert math.isnan(metrics.auc([0.1, 0.2], [1, 1]))
    assert math.isnan(metrics.gauc([0.1, 0.2], [0, 1], [1, 2]))
    assert math.isnan(metrics.auc([], []))


def test_rela_impr_is_that_of_the_papers_table():
    assert metrics.rela_impr(0.7337, 0.7300) == pytest.approx(1.61, abs=0.005)


def test_log_loss_keeps_away_from_certainty():
    assert metrics.log_loss([0.25, 0.5], [0, 1]) == pytest.approx(-(math.log(0.75) + math.log(0.5)) / 2)
    assert metrics.log_loss([0.0], [1]) == pytest.approx(-math.log(1.2e-7))
