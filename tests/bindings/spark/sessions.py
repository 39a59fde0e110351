"""Sessions of Spark's, and DataFrames of Arrow's tables."""

import contextlib
import os
import sys

import pyarrow as pa
from pyspark.sql import SparkSession


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


def frame_of(spark, table, partitions=4):
    """A DataFrame of a table of Arrow."""
    rows = [tuple(row.values()) for row in table.to_pylist()]
    types = {pa.int64(): "bigint", pa.list_(pa.int64()): "array<bigint>"}
    schema = ", ".join(f"{field.name} {types[field.type]}" for field in table.schema)
    return spark.createDataFrame(rows, schema).repartition(partitions, "id")
