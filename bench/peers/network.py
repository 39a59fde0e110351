"""A workload's network as arrays, and the ways to write its graph.

`exported_*` is the graph as frameworks write it; `folded_*` rewrites the attention's first layer by hand with
z(q, k) = q (Wa + Wc) + k (Wb - Wc) + (q * k) Wd + b, splits the tower's first layer by its inputs, and folds Dice's
normalization into the layers around it. Each form is written once, on the operations of ops/*.py.
"""

import pathlib

import numpy as np

CALIBRATION_REQUESTS = 32  # whose ranges an engine may fix in an int8 graph


class Network:
    """Weights in single precision, as Dinghy has them."""

    def __init__(self, folder, dtype=np.float32):
        weights = pathlib.Path(folder) / "weights"
        self.arrays = {path.stem: np.load(path).astype(dtype) for path in sorted(weights.glob("*.npy"))}
        requests = pathlib.Path(folder) / "requests"
        self.requests = {path.stem: np.load(path).astype(np.int32) for path in sorted(requests.glob("*.npy"))}
        self.candidates = self.requests["item"].shape[1]
        self.history = self.requests["history_item"].shape[1]
        self.width = self.arrays["item"].shape[1] + self.arrays["category"].shape[1]

    def layer(self, name):
        """weight, bias and, for Dice, scale, shift and alpha."""
        get = self.arrays.get
        dice = (get(f"{name}.scale"), get(f"{name}.shift"), get(f"{name}.alpha"))
        return get(f"{name}.weight"), get(f"{name}.bias"), None if dice[0] is None else dice

    def request(self, index):
        index %= len(self.requests["user"])
        return {name: rows[index] for name, rows in self.requests.items()}


def activate(ops, x, dice):
    """Sigmoid, or Dice as DeepCTR-Torch writes it."""
    if dice is None:
        return ops.sigmoid(x)
    scale, shift, alpha = (ops.constant(v) for v in dice)
    p = ops.sigmoid(ops.add(ops.mul(x, scale), shift))
    return ops.add(ops.mul(ops.mul(x, ops.one_minus(p)), alpha), ops.mul(x, p))


def activate_folded(ops, z, dice):
    """Of z = scale x + shift, times scale: the next layer's weights are divided by it."""
    if dice is None:
        return ops.sigmoid(z)
    _, shift, alpha = dice
    gate = ops.add(ops.mul(ops.sigmoid(z), ops.constant(1 - alpha)), ops.constant(alpha))
    return ops.mul(ops.sub(z, ops.constant(shift)), gate)


def fold_dice(layers):
    """[(weight, bias, dice)] with Dice's normalization in the layers."""
    folded, divisor = [], None
    for weight, bias, dice in layers:
        if divisor is not None:
            weight = weight / divisor[:, None]
        divisor = None
        if dice is not None:
            scale, shift, _ = dice
            weight, bias, divisor = weight * scale, bias * scale + shift, scale
        folded.append((weight, bias, dice))
    return folded


def layers_of(net, name):
    return [net.layer(f"{name}.{i}") for i in range(3)]


def embed(ops, net, inputs, prefix=""):
    ids = (inputs[prefix + "item"], inputs[prefix + "category"])
    return ops.concat([ops.take(net.arrays["item"], ids[0]), ops.take(net.arrays["category"], ids[1])])


def run_layers(ops, x, layers, activation):
    for weight, bias, dice in layers[:-1]:
        x = activation(ops, ops.linear(x, weight, bias), dice)
    weight, bias, _ = layers[-1]
    return ops.linear(x, weight, bias)


def exported(ops, net, inputs, tiled):
    """One row per candidate; the history is repeated for each, as embeddings (`tiled`) or by broadcasting."""
    n, t, d = net.candidates, net.history, net.width
    q, k = embed(ops, net, inputs), embed(ops, net, inputs, "history_")
    if tiled:
        q = ops.reshape(ops.expand(ops.reshape(q, [n, 1, d]), [n, t, d]), [n * t, d])
        k = ops.reshape(ops.expand(ops.reshape(k, [1, t, d]), [n, t, d]), [n * t, d])
        pairs = ops.concat([q, k, ops.sub(q, k), ops.mul(q, k)])
    else:
        q3, k3 = ops.reshape(q, [n, 1, d]), ops.reshape(k, [1, t, d])
        wide = [ops.expand(q3, [n, t, d]), ops.expand(k3, [n, t, d]), ops.sub(q3, k3), ops.mul(q3, k3)]
        pairs = ops.reshape(ops.concat(wide), [n * t, 4 * d])
    logits = run_layers(ops, pairs, layers_of(net, "attention"), activate)
    weights = ops.softmax(ops.mul(ops.reshape(logits, [n, t]), ops.constant(np.asarray([d**-0.5], pairs_dtype(net)))))
    if tiled:
        pooled = ops.reshape(ops.matmul(ops.reshape(weights, [n, 1, t]), ops.reshape(k, [n, t, d])), [n, d])
        q = embed(ops, net, inputs)
    else:
        pooled = ops.matmul(weights, k)
    user = ops.take(net.arrays["user"], inputs["user"])
    user = ops.expand(user, [n, net.arrays["user"].shape[1]])
    logit = run_layers(ops, ops.concat([user, q, pooled]), layers_of(net, "tower"), activate)
    return ops.reshape(ops.sigmoid(logit), [n])


