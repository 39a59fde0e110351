"""dinghy.spark on a cluster of two workers, one of which is killed at work."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyspark
import pytest

import dinghy.spark
from fixtures import ROWS
from sessions import frame_of, session

PARTITIONS = 40
LONGEST = 180  # seconds that anything may take


class Daemon:
    """A master or a worker of Spark's, with all that it starts."""

    def __init__(self, folder, kind, *arguments):
        self.log = folder / f"{kind}-{len(list(folder.iterdir()))}.log"
        command = [Path(pyspark.__file__).parent / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}"]
        arguments = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0", *arguments]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([*command, *arguments], stdout=log, stderr=log, start_new_session=True)

    def said(self, pattern):
        """What the log says, as soon as it does."""
        found = waited(lambda: re.search(pattern, self.log.read_text()))
        assert found, self.log.read_text()
        return found[0]

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def waited(condition):
    end = time.monotonic() + LONGEST
    while not (result := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return result


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """The address of a master, and its two workers."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))  # what executors import
    master = Daemon(tmp_path, "master.Master")
    workers = []
    try:
        address = master.said(r"spark://127\.0\.0\.1:\d+")
        for name in ("a", "b"):
            more = ["--cores", "1", "--memory", "600m", "--work-dir", tmp_path / name, address]
            workers.append(Daemon(tmp_path, "worker.Worker", *more))
            workers[-1].said("Successfully registered with master")
        yield address, workers
    finally:
        for daemon in [*workers, master]:
            if daemon.process.poll() is None:
                daemon.kill()


def slowly(batches):
    """Keeps a task at work for a while."""
    for batch in batches:
        time.sleep(0.2)
        yield batch


def test_every_row_is_scored_once_though_a_worker_is_killed(cluster, model, table, scores):
    address, workers = cluster
    with session(
        address, executor_memory="512m", executor_cores="1", cores_max="2", sql_shuffle_partitions="4"
    ) as spark:
        tracker = spark.sparkContext.statusTracker()
        executors = spark.sparkContext._jsc.sc().getExecutorMemoryStatus
        assert waited(lambda: executors().size() == 3), "two executors and the driver"
        frame = frame_of(spark, table, PARTITIONS).cache()
        frame.count()  # the rows lie on both workers
        slow = frame.mapInArrow(slowly, frame.schema)
        # What is shuffled behind it is lost with its worker, and computed again.
        job = dinghy.spark.score(slow, model, keep=["id"]).repartition(4, "id")
        rows, failures = [], []

        def run():
            try:
                rows.extend(job.collect())
            except Exception as error:
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        scoring = waited(
            lambda: [
                stage
                for stage in map(tracker.getStageInfo, tracker.getActiveStageIds())
                if stage and stage.numCompletedTasks >= 6
            ]
        )
        workers[0].kill()
        assert scoring and all(stage.numCompletedTasks < PARTITIONS for stage in scoring), scoring
        assert waited(lambda: executors().size() == 2), "the executor is gone"
        thread.join(LONGEST)
    assert not failures, failures
    assert len(rows) == ROWS
    assert {row["id"]: row["scores"] for row in rows} == dict(enumerate(scores))
