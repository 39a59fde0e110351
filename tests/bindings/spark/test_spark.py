"""dinghy.spark on a session of two threads, with workers in processes of their own."""

import os
import shutil

import pyarrow as pa
import pytest

import dinghy
import dinghy.spark
import goldens
from fixtures import CASE
from sessions import frame_of, session


@pytest.fixture(scope="module")
def spark():
    with session("local[2]") as spark:
        yield spark


@pytest.fixture(scope="module")
def frame(spark, table):
    return frame_of(spark, table).cache()


def by_id(frame):
    """The scores and errors of each row, once."""
    rows = frame.collect()
    found = {row["id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def scores_of(frame):
    return {key: row["scores"] for key, row in by_id(frame).items()}


def test_every_row_is_scored_once(model, frame, table, scores):
    result = dinghy.spark.score(frame, model)
    assert result.columns == [*table.column_names, "scores"]
    assert scores_of(result) == dict(enumerate(scores))


@pytest.mark.parametrize("prefetch", [0, 3])
def test_batches_read_ahead_are_scored_once(model, frame, scores, prefetch):
    assert scores_of(dinghy.spark.score(frame, model, keep=["id"], prefetch=prefetch)) == dict(enumerate(scores))


def test_columns_are_chosen_by_name(model, frame, scores):
    renamed = frame.withColumnRenamed("hist_item", "last clicks").selectExpr("*", "current_timestamp() now")
    result = dinghy.spark.score(renamed, model.path, columns={"history.item": "last clicks"}, keep=["id", "now"])
    assert result.columns == ["id", "now", "scores"]
    assert scores_of(result) == dict(enumerate(scores))


def test_one_candidate_a_row_gives_one_score_a_row(model, frame, scores):
    one = frame.selectExpr("id", "user", "hist_item", "hist_category", "item[0] item", "category[0] category")
    result = dinghy.spark.score(one, model, keep=["id"])
    assert result.schema["scores"].dataType.simpleString() == "float"
    found = scores_of(result)
    assert found == pytest.approx({key: row[0] for key, row in enumerate(scores)}, abs=1e-6)


def test_udf_is_the_function_for_a_pipeline_of_ones_own(model, frame, scores):
    function = dinghy.spark.udf(model, keep=["id"])
    assert scores_of(frame.mapInArrow(function, "id bigint, scores array<float>")) == dict(enumerate(scores))


@pytest.fixture
def spoiled(frame):
    return frame.selectExpr(
        "id", "CASE id WHEN 777 THEN null WHEN 3 THEN 1000000000 ELSE user END user",
        "hist_item", "hist_category", "item", "category",
    )  # fmt: skip


def test_wrong_rows_have_their_error_in_a_column(model, spoiled, scores):
    result = by_id(dinghy.spark.score(spoiled, model, errors="column", keep=["id"]))
    assert {key for key, row in result.items() if row["error"]} == {3, 777}
    assert result[777]["scores"] is None and "entry 0 is null" in result[777]["error"]
    assert result[3]["scores"] is None and "1000000000" in result[3]["error"]
    assert all(row["scores"] == scores[key] for key, row in result.items() if not row["error"])


def test_a_wrong_row_fails_the_job_which_says_the_row(model, spoiled):
    with pytest.raises(Exception, match=r"InvalidArgumentError: partition \d+: row \d+ \(id=(3|777)\): "):
        dinghy.spark.score(spoiled, model, keep=["id"]).collect()


def test_what_does_not_fit_is_said_before_a_job(model, frame):
    with pytest.raises(dinghy.InvalidArgumentError, match='the DataFrame has no column "hist_item"'):
        dinghy.spark.score(frame.drop("hist_item"), model)
    with pytest.raises(dinghy.ArgumentTypeError, match='"user" is of the Arrow type'):
        dinghy.spark.score(
            frame.selectExpr("string(user) user", "hist_item", "hist_category", "item", "category"), model
        )
    with pytest.raises(dinghy.InvalidArgumentError, match='has a column "scores" itself'):
        dinghy.spark.score(frame.selectExpr("*", "1 scores"), model)
    with pytest.raises(dinghy.InvalidArgumentError, match="prefetch is -1"):
        dinghy.spark.score(frame, model, prefetch=-1)
    with pytest.raises(dinghy.InvalidArgumentError, match="from memory"), open(model.path, "rb") as file:
        dinghy.spark.score(frame, dinghy.open(file.read()))


def test_a_model_replaced_under_its_name_scores_in_the_same_session(model, frame, scores, tmp_path):
    path = tmp_path / "today.dinghy"
    shutil.copyfile(model.path, path)
    before = dinghy.spark.score(frame, path, keep=["id"])
    opened = dinghy.open(path)
    halved = tmp_path / "next.dinghy"
    with pytest.warns(dinghy.AssumptionWarning):
        dinghy.convert(goldens.checkpoint(CASE), halved, recipe=goldens.recipe(CASE), tables="i8")
    os.replace(halved, path)

    replaced = scores_of(dinghy.spark.score(frame, path, keep=["id"]))
    assert replaced != dict(enumerate(scores)) and scores_of(before) == dict(enumerate(scores))
    dinghy.spark._copies.joinpath(f"{opened.hash}-today.dinghy").unlink()
    with pytest.raises(dinghy.InvalidArgumentError, match="is another model by now"):
        dinghy.spark.score(frame, opened)


def test_the_settings_of_an_opened_model_go_along(model, frame):
    reference = dinghy.open(model.path, isa="reference")
    found = scores_of(dinghy.spark.score(frame, reference, keep=["id"]))
    batch = frame.orderBy("id").toPandas()
    assert found == dict(enumerate(pa.array(reference.score_arrow(batch)).to_pylist()))


def test_a_session_without_a_context_is_refused(model):
    with pytest.raises(dinghy.UnsupportedError, match="Spark Connect"):
        dinghy.spark._send(object(), model)
