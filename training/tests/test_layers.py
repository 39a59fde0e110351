import pytest

import numpy as np
import torch
from dinghy_train.layers import ActivationUnit, Dice, segment_softmax


def test_dice_takes_the_statistics_of_the_batch_while_training():
    dice = Dice(3)
    dice.alpha.data = torch.tensor([0.1, -0.2, 0.7])
    s = torch.randn(50, 3) * torch.tensor([1.0, 5.0, 0.01]) + 2
    x, alpha = s.double().numpy(), dice.alpha.detach().double().numpy()
    p = 1 / (1 + np.exp(-(x - x.mean(0)) / np.sqrt(x.var(0) + 1e-8)))
    np.testing.assert_allclose(dice(s).detach().numpy(), p * x + (1 - p) * alpha * x, atol=2e-5)


def test_dice_takes_the_moving_averages_afterwards():
    torch.manual_seed(1)
    dice = Dice(2)
    for _ in range(200):
        dice(torch.randn(400, 2) * 3 + 5)
    dice.eval()
    assert dice.norm.running_mean.tolist() == pytest.approx([5, 5], abs=0.2)
    assert dice.norm.running_var.tolist() == pytest.approx([9, 9], abs=0.6)
    before = dice.norm.running_mean.clone()
    s = torch.tensor([[5.0, -40.0]])
    p = torch.sigmoid((s - dice.norm.running_mean) / (dice.norm.running_var + 1e-8).sqrt())
    torch.testing.assert_close(dice(s), s * p)
    assert torch.equal(dice.norm.running_mean, before)


def test_dice_passes_one_row_and_none_while_training():
    dice = Dice(2)
    assert torch.isfinite(dice(torch.ones(1, 2))).all()
    assert dice(torch.ones(0, 2)).shape == (0, 2)


@pytest.mark.parametrize("parts", [("q", "k", "q-k", "q*k"), ("q", "k", "q*k"), ("k", "q-k")])
def test_unit_equals_the_layer_on_its_parts_side_by_side(parts):
    unit = ActivationUnit(4, (6,), "prelu", parts=parts, scale=True)
    q, k, segment = torch.randn(3, 4), torch.randn(5, 4), torch.tensor([0, 0, 2, 2, 2])
    each = {"q": q[segment], "k": k, "q-k": q[segment] - k, "q*k": q[segment] * k}
    wanted = unit.mlp(torch.cat([each[part] for part in parts], dim=1)) / 2
    torch.testing.assert_close(unit(q, k, segment), wanted)


def test_softmax_sums_to_one_for_each_sample():
    logits, segment = torch.tensor([1.0, 2.0, 200.0, 3.0]), torch.tensor([0, 0, 2, 2])
    got = segment_softmax(logits, segment, 3)
    torch.testing.assert_close(got[:2], torch.softmax(logits[:2], 0))
    torch.testing.assert_close(got[2:], torch.tensor([1.0, 0.0]))
