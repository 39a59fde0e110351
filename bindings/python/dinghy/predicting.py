"""Scores of a Parquet file into another: what `dinghy predict` does. pyarrow reads and writes."""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

from dinghy._engine import Model
from dinghy.batches import BatchScorer, Errors
from dinghy.errors import Error, FileError, InvalidArgumentError
from dinghy.opening import open as open_model
from dinghy.packages import require
from dinghy.rows import FilePath


def _pyarrow():
    require("predict", "pyarrow")
    import pyarrow
    import pyarrow.parquet

    return pyarrow


def _threads():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Parts:
    """Finished parts of the output, each a file with rows [begin, end) of the input, in a folder beside it."""

    def __init__(self, output, job):
        self.folder = Path(f"{output}.parts")
        self.folder.mkdir(exist_ok=True)
        said = self.folder / "job.json"
        if not said.exists():
            self._place(said, lambda path: path.write_text(json.dumps(job, indent=1), encoding="utf-8"))
        elif json.loads(said.read_text(encoding="utf-8")) != job:
            raise InvalidArgumentError(
                f"{self.folder} holds parts of another run: another model, input or option. Delete it, or run as before"
            )
        self.ranges = {tuple(map(int, path.stem.split("-"))) for path in self.folder.glob("[0-9]*-[0-9]*.parquet")}

    def path(self, begin, end):
        return self.folder / f"{begin:012}-{end:012}.parquet"

    def _place(self, path, write):
        """`write` to another name first: what has its own is complete."""
        unfinished = path.with_name(f"unfinished-{os.getpid()}-{path.name}")
        write(unfinished)
        os.replace(unfinished, path)

    def add(self, begin, end, table, parquet):
        self._place(self.path(begin, end), lambda path: parquet.write_table(table, path, compression="zstd"))

    def cover(self, begin, end):
        for first, last in sorted(self.ranges):
            if first == begin:
                begin = last
        return begin >= end

    def join(self, output, rows, parquet):
        """All parts in one file, under its name when it is complete."""
        whole, at, writer = self.folder / "whole", 0, None
        for begin, end in sorted(self.ranges):
            if begin != at:
                raise FileError(f"{self.folder}: no part begins at row {at}; delete it and run again")
            table, at = parquet.read_table(self.path(begin, end)), end
            writer = writer or parquet.ParquetWriter(whole, table.schema, compression="zstd")
            writer.write_table(table)
        writer.close()
        if at != rows:
            raise FileError(f"{self.folder}: the parts end at row {at} of {rows}; delete it and run again")
        with open(whole, "rb") as file:
            os.fsync(file.fileno())
        os.replace(whole, output)
        shutil.rmtree(self.folder)


class _Progress:
    """A line on a terminal, written over; nothing elsewhere."""

    def __init__(self, rows, shown):
        self.rows, self.done, self.shown = rows, 0, shown
        self.kept, self.began, self.said = 0, time.monotonic(), 0.0

    def add(self, rows, kept=False):
        self.done += rows
        self.kept += rows if kept else 0
        now = time.monotonic()
        if not self.shown or (now - self.said < 0.2 and self.done < self.rows):
            return
        self.said = now
        rate = (self.done - self.kept) / max(now - self.began, 1e-9)
        left = f", {(self.rows - self.done) / rate:,.0f} s left" if rate > 0 else ""
        print(f"\r{self.done:,} of {self.rows:,} rows, {rate:,.0f} rows/s{left}\033[K", end="", file=sys.stderr)

    def end(self):
        if self.shown and self.done:
            print(file=sys.stderr)


class _Prediction:
    def __init__(self, scorer, input, output):
        self.arrow = _pyarrow()
        self.scorer, self.input = scorer, input
        try:
            self.file = self.arrow.parquet.ParquetFile(input)
        except (OSError, self.arrow.ArrowInvalid) as error:
            raise FileError(f"{input}: {error}") from error
        self.rows = self.file.metadata.num_rows
        names = self.file.schema_arrow.names
        self.read = scorer.used(names, input)
        scorer.keep = scorer.kept(names)  # in the file's order, which is not that of what is read
        if os.path.exists(output) and os.path.samefile(input, output):
            raise InvalidArgumentError(f"{output} is the input itself")

    def job(self, rows):
        """What two runs have in common when one can go on where the other ended."""
        stat = os.stat(self.input)
        return {
            "model": self.scorer.model.hash,
            "isa": self.scorer.model.isa,
            "input": [os.path.abspath(self.input), stat.st_size, stat.st_mtime_ns],
            "columns": self.scorer.columns,
            "keep": self.scorer.keep,
            "errors": self.scorer.errors,
            "rows": rows,
        }

    def batches(self, rows, parts, progress):
        """(first row, batch) of all that is not done."""
        begin = 0
        for group in range(self.file.num_row_groups):
            end = begin + self.file.metadata.row_group(group).num_rows
            if parts.cover(begin, end):
                progress.add(end - begin, kept=True)
                begin = end
                continue
            for batch in self.file.iter_batches(rows, [group], columns=self.read, use_threads=False):
                if (begin, begin + len(batch)) in parts.ranges:
                    progress.add(len(batch), kept=True)
                else:
                    yield begin, batch
                begin += len(batch)
        if self.rows == 0:
            yield 0, self.arrow.RecordBatch.from_pylist([], self.file.schema_arrow)

    def run(self, parts, threads, rows, progress):
        def score(begin, batch):
            table = self.scorer(self.arrow.Table.from_batches([batch]), self.input, begin)
            parts.add(begin, begin + len(batch), table, self.arrow.parquet)
            return begin, begin + len(batch)

        def take(some):
            for future in some:
                begin, end = future.result()
                parts.ranges.add((begin, end))
                progress.add(end - begin)

        pool, running = ThreadPoolExecutor(threads), set()
        try:
            for begin, batch in self.batches(rows, parts, progress):
                running.add(pool.submit(score, begin, batch))
                if len(running) > threads:  # what waits is memory
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    take(done)
            take(running)
        finally:
            pool.shutdown(cancel_futures=True)
            progress.end()


