"""Model.score_arrow beside a loop in C++ and beside ONNX Runtime, on the same requests, in turns, in one run:

    python bench/batch/compare.py FOLDER LOOP     FOLDER: W0-dice of dinghy-make-workloads --npy; LOOP: dinghy-batch-loop

Rates are pairs of user and candidate a second and core: the processor's time of one thread, the fastest of the turns.
ONNX Runtime runs the graph as frameworks export it, a row for each pair with the history padded to the longest and
masked, 512 pairs a call, in this process; the arrays that it takes are made before the clock starts. The two ways
from Python through requests as dicts are there to see what a batch saves.
"""

import pathlib
import sys
import tempfile
import time

import onnxruntime
import pyarrow as pa

import dinghy
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from network import Network, activate, layers_of, run_layers  # noqa: E402
from ops import onnx_ops  # noqa: E402
from worker_process import Worker  # noqa: E402

SHORTEST, LONGEST = 25, 50
PAIRS, CALLS = 512, 4  # of a call of ONNX Runtime, and calls in its turn
TURNS = 9
TOLERANCE = 2e-5  # on the probability, for single precision in any order


def draw(net, rows, candidates):
    """Requests as columns: users, and lists of items and their categories."""
    random = np.random.default_rng(1)
    sizes = {name: len(net.arrays[name]) for name in ("user", "item", "category")}

    def ids(count):
        items = random.integers(0, sizes["item"], count)
        return {"item": items, "category": items % sizes["category"]}

    lengths = random.integers(SHORTEST, LONGEST + 1, rows)
    return random.integers(0, sizes["user"], rows), [ids(n) for n in lengths], [ids(candidates) for _ in lengths]


def batch_of(users, histories, pages):
    lists = {
        prefix + name: pa.array([part[name] for part in parts], pa.list_(pa.int64()))
        for prefix, parts in (("hist_", histories), ("", pages))
        for name in ("item", "category")
    }
    return pa.RecordBatch.from_pydict({"user": pa.array(users), **lists})


def write_requests(path, users, histories, pages):
    numbers = [np.asarray([len(users)])]
    for user, history, page in zip(users, histories, pages):
        numbers += [np.asarray([user, len(history["item"]), len(page["item"])])]
        numbers += [part[name] for part in (history, page) for name in ("item", "category")]
    np.concatenate(numbers).astype(np.int64).tofile(path)


def pairs_graph(ops, net, inputs):
    """One row for each pair, with a history of its own."""
    n, t, d = PAIRS, LONGEST, net.width
    embedded = [ops.take(net.arrays[name], inputs[name]) for name in ("item", "category")]
    q = ops.concat(embedded)
    k = ops.concat([ops.take(net.arrays[name], inputs["history_" + name]) for name in ("item", "category")])
    tiled = ops.reshape(ops.expand(ops.reshape(q, [n, 1, d]), [n, t, d]), [n * t, d])
    parts = ops.concat([tiled, k, ops.sub(tiled, k), ops.mul(tiled, k)])
    logits = ops.reshape(run_layers(ops, parts, layers_of(net, "attention"), activate), [n, t])
    logits = ops.mul(logits, ops.constant(np.asarray([d**-0.5], np.float32)))
    mask = ops.take(np.asarray([[0], [-1e9]], np.float32), inputs["padding"])
    weights = ops.softmax(ops.add(logits, ops.reshape(mask, [n, t])))
    pooled = ops.reshape(ops.matmul(ops.reshape(weights, [n, 1, t]), ops.reshape(k, [n, t, d])), [n, d])
    tower = ops.concat([ops.take(net.arrays["user"], inputs["user"]), q, pooled])
    return ops.reshape(ops.sigmoid(run_layers(ops, tower, layers_of(net, "tower"), activate)), [n])


def pair_calls(users, histories, pages):
    """The arrays of each call of ONNX Runtime, for the first pairs."""
    rows = [row for row, page in enumerate(pages) for _ in page["item"]]
    columns = {"user": users[rows]}
    for name in ("item", "category"):
        padded = np.stack([np.pad(history[name], (0, LONGEST - len(history[name]))) for history in histories])
        columns[name] = np.concatenate([page[name] for page in pages])
        columns["history_" + name] = padded[rows]
    lengths = np.asarray([len(history["item"]) for history in histories])[rows]
    columns["padding"] = np.arange(LONGEST) >= lengths[:, None]
    return [
        {name: values[at : at + PAIRS].reshape(-1).astype(np.int32) for name, values in columns.items()}
        for at in range(0, PAIRS * CALLS, PAIRS)
    ]


def onnx_session(net, folder):
    ops = onnx_ops.Ops()
    lengths = {"user": 1, "item": 1, "category": 1, "history_item": LONGEST, "history_category": LONGEST}
    lengths["padding"] = LONGEST
    inputs = {name: ops.input(name, [PAIRS * length]) for name, length in lengths.items()}
    ops.save(pairs_graph(ops, net, inputs), [PAIRS], folder / "pairs.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(folder / "pairs.onnx"), options, providers=["CPUExecutionProvider"])


def timed(run):
    began = time.process_time()
    run()
    return time.process_time() - began


def compare(model, net, loop, folder, candidates, rows):
    requests = draw(net, rows, candidates)
    batch, calls, session = batch_of(*requests), pair_calls(*requests), onnx_session(net, folder)
    write_requests(folder / "requests", *requests)
    worker = Worker([loop, model.path, folder / "requests"])
    scores = pa.array(model.score_arrow(batch)).flatten().to_numpy()
    assert np.array_equal(scores, np.asarray(worker.ask("scores"), np.float32))
    theirs = np.concatenate([session.run(None, call)[0] for call in calls])
    assert np.abs(theirs - scores[: len(theirs)]).max() < TOLERANCE
    dicts = [
        {"user": {"user": int(user)}, "history": history, "candidates": page} for user, history, page in zip(*requests)
    ]
    pairs = rows * candidates
    ways = {
        "score_arrow, one call": (pairs, lambda: timed(lambda: model.score_arrow(batch))),
        "a loop in C++": (pairs, lambda: worker.ask("time")[0]),
        "a loop of Model.score in Python": (pairs, lambda: timed(lambda: [model.score(**row) for row in dicts])),
        "ONNX Runtime": (len(theirs), lambda: timed(lambda: [session.run(None, call) for call in calls])),
    }
    times = {name: [] for name in ways}
    for _ in range(TURNS):
        for name, (_, run) in ways.items():
            times[name].append(run())
    worker.close()
    rates = {name: count / min(times[name]) for name, (count, _) in ways.items()}
    print(f"{candidates} candidates a request, {rows} requests, {SHORTEST} to {LONGEST} behaviours, {model.isa}")
    for name, rate in rates.items():
        print(
            f"  {name:32} {rate:10,.0f} pairs/s   score_arrow is {rates['score_arrow, one call'] / rate:5.2f} times as fast"
        )


def main(workload, loop):
    net = Network(workload)
    model = dinghy.open(pathlib.Path(workload) / "model.dinghy")
    print(f"ONNX Runtime {onnxruntime.__version__}, pyarrow {pa.__version__}, NumPy {np.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        for candidates, rows in ((1, 4096), (20, 512), (100, 64)):
            compare(model, net, loop, pathlib.Path(folder), candidates, rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
