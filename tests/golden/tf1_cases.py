"""The cases zhougr-form and dien-form: graphs of TensorFlow 1 in the form of the authors' scripts.

zhougr-form: din/model_dice.py of zhougr1993/DeepInterestNetwork. dien-form: Model_DIN of mouna99/dien, whose Dice takes
the statistics of the batch: all candidates of golden.jsonl are one batch here. The variables have the scripts' names and
are drawn, not trained; widths are small.
"""

import behaviours
import numpy as np
import tensorflow as tf
from request_lines import write_golden_rows

v1 = tf.compat.v1
MAX_LENGTH = 12
WIDTH = 4  # of an embedding
PADDED = -(2.0**32) + 1


class Graph:
    """Variables by name, drawn from `rng`."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def variable(self, name, shape, spread=0.5, middle=0.0):
        value = self.rng.normal(middle, spread, shape).astype(np.float32)
        return v1.get_variable(name, initializer=tf.constant(value), use_resource=False)

    def constant_variable(self, name, shape, value):
        return v1.get_variable(name, shape, initializer=v1.constant_initializer(value), use_resource=False)

    def dense(self, x, units, name):
        inputs = x.shape[-1]
        kernel = self.variable(f"{name}/kernel", [inputs, units], 1 / np.sqrt(inputs))
        return tf.tensordot(x, kernel, 1) + self.variable(f"{name}/bias", [units], 0.2)

    def batch_norm(self, x, name):
        """tf.layers.batch_normalization without `training`: its statistics stay 0 and 1."""
        width = [x.shape[-1]]
        gamma, beta = self.variable(f"{name}/gamma", width, 0.2, 1), self.variable(f"{name}/beta", width, 0.2)
        mean = self.constant_variable(f"{name}/moving_mean", width, 0)
        variance = self.constant_variable(f"{name}/moving_variance", width, 1)
        return gamma * (x - mean) / tf.sqrt(variance + 1e-3) + beta

    def attention(self, query, keys, lengths, names, scale):
        query = tf.tile(query[:, None, :], [1, MAX_LENGTH, 1])
        x = tf.concat([query, keys, query - keys, query * keys], axis=-1)
        for name, units in zip(names, (80, 40)):
            x = tf.sigmoid(self.dense(x, units, name))
        logits = self.dense(x, 1, names[2])[:, :, 0]
        logits = tf.where(tf.sequence_mask(lengths, MAX_LENGTH), logits, tf.fill(tf.shape(logits), PADDED))
        weights = tf.nn.softmax(logits * scale)
        return weights, tf.squeeze(weights[:, None, :] @ keys, axis=1)


def zhougr(graph, feeds, category):
    """Logits' probability [N] and attention weights [N, MAX_LENGTH]."""
    items = graph.variable("item_emb_w", [behaviours.ITEMS + 1, WIDTH])
    bias = graph.variable("item_b", [behaviours.ITEMS + 1])
    categories = graph.variable("cate_emb_w", [behaviours.CATEGORIES + 1, WIDTH])
    graph.variable("user_emb_w", [3, 2 * WIDTH])
    graph.constant_variable("hist_bn/gamma", [2 * WIDTH], 1)  # the twin of the path for many candidates

    def vectors(ids):
        return tf.concat([tf.gather(items, ids), tf.gather(categories, tf.gather(category, ids))], axis=-1)

    item = vectors(feeds["item"])
    weights, interest = graph.attention(
        item, vectors(feeds["hist_item"]), feeds["length"], ["f1_att", "f2_att", "f3_att"], (2 * WIDTH) ** -0.5
    )
    interest = graph.dense(graph.batch_norm(interest, "batch_normalization"), 2 * WIDTH, "hist_fcn")
    x = graph.batch_norm(tf.concat([interest, item, interest * item], axis=-1), "b1")
    for number, units in (("1", 20), ("2", 10)):
        x = graph.dense(x, units, f"f{number}")
        beta = graph.variable(f"betadice_{number}", [units])
        mean = graph.constant_variable(f"dice_{number}/moving_mean", [units], 0)
        variance = graph.constant_variable(f"dice_{number}/moving_variance", [units], 1)
        p = tf.sigmoid(beta * (x - mean) / tf.sqrt(variance + 1e-3))
        x = graph.variable(f"alphadice_{number}", [units]) * (1 - p) * x + p * x
    return tf.sigmoid(graph.dense(x, 1, "f3")[:, 0] + tf.gather(bias, feeds["item"])), weights


