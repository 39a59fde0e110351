"""Columns of TSV and Parquet files, piece by piece, through Arrow."""

import pathlib

from tqdm import tqdm

import numpy as np
from dinghy_train.errors import TrainingError

ROWS = 65536  # of a piece


def pieces(path, names, lists):
    """The pieces of a file with these columns. In a TSV `lists` are numbers with commas between them."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise TrainingError(f"{path}: reading tables takes pyarrow; pip install 'dinghy-train[parquet]'") from error
    open_file = open_parquet if pathlib.Path(path).suffix == ".parquet" else open_tsv
    row = 0
    try:
        batches, found = open_file(path, names, lists)
        for name in names:
            if name not in found:
                raise TrainingError(f"{path}: there is no column {name!r}; there are {', '.join(found)}")
        for batch in tqdm(batches(), desc=pathlib.Path(path).name, leave=False, disable=None):
            yield Piece(f"{path}: rows {row + 1} to {row + len(batch)}", batch, lists)
            row += len(batch)
    except (OSError, pa.ArrowInvalid) as error:
        raise TrainingError(f"{path}: {error}") from error
    if row == 0:
        raise TrainingError(f"{path}: there are no rows")


def open_parquet(path, names, lists):
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(path)
    return lambda: file.iter_batches(ROWS, columns=names), file.schema_arrow.names


def open_tsv(path, names, lists):
    import pyarrow as pa
    from pyarrow import csv

    with open(path, encoding="utf-8") as file:
        found = file.readline().rstrip("\r\n").split("\t")
    options = csv.ConvertOptions(include_columns=names, column_types={name: pa.string() for name in lists})
    return lambda: csv.open_csv(
        path, parse_options=csv.ParseOptions(delimiter="\t", quote_char=False), convert_options=options
    ), found


class Piece:
    """Some rows. Nulls, texts and numbers of another kind are errors that name rows and column."""

    def __init__(self, where, batch, lists):
        self.where, self.batch, self.text_lists = where, batch, lists

    def column(self, name):
        import pyarrow as pa

        column = self.batch.column(name)
        if column.null_count:
            raise TrainingError(f"{self.where}: {name!r} has a null")
        if name in self.text_lists and pa.types.is_string(column.type):
            return split(column)
        return column

    def flat(self, name, column, kind):
        import pyarrow as pa

        if column.null_count:
            raise TrainingError(f"{self.where}: {name!r} has a null in a list")
        wanted = pa.types.is_integer(column.type) or kind is pa.float32() and pa.types.is_floating(column.type)
        try:
            if not wanted and not (pa.types.is_string(column.type) or pa.types.is_null(column.type)):
                raise pa.ArrowInvalid(f"a column of {column.type}")
            return column.cast(kind).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid as error:
            raise TrainingError(f"{self.where}: {name!r} has to hold {kind} alone: {error}") from error

    def integers(self, name):
        import pyarrow as pa

        return self.flat(name, self.column(name), pa.int64())

    def numbers(self, name):
        import pyarrow as pa

        return self.flat(name, self.column(name), pa.float32())

    def lists(self, name, dense):
        """The values of the lists side by side, and the lists' lengths."""
        import pyarrow as pa
        import pyarrow.compute as pc

        column = self.column(name)
        if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
            raise TrainingError(f"{self.where}: {name!r} has to be a column of lists, and is of {column.type}")
        lengths = pc.list_value_length(column).to_numpy(zero_copy_only=False).astype(np.int64)
        return self.flat(name, column.flatten(), pa.float32() if dense else pa.int64()), lengths


def split(column):
    """Lists out of texts; the empty text is the empty list."""
    import pyarrow.compute as pc

    lists = pc.split_pattern(column, ",")
    empty = pc.equal(column, "").to_numpy(zero_copy_only=False)
    if not empty.any():
        return lists
    return type(lists).from_arrays(*without_empty(lists, empty))


def without_empty(lists, empty):
    """Offsets and values of lists, those of empty texts without their one empty word."""
    import pyarrow as pa

    words = np.where(empty, 0, np.diff(lists.offsets.to_numpy()))
    values = lists.flatten()
    keep = np.repeat(~empty, np.diff(lists.offsets.to_numpy()))
    return pa.array(np.concatenate([[0], np.cumsum(words)]), pa.int32()), values.filter(pa.array(keep))
