"""The case paddlerec-form: PaddleRec's DIN in Paddle's static mode, re-stated from its net.py, saved by paddle.static.save.

PaddleRec is no package; its layers, their order and their names are kept, since those are all that its file has.
"""

import behaviours
import numpy as np
import paddle
from request_lines import write_golden_rows

MAX_LENGTH = 12
ITEM_WIDTH, CATEGORY_WIDTH = 5, 3
KEY_WIDTH = ITEM_WIDTH + CATEGORY_WIDTH
HIDDEN = (80, 40, 1)
INPUTS = {"hist_item": [None, MAX_LENGTH], "hist_category": [None, MAX_LENGTH], "item": [None], "category": [None]}


def tables():
    """Embeddings of items and categories; each call makes a pair of its own, as the package does three times."""
    return (
        paddle.nn.Embedding(behaviours.ITEMS + 1, ITEM_WIDTH),
        paddle.nn.Embedding(behaviours.CATEGORIES + 1, CATEGORY_WIDTH),
    )


def mlp(inputs):
    sizes = (inputs, *HIDDEN)
    return [paddle.nn.Linear(sizes[i], sizes[i + 1]) for i in range(len(HIDDEN))]


def apply(layers, x):
    for layer in layers[:-1]:
        x = paddle.nn.functional.sigmoid(layer(x))
    return layers[-1](x)


def pair(embeddings, items, categories):
    return paddle.concat([embeddings[0](items), embeddings[1](categories)], axis=-1)


def network(columns, mask):
    """Logits [N, 1] and attention weights [N, 1, T]. Layers are made in the order that gives them the package's names."""
    behaviour, target, target_seq = tables(), tables(), tables()
    item_bias = paddle.nn.Embedding(behaviours.ITEMS + 1, 1)
    attention, con, top = mlp(4 * KEY_WIDTH), paddle.nn.Linear(KEY_WIDTH, KEY_WIDTH), mlp(2 * KEY_WIDTH)

    keys = pair(behaviour, columns["hist_item"], columns["hist_category"])
    query = pair(target_seq, columns["item"], columns["category"]).unsqueeze(1).expand_as(keys)
    logits = apply(attention, paddle.concat([keys, query, keys - query, keys * query], axis=2)) + mask
    weights = paddle.nn.functional.softmax(logits.transpose([0, 2, 1]) * KEY_WIDTH**-0.5)
    interest = con(paddle.matmul(weights, keys).squeeze(1))
    candidate = pair(target, columns["item"], columns["category"])
    return apply(top, paddle.concat([interest, candidate], axis=1)) + item_bias(columns["item"]), weights


class Program:
    def __init__(self, seed, train):
        paddle.seed(seed)
        self.scope = paddle.static.Scope()
        self.executor = paddle.static.Executor(paddle.CPUPlace())
        self.main, startup = paddle.static.Program(), paddle.static.Program()
        with paddle.static.program_guard(self.main, startup), paddle.utils.unique_name.guard():
            columns = {name: paddle.static.data(name, shape, "int64") for name, shape in INPUTS.items()}
            mask = paddle.static.data("mask", [None, MAX_LENGTH, 1], "float32")
            label = paddle.static.data("label", [None, 1], "float32")
            logits, self.weights = network(columns, mask)
            self.scores = paddle.nn.functional.sigmoid(logits)
            self.loss = paddle.nn.functional.binary_cross_entropy_with_logits(logits, label)
            if train:
                paddle.optimizer.Adam(0.01).minimize(self.loss)
        with paddle.static.scope_guard(self.scope):
            self.executor.run(startup)

    def run(self, columns, fetch):
        real = np.arange(MAX_LENGTH) < columns["length"][:, None]
        feed = {name: columns[name].astype("int64") for name in INPUTS}
        feed["mask"] = np.where(real, 0, -1e9)[:, :, None].astype("float32")
        feed["label"] = columns.get("label", np.zeros(len(real), "float32"))[:, None]
        with paddle.static.scope_guard(self.scope):
            return self.executor.run(self.main, feed=feed, fetch_list=fetch)


def make(shop, folder):
    paddle.enable_static()
    trained = train(Program(seed=1, train=True), shop)
    with paddle.static.scope_guard(trained.scope):
        paddle.static.save(trained.main, str(folder / "rec_static"))
    for other in ("rec_static.pdopt", "rec_static.pdmodel", "rec_static.json"):  # no weights in them
        (folder / other).unlink(missing_ok=True)
    model = Program(seed=2, train=False)
    with paddle.static.scope_guard(model.scope):
        paddle.static.load(model.main, str(folder / "rec_static"), model.executor)

    def score(request):
        names = {"item": request["history"]["hist_item"], "category": request["history"]["hist_category"]}
        columns = behaviours.model_columns(shop, {**request, "user": {"user": 0}, "history": names}, MAX_LENGTH)
        scores, weights = model.run(columns, [model.scores, model.weights])
        return scores[:, 0], weights[:, 0, : len(names["item"])]

    write_golden_rows(folder / "golden.jsonl", requests(shop), score)


def requests(shop):
    """Without the user, whom the network does not know; the behaviours' columns are features of their own."""
    for request in behaviours.golden_requests(shop, MAX_LENGTH, seed=16):
        history = {"hist_" + name: column for name, column in request["history"].items()}
        yield {"user": {}, "history": history, "candidates": request["candidates"]}


def train(program, shop, epochs=8, batch=128):
    columns = behaviours.training_examples(shop, 8000, MAX_LENGTH, seed=4)
    rng = np.random.default_rng(5)
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(8000), 8000 // batch):
            some = {name: column[rows] for name, column in columns.items()}
            (loss,) = program.run(some, [program.loss])
    print(f"  log loss {float(loss):.3f} in training")
    return program