def pairs_dtype(net):
    return net.arrays["item"].dtype


def folded_first_layer(ops, net, q, k, first, form):
    """Pre-activations of all pairs, [n t, h] or, for `weights`, [t n, h]."""
    n, t, d = net.candidates, net.history, net.width
    weight, bias, _ = first
    h = weight.shape[1]
    wa, wb, wc, wd = (weight[i * d : (i + 1) * d] for i in range(4))
    of_query = ops.linear(q, wa + wc, bias)
    if form == "keys":  # (q * k) Wd: one large product with constant weights
        pairs = ops.reshape(ops.mul(ops.reshape(q, [n, 1, d]), ops.reshape(k, [1, t, d])), [n * t, d])
        z = ops.reshape(ops.linear(pairs, wd, None), [n, t, h])
        z = ops.add(z, ops.reshape(ops.linear(k, wb - wc, None), [1, t, h]))
        return ops.reshape(ops.add(z, ops.reshape(of_query, [n, 1, h])), [n * t, h])
    if form == "batched":  # k E(q), a product for each candidate
        fold = ops.add(ops.mul(ops.reshape(q, [n, d, 1]), ops.constant(wd[None])), ops.constant((wb - wc)[None]))
        z = ops.matmul(ops.expand(ops.reshape(k, [1, t, d]), [n, t, d]), fold)
        return ops.reshape(ops.add(z, ops.reshape(of_query, [n, 1, h])), [n * t, h])
    fold = ops.mul(ops.reshape(ops.transpose(q), [d, n, 1]), ops.constant(wd[:, None]))  # all E(q) side by side
    fold = ops.reshape(ops.add(fold, ops.constant((wb - wc)[:, None])), [d, n * h])
    z = ops.add(ops.matmul(k, fold), ops.reshape(of_query, [1, n * h]))
    return ops.reshape(z, [t * n, h])


def folded(ops, net, inputs, form):
    n, t, d = net.candidates, net.history, net.width
    q, k = embed(ops, net, inputs), embed(ops, net, inputs, "history_")
    attention = fold_dice(layers_of(net, "attention"))
    weight, _, _ = attention[-1]
    attention[-1] = (weight * pairs_dtype(net).type(d**-0.5), None, None)  # softmax drops the bias
    x = activate_folded(ops, folded_first_layer(ops, net, q, k, attention[0], form), attention[0][2])
    logits = run_layers(ops, x, attention[1:], activate_folded)
    logits = ops.transpose(ops.reshape(logits, [t, n])) if form == "weights" else ops.reshape(logits, [n, t])
    pooled = ops.matmul(ops.softmax(logits), k)
    tower = fold_dice(layers_of(net, "tower"))
    weight, bias, dice = tower[0]
    user_width = net.arrays["user"].shape[1]
    user = ops.linear(ops.take(net.arrays["user"], inputs["user"]), weight[:user_width], bias)
    x = ops.add(ops.linear(ops.concat([q, pooled]), weight[user_width:], None), user)
    logit = run_layers(ops, activate_folded(ops, x, dice), tower[1:], activate_folded)
    return ops.reshape(ops.sigmoid(logit), [n])


def call(ops, net, inputs):
    """Next to no work on the same inputs and output: what a call of the engine costs by itself."""
    n, t = net.candidates, net.history
    narrow = {name: net.arrays[name][:, :1].copy() for name in ("item", "category", "user")}
    ones = np.ones((t, 1), pairs_dtype(net))
    total = ops.take(narrow["user"], inputs["user"])
    for name in ("item", "category"):
        history = ops.reshape(ops.take(narrow[name], inputs["history_" + name]), [1, t])
        total = ops.add(total, ops.linear(history, ones, None))
    for name in ("item", "category"):
        total = ops.add(total, ops.take(narrow[name], inputs[name]))
    return ops.reshape(total, [n])


FORMS = {
    "exported, tiled": lambda ops, net, inputs: exported(ops, net, inputs, tiled=True),
    "exported, broadcast": lambda ops, net, inputs: exported(ops, net, inputs, tiled=False),
    "folded, keys": lambda ops, net, inputs: folded(ops, net, inputs, "keys"),
    "folded, batched": lambda ops, net, inputs: folded(ops, net, inputs, "batched"),
    "folded, weights": lambda ops, net, inputs: folded(ops, net, inputs, "weights"),
    "call": call,
}
