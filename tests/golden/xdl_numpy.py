#!/usr/bin/env python3
"""The DIN that XDL trains and Blaze serves, once more, in NumPy and in double: an oracle for the converter and engine.

    python3 xdl_numpy.py DIR --requests 200 --seed 1 > lines.jsonl     random requests over the ids that DIR holds
    python3 xdl_numpy.py DIR --lines requests.jsonl > lines.jsonl      requests of your own

DIR holds dense.npz, the text tables `id,numbers…` and the two *_embedding.conf files that say which table serves which
feature. Each line of the output is a request with its scores and attention weights. Needs NumPy, nothing else.
"""

import argparse
import json
import pathlib
import re
import sys

import numpy as np
from request_lines import json_line

BATCH_NORM_EPSILON = 1e-3
DICE_EPSILON = 1e-9


class XdlNetwork:
    """A request names its columns by `names`: user, item and category feature. An id without a row is a zero vector.

    A history longer than the configuration's trunc_num keeps its last behaviours, as training did, or its first.
    """

    def __init__(self, folder, names=("uid", "mid", "cat"), keep="last"):
        folder = pathlib.Path(folder)
        conf = "".join((folder / f"{side}_embedding.conf").read_text() for side in ("ad", "user"))
        table_of = dict(re.findall(r'feature_group: "(\w+)"\s+table_name: "(\w+)"', conf))
        self.tables = {name: read_table(folder / name) for name in set(table_of.values())}
        self.user, self.item, self.category = (self.tables[table_of[group]] for group in ("uid", "mid", "cat"))
        self.item_history, self.category_history = (self.tables[table_of[group]] for group in ("mid_list", "cat_list"))
        self.max_length = int(re.search(r"trunc_num: (\d+)", conf).group(1))
        self.names = names
        self.keep = keep
        with np.load(folder / "dense.npz") as dense:
            self.dense = {name: dense[name].astype(np.float64) for name in dense.files}

    def score(self, request):
        """The click probabilities [N] of the candidates, and the weights [N][T] of all behaviours, cut ones zero."""
        user_name, item_name, category_name = self.names
        user = lookup(self.user, [request["user"][user_name]])
        query = np.hstack(
            [
                lookup(self.item, request["candidates"][item_name]),
                lookup(self.category, request["candidates"][category_name]),
            ]
        )
        keys = np.hstack(
            [
                lookup(self.item_history, request["history"][item_name]),
                lookup(self.category_history, request["history"][category_name]),
            ]
        )
        kept = slice(None, self.max_length) if self.keep == "first" else slice(-self.max_length, None)
        attention = np.zeros((len(query), len(keys)))
        attention[:, kept] = self.attention_weights(query, keys[kept])
        history_sum = np.broadcast_to(keys[kept].sum(axis=0), query.shape)
        tower_input = [
            np.broadcast_to(user, (len(query), user.shape[1])),
            query,
            history_sum,
            query * history_sum,
            attention @ keys,
        ]
        return self.tower(np.hstack(tower_input)), attention

    def attention_weights(self, query, keys):
        if len(keys) == 0:
            return np.zeros((len(query), 0))
        q, k = np.broadcast_arrays(query[:, None, :], keys[None, :, :])
        x = sigmoid(self.layer("f1_attnull", np.concatenate([q, k, q - k, q * k], axis=-1)))
        x = sigmoid(self.layer("f2_attnull", x))
        return softmax(self.layer("f3_attnull", x)[:, :, 0])

    def tower(self, x):
        mean, variance, gamma, beta = (
            self.weight("bn1", name) for name in ("moving_mean", "moving_variance", "gamma", "beta")
        )
        x = (x - mean) / np.sqrt(variance + BATCH_NORM_EPSILON) * gamma + beta
        x = self.dice("dice_1$alphadice_1", "batch_normalization", self.layer("f1", x))
        x = self.dice("dice_2$alphadice_2", "batch_normalization_1", self.layer("f2", x))
        return softmax(self.layer("f3", x))[:, 0]  # class 0 is the click

    def dice(self, alpha_name, norm_name, x):
        mean, variance = self.weight(norm_name, "moving_mean"), self.weight(norm_name, "moving_variance")
        p = sigmoid((x - mean) / np.sqrt(variance + DICE_EPSILON))
        return p * x + self.dense[f"tf_model${alpha_name}"] * (1 - p) * x

    def layer(self, scope, x):
        return x @ self.weight(scope, "kernel") + self.weight(scope, "bias")

    def weight(self, scope, name):
        return self.dense[f"tf_model${scope}${name}"]


def read_table(path):
    """id -> vector, from lines `id,number,number,…`. The engine keeps float32, so the text is rounded to that first."""
    rows = (line.split(",") for line in path.read_text().splitlines())
    return {int(row[0]): np.array(row[1:], dtype=np.float32).astype(np.float64) for row in rows}


def lookup(table, ids):
    width = len(next(iter(table.values())))
    return np.array([table.get(id, np.zeros(width)) for id in ids]).reshape(len(ids), width)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def random_requests(network, count, seed):
    """Requests over the ids of the tables: history lengths 0, 1, the maximum and beyond it among them."""
    rng = np.random.default_rng(seed)
    users, items, categories = (sorted(table) for table in (network.user, network.item, network.category))
    user_name, item_name, category_name = network.names

    def draw(ids, size):
        return [int(id) for id in rng.choice(ids, size)]

    for number in range(count):
        lengths = [
            0,
            1,
            network.max_length,
            network.max_length + int(rng.integers(1, 51)),
            int(rng.integers(2, network.max_length)),
            int(rng.integers(2, network.max_length)),
        ]
        length, candidates = lengths[number % len(lengths)], int(rng.integers(1, 9))
        yield {
            "user": {user_name: draw(users, 1)[0]},
            "history": {item_name: draw(items, length), category_name: draw(categories, length)},
            "candidates": {item_name: draw(items, candidates), category_name: draw(categories, candidates)},
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--requests", type=int, metavar="N", help="make N random requests")
    source.add_argument("--lines", metavar="FILE", help="read requests, one JSON object a line")
    parser.add_argument("--seed", type=int, default=1, help="of the random requests")
    parser.add_argument("--names", default="uid,mid,cat", help="of the user, item and category feature in the lines")
    parser.add_argument("--keep", choices=["first", "last"], default="last", help="which behaviours of a long history")
    options = parser.parse_args()

    network = XdlNetwork(options.folder, tuple(options.names.split(",")), options.keep)
    if options.lines:
        with open(options.lines, encoding="utf-8") as file:
            requests = [json.loads(line) for line in file]
    else:
        requests = random_requests(network, options.requests, options.seed)
    for request in requests:
        sys.stdout.write(json_line(request, *network.score(request)) + "\n")


if __name__ == "__main__":
    main()