def dien(graph, feeds, _):
    users = graph.variable("uid_embedding_var", [behaviours.USERS + 1, WIDTH])
    items = graph.variable("mid_embedding_var", [behaviours.ITEMS + 1, WIDTH])
    categories = graph.variable("cat_embedding_var", [behaviours.CATEGORIES + 1, WIDTH])
    item = tf.concat([tf.gather(items, feeds["item"]), tf.gather(categories, feeds["category"])], axis=-1)
    keys = tf.concat([tf.gather(items, feeds["hist_item"]), tf.gather(categories, feeds["hist_category"])], axis=-1)
    history_sum = tf.reduce_sum(keys, axis=1)  # padding included
    weights, interest = graph.attention(item, keys, feeds["length"], ["f1_attnull", "f2_attnull", "f3_attnull"], 1)
    user = tf.gather(users, feeds["user"])
    x = graph.batch_norm(tf.concat([user, item, history_sum, item * history_sum, interest], axis=-1), "bn1")
    for number, units in (("1", 20), ("2", 10)):
        x = graph.dense(x, units, f"f{number}")
        mean = tf.reduce_mean(x, axis=0)
        deviation = tf.sqrt(tf.reduce_mean(tf.square(x - mean) + 1e-9, axis=0))
        p = tf.sigmoid((x - mean) / (deviation + 1e-9))
        x = graph.variable(f"dice_{number}/alphadice_{number}", [units]) * (1 - p) * x + p * x
    return (tf.nn.softmax(graph.dense(x, 2, "f3")) + 1e-8)[:, 0], weights


def run(build, prefix, columns, category, seed, save):
    """Draws and saves the variables, or loads them; then the scores and weights of the batch."""
    with tf.Graph().as_default(), v1.Session() as session:
        feeds = (
            {name: tf.constant(column) for name, column in columns.items()}
            if not save
            else {
                name: v1.placeholder(tf.int64, [None, MAX_LENGTH] if name.startswith("hist") else [None], name)
                for name in columns
            }
        )
        answers = build(Graph(seed), feeds, tf.constant(category, dtype=tf.int64))
        saver = v1.train.Saver()
        if save:
            session.run(v1.global_variables_initializer())
            saver.save(session, prefix, write_meta_graph=False, write_state=False)
            return None
        saver.restore(session, prefix)
        return session.run(answers)


def save_list(category, path):
    """A graph that holds the list, as the .meta of a training does."""
    with tf.Graph().as_default():
        tf.constant(category, dtype=tf.int64)
        v1.train.export_meta_graph(path, clear_devices=True)


def make(build, folder, shop, seed, with_list):
    ids = (
        ("item", "hist_item", "length")
        if with_list
        else ("user", "item", "category", "hist_item", "hist_category", "length")
    )
    requests = behaviours.golden_requests(shop, MAX_LENGTH, seed=seed)
    batches = [behaviours.model_columns(shop, request, MAX_LENGTH) for request in requests]
    columns = {name: np.concatenate([batch[name] for batch in batches]).astype(np.int64) for name in ids}
    prefix = str(folder / "ckpt")
    run(build, prefix, columns, shop.category, seed, save=True)
    if with_list:
        save_list(shop.category, prefix + ".meta")
    scores, weights = run(build, prefix, columns, shop.category, seed + 100, save=False)
    first = 0
    answers = []
    for request in requests:
        last = first + len(request["candidates"]["item"])
        answers.append((scores[first:last], weights[first:last, : len(request["history"]["item"])]))
        first = last
        if with_list:  # the network looks categories up, and takes no user
            request["user"] = {}
            for part in ("history", "candidates"):
                del request[part]["category"]
    remaining = iter(answers)
    write_golden_rows(folder / "golden.jsonl", requests, lambda _: next(remaining))


def make_zhougr(shop, folder):
    make(zhougr, folder, shop, 21, with_list=True)


def make_dien(shop, folder):
    make(dien, folder, shop, 22, with_list=False)
