"""Scores of Spark's DataFrames: a request in each row, scored by Arrow's batches in each task. pyspark 3.5 and 4."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dinghy._engine import Model
from dinghy.batches import BatchScorer, Errors, read_ahead
from dinghy.errors import InvalidArgumentError, UnsupportedError
from dinghy.opening import open, reopen
from dinghy.rows import FilePath

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame, SparkSession

    BatchFunction = Callable[[Iterator[pyarrow.RecordBatch]], Iterator[pyarrow.RecordBatch]]

_opened: dict[tuple, Model] = {}  # of a worker of Spark, a process that runs one task after another


def score(
    frame: "DataFrame",
    model: Model | FilePath,
    *,
    columns: Mapping[str, str] | None = None,
    keep: Iterable[str] | None = None,
    errors: Errors = "fail",
    prefetch: int = 1,
) -> "DataFrame":
    """Columns of a DataFrame and the scores of its rows, computed when Spark is asked for them.

    frame: a request a row, with the columns that `Model.score_arrow` reads; `columns`: where these have other names.
    model: the path of a model on the driver, or a Model that was opened by one. Spark sends the file to the executors
        (SparkContext.addFile), where each worker opens it once.
    keep: columns to keep, all unless given. Others than these and those of the model never reach Python.
    errors: "fail": a row that cannot be scored fails the job, which says the row; "column": its scores are null and a
        column `error` says why.
    prefetch: batches to read while one is scored. A task has prefetch + 2 in memory, each of
        spark.sql.execution.arrow.maxRecordsPerBatch rows.

    Returns a DataFrame of `keep`, `scores` (array<float>, or float with one candidate a row) and, with
    errors="column", `error`. Raises before any job: as `score_arrow` does for columns, InvalidArgumentError for a name
    that is in the way, UnsupportedError for a session without a SparkContext (Spark Connect).
    """
    scorer = BatchScorer(_with_path(model), columns=columns, keep=keep, errors=errors)
    used = scorer.used(frame.columns, "the DataFrame")
    schema = _schema(frame, scorer)
    function = _function(frame.sparkSession, scorer, scorer.kept(frame.columns), prefetch)
    return frame.select(used).mapInArrow(function, schema)


def udf(
    model: Model | FilePath,
    *,
    columns: Mapping[str, str] | None = None,
    keep: Iterable[str] | None = None,
    errors: Errors = "fail",
    prefetch: int = 1,
    session: "SparkSession | None" = None,
) -> "BatchFunction":
    """The function that `score` gives to mapInArrow, for pipelines that call this themselves, with a schema of theirs.

    frame.mapInArrow(dinghy.spark.udf("ctr.dinghy", keep=["customer"]), "customer bigint, scores array<float>")

    session: where to send the model, the active one unless given. The rest as in `score`.
    """
    from pyspark.sql import SparkSession

    scorer = BatchScorer(_with_path(model), columns=columns, keep=keep, errors=errors)
    return _function(session or SparkSession.getActiveSession(), scorer, scorer.keep, prefetch)


def _with_path(model):
    model = model if isinstance(model, Model) else open(model)
    if not model.path:
        raise InvalidArgumentError("this model was opened from memory; the executors need its file: pass a path")
    return model


def _function(session, scorer, keep, prefetch):
    """From batches to batches, for a task."""
    if prefetch < 0:
        raise InvalidArgumentError(f"prefetch is {prefetch}; batches to read ahead are 0 or more")
    file = _send(session, scorer.model)
    _, (_, *opening) = scorer.model.__reduce__()
    options = {"columns": scorer.columns, "keep": keep, "errors": scorer.errors}

    def score_batches(batches):
        from pyspark import TaskContext

        scorer, row = BatchScorer(_model(file, opening), **options), 0
        where = f"partition {TaskContext.get().partitionId()}"
        for batch in read_ahead(batches, prefetch):
            yield scorer(batch, where, row)
            row += batch.num_rows

    return score_batches


def _model(file, opening):
    """The model that was sent along, opened once in each worker."""
    from pyspark import SparkFiles

    key = (file, *opening)
    if key not in _opened:
        _opened[key] = reopen(SparkFiles.get(file), *opening)
    return _opened[key]


_copies = None  # a folder of the driver's


def _send(session, model):
    """Sends a model to the executors. Returns its name there: another one for each model, since Spark keeps the first."""
    context = getattr(session, "_sc", None)
    if context is None:
        raise UnsupportedError("there is no session with a SparkContext to send the model by (Spark Connect has none)")
    global _copies
    if _copies is None:
        _copies = Path(tempfile.mkdtemp(prefix="dinghy-spark-"))
        atexit.register(shutil.rmtree, _copies, ignore_errors=True)
    copy = _copies / f"{model.hash}-{os.path.basename(model.path)}"
    if not copy.exists():  # a copy, because the file may be replaced while executors come and go
        unfinished = shutil.copyfile(model.path, _copies / "unfinished")
        if open(unfinished).hash != model.hash:
            raise InvalidArgumentError(
                f"{model.path} is another model by now than the one that was opened: open it again"
            )
        os.replace(unfinished, copy)
    context.addFile(str(copy))
    return copy.name


def _schema(frame, scorer):
    """The type of the result. A column that does not fit is an error now: no rows are scored here."""
    import pyarrow
    from pyspark.sql.pandas.types import to_arrow_schema
    from pyspark.sql.types import ArrayType, FloatType, StringType, StructField, StructType

    read = frame.select(list(dict.fromkeys(scorer.model._column_names(scorer.columns)))).schema
    scores = pyarrow.array(scorer.model.score_arrow(to_arrow_schema(read).empty_table(), columns=scorer.columns))
    one = pyarrow.types.is_floating(scores.type)
    fields = [frame.schema[name] for name in scorer.kept(frame.columns)]
    fields.append(StructField("scores", FloatType() if one else ArrayType(FloatType())))
    if scorer.errors == "column":
        fields.append(StructField("error", StringType()))
    return StructType(fields)