def predict(
    model: Model | FilePath,
    input: FilePath,
    output: FilePath,
    *,
    columns: Mapping[str, str] | None = None,
    keep: Iterable[str] | None = None,
    errors: Errors = "fail",
    threads: int | None = None,
    rows: int = 32768,
    progress: bool = False,
) -> int:
    """Scores the rows of a Parquet file into another, as `dinghy predict` does (docs/batch.md).

    model: a Model, or the path of one.
    input: a request a row, with the columns that `Model.score_arrow` reads; columns: where these have other names.
    output: the columns of the input, of them `keep` where it is given, and `scores`. It appears when it is complete.
        Until then finished parts lie in a folder beside it, OUTPUT.parts: the same call goes on from there.
    errors: "fail" at the first row that cannot be scored, with its number; "column": such a row has a null for scores,
        and a column `error` says why.
    threads: all processors unless given. rows: of a part; as many times threads + 1 are in memory.
    progress: say on standard error how far it is.

    Returns the number of rows. Raises MissingPackageError without pyarrow, FileError, InvalidArgumentError.
    """
    if rows < 1 or (threads is not None and threads < 1):
        raise InvalidArgumentError("rows and threads are at least 1")
    input, output = os.fspath(input), os.fspath(output)
    prediction = _Prediction(BatchScorer(model, columns=columns, keep=keep, errors=errors), input, output)
    parts = _Parts(output, prediction.job(rows))
    prediction.run(parts, threads or _threads(), rows, _Progress(prediction.rows, progress))
    parts.join(output, prediction.rows, prediction.arrow.parquet)
    return prediction.rows


def _columns(pairs):
    for pair in pairs:
        if "=" not in pair:
            raise InvalidArgumentError(f"--columns {pair}: write PART.FEATURE=COLUMN, history.item=clicks")
    return dict(pair.split("=", 1) for pair in pairs)


def _arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="dinghy predict",
        description="Scores the rows of a Parquet file, each a user with candidates, into another. Interrupted, the same "
        "command goes on from the parts that are finished.",
        allow_abbrev=False,
    )
    parser.add_argument("model", metavar="M.dinghy")
    parser.add_argument("input", metavar="IN.parquet")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.parquet")
    parser.add_argument(
        "--columns",
        nargs="+",
        default=[],
        metavar="PART.FEATURE=COLUMN",
        help="where columns are not called as the features, with hist_ in front for the history",
    )
    parser.add_argument("--keep", nargs="*", metavar="COLUMN", help="columns to copy; all without it")
    parser.add_argument("--errors", choices=["fail", "column"], default="fail", help="what a wrong row does")
    parser.add_argument("--threads", type=int, metavar="N", help="all processors without it")
    parser.add_argument("--rows", type=int, default=32768, metavar="N", help="rows of a part (%(default)s)")
    parser.add_argument("--isa", metavar="NAME", help="the instruction set")
    parser.add_argument(
        "--memo",
        type=int,
        metavar="MIB",
        help="remember pairs of items in so much memory: faster where users share items",
    )
    return parser.parse_args(arguments)


def main(arguments):
    given = _arguments(arguments)
    try:
        columns = _columns(given.columns)
        options = {name: getattr(given, name) for name in ("keep", "errors", "threads", "rows")}
        model = open_model(given.model, isa=given.isa, memo=None if given.memo is None else given.memo << 20)
        predict(model, given.input, given.output, columns=columns, progress=sys.stderr.isatty(), **options)
    except Error as error:
        sys.exit(f"dinghy: {error}")
    except KeyboardInterrupt:
        sys.exit("dinghy: interrupted; the same command goes on from here")
    except (OSError, _pyarrow().ArrowException) as error:  # a damaged input, a full disk
        sys.exit(f"dinghy: {error}")
