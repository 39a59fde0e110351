import contextlib
import os
import sys
import warnings
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

import dinghy

sys.path.insert(0, str(Path(__file__).parents[1] / "python"))  # golden cases, and their requests as batches
import goldens  # noqa: E402
from arrow_batches import requests_table  # noqa: E402

ROWS = 1000
CASE = "deepctr-torch-softmax"


@contextlib.contextmanager
def session(master, **settings):
    """A session of Spark's, with workers that run this Python."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    builder = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", "64")
    for name, value in settings.items():
        builder = builder.config("spark." + name.replace("_", "."), value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    try:
        yield spark
    finally:
        spark.stop()


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "ctr.dinghy"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dinghy.AssumptionWarning)
        dinghy.convert(goldens.checkpoint(CASE), path, recipe=goldens.recipe(CASE))
    return dinghy.open(path)


@pytest.fixture(scope="session")
def table(model):
    return requests_table(model, ROWS)


@pytest.fixture(scope="session")
def scores(model, table):
    return pa.array(model.score_arrow(table)).to_pylist()


def frame_of(spark, table, partitions=4):
    """A DataFrame of a table of Arrow."""
    rows = [tuple(row.values()) for row in table.to_pylist()]
    types = {pa.int64(): "bigint", pa.list_(pa.int64()): "array<bigint>"}
    schema = ", ".join(f"{field.name} {types[field.type]}" for field in table.schema)
    return spark.createDataFrame(rows, schema).repartition(partitions, "id")
