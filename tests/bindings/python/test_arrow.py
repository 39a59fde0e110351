"""Batches by Arrow's C interface: the scores are those of single requests, bit for bit."""

import gc

import duckdb
import polars
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dinghy
import goldens
import numpy as np
from arrow_batches import INTEGERS, LISTS, STRINGS, batch_of, column_type

REQUESTS = [
    {"user": {"user": u}, "history": {"item": i, "category": c}, "candidates": {"item": ci, "category": cc}}
    for u, i, c, ci, cc in [
        (3, [], [], [5], [1]),
        (39, [79, 105], [4, 5], [62, 40, 59], [7, 8, 7]),
        (7, [1, 2, 3], [1, 1, 2], [], []),
        (8, [9], [3], [11, 12], [3, 4]),
    ]
]


def expected(model, requests):
    return [model.score(**request).tolist() for request in requests]


@pytest.fixture(scope="module")
def batch(model):
    return batch_of(model, REQUESTS)


@pytest.fixture(scope="module")
def scores(model):
    return expected(model, REQUESTS)


@pytest.mark.parametrize("case", goldens.CHECKPOINTS)
def test_a_batch_of_golden_rows_scores_as_its_rows(converted, case):
    model = dinghy.open(converted(case))
    requests = [request for request, _ in goldens.golden_rows(case)]
    result = pa.array(model.score_arrow(batch_of(model, requests)))
    assert result.type == pa.list_(pa.float32())
    assert result.to_pylist() == expected(model, requests)


def producers(batch):
    yield batch
    yield pa.Table.from_batches([batch, batch.slice(0, 0)])
    yield pa.RecordBatchReader.from_batches(batch.schema, [batch])
    yield pa.StructArray.from_arrays(batch.columns, names=batch.schema.names)
    yield polars.from_arrow(batch)
    yield duckdb.arrow(pa.Table.from_batches([batch]))
    yield batch.to_pandas()


def test_every_library_with_the_interface_is_a_producer(model, batch, scores):
    for source in producers(batch):
        assert pa.array(model.score_arrow(source)).to_pylist() == scores, type(source)


def test_polars_takes_scores_over(model, batch, scores):
    series = polars.Series("scores", model.score_arrow(polars.from_arrow(batch)))
    assert series.dtype == polars.List(polars.Float32)
    assert series.to_list() == scores


def test_one_candidate_a_row_gives_one_score_a_row(model):
    requests = [REQUESTS[0], {**REQUESTS[1], "candidates": {"item": [62], "category": [7]}}]
    columns = {name: array for name, array in zip(batch_of(model, requests).schema.names, batch_of(model, requests))}
    for name in ("item", "category"):
        columns[name] = columns[name].flatten()
    result = pa.array(model.score_arrow(pa.RecordBatch.from_pydict(columns)))
    assert result.type == pa.float32()
    assert [[score] for score in result.to_pylist()] == expected(model, requests)
    columns["user"] = pa.array([3, None])
    result = pa.array(model.score_arrow(pa.RecordBatch.from_pydict(columns), errors="collect"))
    assert result.null_count == 1 and not result[1].is_valid


@st.composite
def layouts(draw):
    """A type for each column of integers; dictionaries and other lists among them."""

    def type_of(part, feature):
        values = draw(st.sampled_from(INTEGERS))
        if draw(st.booleans()):
            values = pa.dictionary(draw(st.sampled_from(INTEGERS)), values)
        return column_type(part, feature, values, draw(st.sampled_from(LISTS)))

    return type_of


ids = st.integers(0, 8)


@st.composite
def drawn_requests(draw):
    def rows(most):
        count = draw(st.integers(0, most))
        return {name: draw(st.lists(ids, min_size=count, max_size=count)) for name in ("item", "category")}

    return {"user": {"user": draw(ids)}, "history": rows(6), "candidates": rows(4)}


@given(st.lists(drawn_requests(), min_size=1, max_size=6), layouts(), st.data())
def test_any_layout_and_slice_scores_as_its_requests(model, requests, type_of, data):
    whole = batch_of(model, requests, type_of)
    begin = data.draw(st.integers(0, len(requests)))
    part = whole.slice(begin, data.draw(st.integers(0, len(requests))))
    rows = requests[begin : begin + len(part)]
    assert pa.array(model.score_arrow(part)).to_pylist() == expected(model, rows)
    struct = pa.StructArray.from_arrays(whole.columns, names=whole.schema.names)[begin : begin + len(part)]
    assert pa.array(model.score_arrow(struct)).to_pylist() == expected(model, rows)


