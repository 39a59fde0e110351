"""dinghy.spark beside ONNX Runtime in Spark's own tasks: the same rows, read from Parquet, in one session of two threads.

    python bench/batch/compare_spark.py FOLDER [--rows N] [--onnx-rows N]     FOLDER: W0-dice of dinghy-make-workloads --npy

Three jobs by mapInArrow, in turns: Arrow's batches there and back with a list of zeros for the scores; dinghy.spark; and
ONNX Runtime on the graph as frameworks export it, a row for each pair, padded and masked, 512 pairs a call, one thread
a task. Each reads the rows and throws its result away (format "noop"). The first thousand scores are compared. `wall` is
what a user waits; `workers` is the time of the processor that Python's workers took, which a loaded machine says too.
"""

import argparse
import os
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "peers")]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))  # of the workers
os.environ["PYSPARK_PYTHON"] = sys.executable

import onnxruntime  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyspark  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

import dinghy.spark  # noqa: E402
import numpy as np  # noqa: E402
from compare import LONGEST, PAIRS, SHORTEST, TOLERANCE, onnx_session  # noqa: E402
from network import Network  # noqa: E402

CANDIDATES = 20
LISTS = ("hist_item", "hist_category", "item", "category")
SCHEMA = "row bigint, user bigint, " + ", ".join(f"{name} array<bigint>" for name in LISTS)
RESULT = "row bigint, scores array<float>"
PARTITIONS = 16
COMPARED = 1000


def lists(values, lengths):
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32()), pa.array(values))


def drawing(users, items, categories):
    """A function that draws requests for the numbers of rows, the same each time."""

    def draw(batches):
        for batch in batches:
            rows = batch["id"].to_numpy()
            random = np.random.default_rng(rows[0])
            lengths = random.integers(SHORTEST, LONGEST + 1, len(rows))
            history = random.integers(0, items, lengths.sum())
            page = random.integers(0, items, len(rows) * CANDIDATES)
            pages = np.full(len(rows), CANDIDATES)
            columns = [lists(history, lengths), lists(history % categories, lengths), lists(page, pages)]
            columns = [
                batch["id"],
                pa.array(random.integers(0, users, len(rows))),
                *columns,
                lists(page % categories, pages),
            ]
            yield pa.RecordBatch.from_arrays(columns, names=["row", "user", *LISTS])

    return draw


def nothing(batches):
    """What Arrow's batches cost by themselves."""
    for batch in batches:
        zeros = pa.array(np.zeros(len(batch["item"].flatten()), np.float32))
        scores = pa.ListArray.from_arrays(batch["item"].offsets, zeros)
        yield pa.RecordBatch.from_arrays([batch["row"], scores], names=["row", "scores"])


def onnx_scoring(workload):
    """A function that scores by ONNX Runtime."""

    def score(batches):
        with tempfile.TemporaryDirectory() as folder:
            session = onnx_session(Network(workload), pathlib.Path(folder))
        for batch in batches:
            scores = np.concatenate([session.run(None, call)[0] for call in calls_of(batch)])
            count = len(batch["item"].flatten())
            listed = pa.ListArray.from_arrays(batch["item"].offsets, pa.array(scores[:count]))
            yield pa.RecordBatch.from_arrays([batch["row"], listed], names=["row", "scores"])

    return score


def calls_of(batch):
    """The arrays of each call: pairs, the last call filled up with the first id."""
    lengths = batch["hist_item"].value_lengths().to_numpy()
    real = np.arange(LONGEST) < lengths[:, None]
    rows = np.repeat(np.arange(len(batch)), batch["item"].value_lengths().to_numpy())
    histories = {}
    for name in ("item", "category"):
        histories[name] = np.zeros((len(batch), LONGEST), np.int32)
        histories[name][real] = batch["hist_" + name].flatten().to_numpy()
    columns = {name: batch[name].flatten().to_numpy() for name in ("item", "category")}
    users = batch["user"].to_numpy()
    for at in range(0, len(rows), PAIRS):
        of = rows[at : at + PAIRS]
        call = {"user": users[of], "padding": ~real[of]}
        for name, ids in columns.items():
            call |= {name: ids[at : at + PAIRS], "history_" + name: histories[name][of]}
        yield {name: filled(values).reshape(-1).astype(np.int32) for name, values in call.items()}


def filled(values):
    return np.concatenate([values, np.zeros((PAIRS - len(values), *values.shape[1:]), values.dtype)])


def workers_time():
    """Seconds of the processor that the children of this process' JVM, Python's workers, have taken."""
    ticks = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            command = (stat.parent / "cmdline").read_bytes()
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if b"pyspark.daemon" in command and (stat.parent / "cwd").readlink() == pathlib.Path.cwd():
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def timed(frame):
    began, worked = time.perf_counter(), workers_time()
    frame.write.format("noop").mode("overwrite").save()
    return time.perf_counter() - began, workers_time() - worked


def first_scores(frame):
    return np.stack([row["scores"] for row in frame.filter(f"row < {COMPARED}").orderBy("row").collect()])


def compare(spark, workload, folder, rows, onnx_rows, turns):
    net = Network(workload)
    draw = drawing(*(len(net.arrays[name]) for name in ("user", "item", "category")))
    path = f"{folder}/requests"
    spark.range(0, rows, 1, PARTITIONS).mapInArrow(draw, SCHEMA).write.option("compression", "zstd").parquet(path)
    frame = spark.read.parquet(path)
    some = spark.read.parquet(path).limit(onnx_rows).repartition(2).cache()  # a session for each: not many
    some.count()
    model = dinghy.open(f"{workload}/model.dinghy")
    jobs = {
        "nothing but Arrow": (rows, frame.mapInArrow(nothing, RESULT)),
        "dinghy.spark": (rows, dinghy.spark.score(frame, model, keep=["row"])),
        "ONNX Runtime": (onnx_rows, some.mapInArrow(onnx_scoring(workload), RESULT)),
    }
    ours, theirs = (first_scores(dinghy.spark.score(some, model, keep=["row"]))), first_scores(jobs["ONNX Runtime"][1])
    assert len(ours) and np.abs(ours - theirs).max() < TOLERANCE
    print(
        f"{CANDIDATES} candidates a row, {SHORTEST} to {LONGEST} behaviours, {model.isa}; largest difference {np.abs(ours - theirs).max():.1e}"
    )
    for turn in range(turns):
        for name, (count, job) in jobs.items():
            wall, workers = timed(job)
            pairs = count * CANDIDATES
            print(
                f"{turn} {name:20} {count:9,} rows  wall {wall:7.1f} s {pairs / wall:10,.0f} pairs/s"
                f"  workers {workers:7.1f} s {pairs / max(workers, 0.01):10,.0f} pairs/s  load {os.getloadavg()[0]:.1f}",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("workload")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--onnx-rows", type=int, default=50_000)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.driver.memory", "2g").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    java = spark.sparkContext._jvm.System.getProperty("java.version")
    print(
        f"pyspark {pyspark.__version__}, Java {java}, ONNX Runtime {onnxruntime.__version__}, pyarrow {pa.__version__}, "
        f"NumPy {np.__version__}, Python {sys.version.split()[0]}, {len(os.sched_getaffinity(0))} processors"
    )
    with tempfile.TemporaryDirectory() as folder:
        compare(spark, pathlib.Path(given.workload).resolve(), folder, given.rows, given.onnx_rows, given.turns)
    spark.stop()


if __name__ == "__main__":
    main()
