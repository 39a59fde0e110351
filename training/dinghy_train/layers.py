"""The layers of the paper: Dice, the local activation unit, and MLPs of them."""

import torch
from torch import nn

PARTS = ("q", "k", "q-k", "q*k")


class Dice(nn.Module):
    """f(s) = p s + (1 - p) alpha s, p = sigmoid((s - E[s]) / sqrt(Var[s] + epsilon)) (equation 9).

    E and Var are the batch's in training, and their moving averages afterwards.
    """

    def __init__(self, width, epsilon=1e-8):
        super().__init__()
        self.norm = nn.BatchNorm1d(width, eps=epsilon, affine=False)
        self.alpha = nn.Parameter(torch.zeros(width))

    def forward(self, s):
        # One row has no variance: it goes through the averages, like rows after the training.
        alone = self.training and len(s) < 2
        normal = (
            (s - self.norm.running_mean) * (self.norm.running_var + self.norm.eps).rsqrt() if alone else self.norm(s)
        )
        p = torch.sigmoid(normal)
        return s * torch.addcmul(self.alpha, 1 - self.alpha, p)  # p s + (1 - p) alpha s in fewer passes


ACTIVATIONS = {
    "dice": Dice,
    "prelu": nn.PReLU,  # a slope for each channel
    "relu": lambda width: nn.ReLU(),
    "sigmoid": lambda width: nn.Sigmoid(),
}


class Mlp(nn.Module):
    """Linear layers with an activation between them, and one number at the end."""

    def __init__(self, inputs, hidden, kind):
        super().__init__()
        widths = [inputs, *hidden]
        self.linear = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, [*hidden, 1]))
        self.activation = nn.ModuleList(ACTIVATIONS[kind](width) for width in hidden)

    def behind_first(self, x):
        """What follows the first linear layer, whose result is `x`."""
        for activate, linear in zip(self.activation, self.linear[1:]):
            x = linear(activate(x))
        return x[:, 0]

    def forward(self, x):
        return self.behind_first(self.linear[0](x))


class ActivationUnit(nn.Module):
    """The local activation unit: one weight for each behaviour, from its key k and the candidate's query q.

    The weights are the logits as they are, so that their sum says how strong an interest is (section 4.3), or their
    softmax; `scale` divides the logits by the root of the width first.
    """

    def __init__(self, width, hidden, kind, parts=PARTS, softmax=False, scale=False):
        super().__init__()
        self.parts, self.softmax = tuple(parts), softmax
        self.factor = width**-0.5 if scale else 1.0
        self.mlp = Mlp(len(self.parts) * width, hidden, kind)

    def forward(self, query, keys, segment):
        """Weights [behaviours] of the queries [samples, width] and all samples' keys [behaviours, width]."""
        logits = self.mlp.behind_first(self.first_layer(query, keys, segment)) * self.factor
        return segment_softmax(logits, segment, len(query)) if self.softmax else logits

    def first_layer(self, query, keys, segment):
        # [q, k, q-k, q*k] W = q (Wa + Wc) + k (Wb - Wc) + (q*k) Wd: half the work, and q's part is one for a sample.
        linear = self.mlp.linear[0]
        weight = dict(zip(self.parts, linear.weight.split(keys.shape[1], dim=1)))
        zero = torch.zeros_like(linear.weight[:, : keys.shape[1]])
        q, k, difference = (weight.get(part, zero) for part in ("q", "k", "q-k"))
        x = nn.functional.linear(query, q + difference, linear.bias)[segment] + nn.functional.linear(
            keys, k - difference
        )
        if "q*k" in weight:
            x = x + nn.functional.linear(query[segment] * keys, weight["q*k"])
        return x


def segment_softmax(logits, segment, count):
    """Softmax over the behaviours of each sample."""
    largest = torch.full((count,), -torch.inf).scatter_reduce(0, segment, logits.detach(), "amax")
    powers = (logits - largest[segment]).exp()
    return powers / torch.zeros(count).index_add(0, segment, powers)[segment]


def segment_sum(rows, segment, count):
    """The sum of the rows of each sample; zero for one without behaviours."""
    return torch.zeros(count, rows.shape[1]).index_add(0, segment, rows)