@given(st.lists(drawn_requests(), min_size=1, max_size=6), st.data())
def test_exactly_the_rows_that_are_wrong_have_errors(model, requests, data):
    wrong = set()
    for row, request in enumerate(requests):
        part, name = data.draw(st.sampled_from([("user", "user"), ("history", "item"), ("candidates", "category")]))
        bad = data.draw(st.sampled_from([None, 10**9, "same", "same"]))
        value = request[part][name]
        if bad == "same" or value == []:
            continue
        wrong.add(row)
        if isinstance(value, list):
            value[data.draw(st.integers(0, len(value) - 1))] = bad
        else:
            request[part][name] = bad
    result = model.score_arrow(batch_of(model, requests), errors="collect")
    right = [None if row in wrong else model.score(**request).tolist() for row, request in enumerate(requests)]
    assert set(result.errors) == wrong
    assert pa.array(result).to_pylist() == right
    if wrong:
        with pytest.raises(dinghy.Error, match=f"^row {min(wrong)}: "):
            model.score_arrow(batch_of(model, requests))


@pytest.mark.parametrize("strings", STRINGS)
@pytest.mark.parametrize("lists", LISTS)
def test_strings_bags_and_wide_numbers_have_every_layout(converted, strings, lists):
    model = dinghy.open(converted("fuxictr-specs"))
    requests = [request for request, _ in goldens.golden_rows("fuxictr-specs")][-8:]

    def type_of(part, feature):
        return column_type(part, feature, strings if feature.string_ids else None, lists)

    def coded(part, feature):
        return column_type(part, feature, pa.dictionary(pa.int8(), strings) if feature.string_ids else None, lists)

    for types in (type_of, coded) if strings != pa.string_view() else (type_of,):
        batch = batch_of(model, requests, types).slice(3)
        assert pa.array(model.score_arrow(batch)).to_pylist() == expected(model, requests[3:])


def test_lists_of_fixed_size_are_lists(model):
    request = {**REQUESTS[1], "history": {"item": [79, 105, 3], "category": [4, 5, 6]}}

    def type_of(part, feature):
        return pa.int32() if part == "user" else pa.list_(pa.int32(), 3)

    batch = batch_of(model, [request] * 3, type_of).slice(1)
    assert pa.array(model.score_arrow(batch)).to_pylist() == expected(model, [request] * 2)


def test_numbers_may_be_any_numbers(converted):
    model = dinghy.open(converted("rechorus-numbers-form"))
    requests = [request for request, _ in goldens.golden_rows("rechorus-numbers-form")][-3:]

    def type_of(part, feature):
        return column_type(part, feature, pa.float64() if feature.kind == "dense" else None)

    assert pa.array(model.score_arrow(batch_of(model, requests, type_of))).to_pylist() == expected(model, requests)


def replaced(batch, name, array):
    return batch.set_column(batch.schema.get_field_index(name), name, array)


def test_a_wrong_value_is_named_by_row_and_column(model, batch):
    ints = pa.list_(pa.int64())
    big = pa.array([[], [2**63, 1], [1, 2, 3], [1]], pa.list_(pa.uint64()))
    for name, array, message in [
        ("user", pa.array([3, None, 7, 8]), 'row 1: column "user": entry 0 is null'),
        ("hist_item", pa.array([[], [1, None], [1, 2, 3], [1]], ints), 'row 1: column "hist_item": entry 1 is null'),
        ("hist_item", pa.array([[], [1, 2], None, [1]], ints), 'row 2: column "hist_item": is null'),
        ("hist_item", big, 'row 1: column "hist_item": entry 0 has more than 64 bits'),
        ("hist_item", pa.array([[], [1], [1, 2, 3], [1]], ints), "row 1: .*category"),
        ("category", pa.array([[1], [7, 8], [], [3, 4]], ints), "row 1: .*category"),
    ]:
        with pytest.raises(dinghy.InvalidArgumentError, match=message):
            model.score_arrow(replaced(batch, name, array))
    with pytest.raises(dinghy.MissingIdError, match="row 3: .*user"):
        model.score_arrow(replaced(batch, "user", pa.array([1, 2, 3, 10**9])))


def test_a_row_that_is_null_is_wrong(model, batch, scores):
    rows = pa.StructArray.from_arrays(batch.columns, names=batch.schema.names, mask=pa.array([False, True] * 2))
    result = model.score_arrow(rows, errors="collect")
    assert result.errors == {1: "the row is null", 3: "the row is null"}
    assert pa.array(result).to_pylist() == [scores[0], None, scores[2], None]


def test_rows_are_counted_over_the_batches_of_a_stream(model, batch):
    wrong = replaced(batch, "user", pa.array([3, 39, None, 8]))
    with pytest.raises(dinghy.InvalidArgumentError, match="^row 6: "):
        model.score_arrow(pa.Table.from_batches([batch, wrong]))


def test_a_column_of_a_wrong_type_is_named(model, batch):
    for name, array, message in [
        ("user", pa.array([1.0, 2.0, 3.0, 4.0]), "\"user\" is of the Arrow type 'g'; this feature takes integer ids"),
        ("user", pa.array([True] * 4), "\"user\" is of the Arrow type 'b'"),
        ("user", pa.array(["a"] * 4), "\"user\" is of the Arrow type 'u'"),
        ("user", pa.array([[1]] * 4), '"user" is of the Arrow type list of'),
        ("hist_item", pa.array([1] * 4), "this feature takes lists of integer ids"),
        ("hist_item", pa.array([["a"]] * 4), "this feature takes lists of integer ids"),
        ("hist_item", pa.array([[[1]]] * 4), "this feature takes lists of integer ids"),
        ("item", pa.array([1] * 4), "one has lists of candidates"),
        ("user", pa.array([1] * 4).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.float64())), "dictionary"),
    ]:
        with pytest.raises(dinghy.ArgumentTypeError, match=message):
            model.score_arrow(replaced(batch, name, array))


