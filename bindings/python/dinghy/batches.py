"""Batches of Arrow with their scores beside them: what Spark, Ray and `predict` do with each of theirs."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal, TypeVar

from dinghy._engine import Model
from dinghy.errors import InvalidArgumentError
from dinghy.opening import open
from dinghy.packages import require
from dinghy.rows import FilePath

if TYPE_CHECKING:
    import pyarrow

Batch = TypeVar("Batch", "pyarrow.RecordBatch", "pyarrow.Table")
Errors = Literal["fail", "column"]


class BatchScorer:
    """Scores batches of Arrow, and keeps columns of theirs beside the scores. A callable class for Ray Data.

    model: a Model, the path of one, or the bytes of one.
    columns: where columns have other names than those that `Model.score_arrow` reads.
    keep: the columns to keep, all unless given.
    errors: "fail": a row that cannot be scored is an error, with the row's number and what was kept of it; "column":
        its scores are null, and a column `error` says why.

    Called with a record batch or a table, a request in each row, it returns one with the columns `keep`, `scores`
    (list<float>, or float where a row has one candidate) and, with errors="column", `error` (string). It may be shared
    by threads, and pickles where its model does. Raises InvalidArgumentError for a column that is missing or in the way.
    """

    def __init__(
        self,
        model: Model | FilePath | bytes,
        *,
        columns: Mapping[str, str] | None = None,
        keep: Iterable[str] | None = None,
        errors: Errors = "fail",
    ):
        if errors not in ("fail", "column"):
            raise InvalidArgumentError(f'errors is "{errors}", not fail or column')
        require("scoring batches", "pyarrow")
        self.model = model if isinstance(model, Model) else open(model)
        self.columns = dict(columns or {})
        self.keep = None if keep is None else list(dict.fromkeys(keep))
        self.errors = errors
        self.new = ["scores", "error"] if errors == "column" else ["scores"]

    def kept(self, names: list[str]) -> list[str]:
        """The columns to keep of those that there are."""
        return names if self.keep is None else self.keep

    def used(self, names: list[str], where: str) -> list[str]:
        """The columns to read or to keep of those that there are. where: whose they are, for messages."""
        keep = self.kept(names)
        used = list(dict.fromkeys([*self.model._column_names(self.columns), *keep]))
        for name in used:
            if name not in names:
                raise InvalidArgumentError(f'{where} has no column "{name}"; it has {", ".join(names)}')
        for name in self.new:
            if name in keep:
                raise InvalidArgumentError(f'{where} has a column "{name}" itself; name those to keep without it')
        return used

    def __call__(self, batch: Batch, where: str = "the batch", first: int = 0) -> Batch:
        """where, first: of what the rows are, and the number of the batch's first there, for messages."""
        import pyarrow

        keep = self.kept(batch.schema.names)
        self.used(batch.schema.names, where)
        scores = self.model.score_arrow(batch, columns=self.columns, errors="collect")
        if self.errors == "fail" and scores.errors:
            row = min(scores.errors)
            raise InvalidArgumentError(
                f"{where}: row {first + row}{_values(batch.select(keep), row)}: {scores.errors[row]}"
            )
        arrays = [pyarrow.array(scores)]
        if self.errors == "column":
            messages = [scores.errors.get(row) for row in range(batch.num_rows)]
            arrays.append(pyarrow.array(messages, pyarrow.string()))
        fields = [batch.schema.field(name) for name in keep]
        fields += [pyarrow.field(name, array.type) for name, array in zip(self.new, arrays)]
        schema = pyarrow.schema(fields, batch.schema.metadata)
        return type(batch).from_arrays([*(batch[name] for name in keep), *arrays], schema=schema)


def _values(batch, row):
    """What a row is known by: its values that are no lists, in brackets."""
    values = ((name, batch[name][row].as_py()) for name in batch.schema.names)
    known = [f"{name}={value}" for name, value in values if isinstance(value, (int, str))]
    return f" ({', '.join(known)})" if known else ""


def read_ahead(batches: Iterable[Batch], count: int) -> Iterator[Batch]:
    """The same batches, of which a thread reads up to `count` while the one before is scored."""
    batches, end = iter(batches), object()
    if count == 0:
        yield from batches
        return
    pool = ThreadPoolExecutor(1)
    try:
        waiting = [pool.submit(next, batches, end) for _ in range(count)]
        while (batch := waiting.pop(0).result()) is not end:
            waiting.append(pool.submit(next, batches, end))
            yield batch
    finally:
        pool.shutdown(cancel_futures=True)
