"""Requests as batches of Arrow, in every layout that a producer may choose."""

import pyarrow as pa

INTEGERS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
STRINGS = [pa.string(), pa.large_string(), pa.string_view()]
LISTS = [pa.list_, pa.large_list, pa.list_view, pa.large_list_view]


def columns_of(model):
    """Triples of a part of a request, a feature and the usual name of its column."""
    part_of = {"user": "user", "context": "context", "candidate": "candidates"}
    plain = [(part_of[f.role], f, f.name) for f in model.features if f.role != "history"]
    return plain + [("history", f, "hist_" + f.name) for f in model.features if f.in_history]


def value_type(feature):
    if feature.kind == "dense":
        return pa.float32()
    return pa.string() if feature.string_ids else pa.int64()


def depth_of(part, feature):
    """Lists around a value."""
    wide = feature.kind == "bag" or (feature.kind == "dense" and feature.dense_width > 1)
    return (1 if wide else 0) + (1 if part in ("history", "candidates") else 0)


def column_type(part, feature, values=None, lists=pa.list_):
    type_ = values or value_type(feature)
    for _ in range(depth_of(part, feature)):
        type_ = lists(type_)
    return type_


def batch_of(model, requests, type_of=column_type):
    """A record batch with a request in each row."""
    arrays = {
        name: pa.array([request[part][feature.name] for request in requests], type_of(part, feature))
        for part, feature, name in columns_of(model)
    }
    return pa.RecordBatch.from_pydict(arrays)


def requests_table(model, rows):
    """A table with as many requests for the model of conftest.py, and a column `id` with their numbers."""

    def request(row):
        length, page = row % 7, 1 + row % 5
        return {
            "user": {"user": row % 60},
            "history": {name: [(row * 7 + i) % 9 for i in range(length)] for name in ("item", "category")},
            "candidates": {name: [(row + i) % 9 for i in range(page)] for name in ("item", "category")},
        }

    batch = batch_of(model, [request(row) for row in range(rows)])
    return pa.Table.from_batches([batch]).append_column("id", pa.array(range(rows)))