def test_what_is_no_batch_is_refused(model, batch):
    for wrong in (None, 5, {"user": [1]}, [1], b"x"):
        with pytest.raises(dinghy.ArgumentTypeError, match="__arrow_c_stream__"):
            model.score_arrow(wrong)
    with pytest.raises(dinghy.ArgumentTypeError, match="Arrow array of the type 'l'"):
        model.score_arrow(pa.array([1]))
    with pytest.raises(dinghy.InvalidArgumentError, match='no column "hist_category"'):
        model.score_arrow(batch.drop_columns(["hist_category"]))
    with pytest.raises(dinghy.ArgumentTypeError, match='column "user" twice'):
        model.score_arrow(batch.append_column("user", batch["user"]))
    with pytest.raises(dinghy.InvalidArgumentError, match="errors"):
        model.score_arrow(batch, errors="ignore")


def test_columns_may_have_other_names(model, batch, scores):
    renamed = batch.rename_columns(["who" if name == "user" else name for name in batch.schema.names])
    renamed = renamed.append_column("label", pa.array([0] * 4))
    assert pa.array(model.score_arrow(renamed, columns={"user.user": "who"})).to_pylist() == scores
    with pytest.raises(dinghy.InvalidArgumentError, match='no use for "user.item"; it takes user.user, history.item'):
        model.score_arrow(batch, columns={"user.item": "item"})


def test_a_stream_that_fails_is_an_error(model, batch):
    def batches():
        yield batch
        raise RuntimeError("the disk is gone")

    with pytest.raises(dinghy.Error, match="the disk is gone"):
        model.score_arrow(pa.RecordBatchReader.from_batches(batch.schema, batches()))


def test_an_empty_batch_has_no_scores(model, batch):
    assert pa.array(model.score_arrow(batch.slice(0, 0))).to_pylist() == []
    table = pa.Table.from_batches([], batch.schema)
    assert pa.array(model.score_arrow(table)).to_pylist() == []


def test_an_array_that_lies_is_an_error_and_no_read_outside(model, batch):
    ints = pa.list_(pa.int64())

    def lists(offsets):
        memory = np.array([0, 0, 2, 5, 6], np.int32)  # pyarrow looks at these
        array = pa.Array.from_buffers(ints, 4, [None, pa.py_buffer(memory)], children=[pa.array([1, 2, 3, 4, 5, 6])])
        memory[:] = offsets
        return array

    for offsets in ([0, 0, 2, 5, 7], [0, 0, 2, 5, 2**31 - 1], [-1, 0, 2, 5, 6], [0, 0, 2, 1, 2]):
        with pytest.raises(dinghy.InvalidArgumentError, match='"hist_item": is a list outside of its values'):
            model.score_arrow(replaced(batch, "hist_item", lists(offsets)))
    for code in (-1, 1, 100):
        codes = pa.array([0, 0, code, 0], pa.int32())
        users = pa.DictionaryArray.from_arrays(codes, pa.array([3]), safe=False)
        with pytest.raises(dinghy.InvalidArgumentError, match="row 2: .* is not in its dictionary"):
            model.score_arrow(replaced(batch, "user", users))


def test_a_string_view_of_a_negative_size_is_an_error(converted):
    model = dinghy.open(converted("fuxictr-specs"))
    batch = batch_of(model, [request for request, _ in goldens.golden_rows("fuxictr-specs")][:2])
    memory = np.zeros(8, np.int32)  # two views of nothing
    views = pa.Array.from_buffers(pa.string_view(), 2, [None, pa.py_buffer(memory)])
    lists = pa.ListArray.from_arrays(pa.array([0, 0, 2], pa.int32()), views)
    memory[0] = -1
    with pytest.raises(dinghy.InvalidArgumentError, match='row 1: .*"hist_item": .*this is no valid Arrow array'):
        model.score_arrow(replaced(batch, "hist_item", lists))


def test_memory_goes_back_and_scores_outlive_everything(model_path, scores):
    before = pa.total_allocated_bytes()
    model = dinghy.open(model_path)
    result = model.score_arrow(batch_of(model, REQUESTS))
    result.__arrow_c_array__()  # capsules that nobody takes
    first, second = pa.array(result), pa.array(result)
    assert len(result) == 4 and "4 rows, 0 without" in repr(result)
    del model, result
    gc.collect()
    assert pa.total_allocated_bytes() == before
    assert first.to_pylist() == second.to_pylist() == scores
    first.validate(full=True)
