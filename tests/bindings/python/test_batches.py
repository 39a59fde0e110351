"""Batches with their scores beside them, as Spark, Ray and `predict` make them."""

import itertools
import pickle

import pyarrow as pa
import pytest

import dinghy
from arrow_batches import requests_table
from dinghy.batches import BatchScorer, read_ahead


@pytest.fixture(scope="module")
def table(model):
    return requests_table(model, 20)


@pytest.mark.parametrize("kind", [pa.Table, pa.RecordBatch])
def test_a_batch_of_either_kind_gives_one_of_its_kind(model, table, scores, kind):
    batch = table if kind is pa.Table else table.to_batches()[0]
    scored = BatchScorer(model)(batch)
    assert type(scored) is kind and scored.schema.names == [*table.column_names, "scores"]
    assert scored["scores"].to_pylist() == scores
    assert BatchScorer(model, keep=[])(batch).schema.names == ["scores"]


def test_what_a_schema_says_of_kept_columns_stays(model, table):
    field = pa.field("id", pa.int64(), nullable=False, metadata={"unit": "customer"})
    schema = pa.schema([*list(table.schema)[:-1], field], {"made": "today"})
    scored = BatchScorer(model, keep=["id"])(table.cast(schema))
    assert scored.schema.field("id").equals(field, check_metadata=True)
    assert scored.schema.metadata == {b"made": b"today"}


def spoiled(table):
    users = table["user"].to_pylist()
    users[7] = None
    return table.set_column(table.schema.get_field_index("user"), "user", pa.array(users))


def test_a_wrong_row_is_named_by_what_was_kept_of_it(model, table):
    named = spoiled(table).append_column("shop", pa.array(["north"] * 20))
    with pytest.raises(dinghy.InvalidArgumentError, match=r'the batch: row 7 \(shop=north, id=7\): column "user"'):
        BatchScorer(model, keep=["shop", "item", "id"])(named)
    with pytest.raises(dinghy.InvalidArgumentError, match="part 3: row 1007: column"):
        BatchScorer(model, keep=[])(named, "part 3", 1000)


def test_a_wrong_row_has_its_error_in_a_column(model, table, scores):
    scored = BatchScorer(model, errors="column", keep=["id"])(spoiled(table))
    assert scored["scores"].to_pylist() == [*scores[:7], None, *scores[8:]]
    errors = scored["error"].to_pylist()
    assert "entry 0 is null" in errors[7] and errors.count(None) == 19


def test_a_scorer_arrives_where_it_is_sent(model, table, scores):
    sent = pickle.loads(pickle.dumps(BatchScorer(model, keep=["id"], columns={"history.item": "hist_item"})))
    assert sent(table)["scores"].to_pylist() == scores


def test_a_scorer_is_made_of_a_path_or_of_bytes(model_path, table, scores):
    for source in (str(model_path), model_path.read_bytes()):
        assert BatchScorer(source)(table)["scores"].to_pylist() == scores
    with pytest.raises(dinghy.InvalidArgumentError, match='errors is "ignore"'):
        BatchScorer(model_path, errors="ignore")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_no_more_is_read_ahead_than_asked_for(count):
    read, ahead = itertools.count(), []
    taken = read_ahead((next(read) for _ in range(50)), count)
    for done, batch in enumerate(taken):
        assert batch == done
        ahead.append(int(repr(read)[6:-1]) - done)
    assert len(ahead) == 50 and max(ahead) <= count + 1


def test_what_fails_to_be_read_ahead_fails_in_its_place():
    def failing():
        yield 1
        raise OSError("no more")

    batches = read_ahead(failing(), 2)
    assert next(batches) == 1
    with pytest.raises(OSError, match="no more"):
        next(batches)
