"""BatchScorer in Ray Data's map_batches, on a local Ray."""

import os

import pyarrow as pa
import pytest
import ray

from dinghy.batches import BatchScorer


@pytest.fixture(scope="module", autouse=True)
def local_ray():
    os.environ.setdefault("RAY_raylet_start_wait_time_s", "600")  # a minute is too short on a busy machine
    # More processors than the scorer's one, so that what feeds it never waits for its place.
    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False, configure_logging=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield
    ray.shutdown()


def scored(data, model, **options):
    return data.map_batches(
        BatchScorer,
        fn_constructor_args=[model],
        fn_constructor_kwargs=options,
        batch_format="pyarrow",
        batch_size=64,
        concurrency=1,
    )


def by_id(data):
    rows = data.take_all()
    found = {row["id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def scores_of(data):
    return {key: list(row["scores"]) for key, row in by_id(data).items()}


def test_every_row_is_scored_once(model, table, scores):
    data = ray.data.from_arrow([table.slice(0, 300), table.slice(300)])
    assert scores_of(scored(data, model.path, keep=["id"])) == dict(enumerate(scores))


@pytest.fixture(scope="module")
def spoiled(table):
    users = table["user"].to_pylist()
    users[777] = None
    return ray.data.from_arrow(table.set_column(table.schema.get_field_index("user"), "user", pa.array(users)))


def test_a_wrong_row_has_its_error_in_a_column(model, spoiled):
    result = by_id(scored(spoiled, model, keep=["id"], errors="column"))
    assert [key for key, row in result.items() if row["error"]] == [777]
    assert result[777]["scores"] is None and "entry 0 is null" in result[777]["error"]


def test_a_wrong_row_fails_the_job_which_says_the_row(model, spoiled):
    with pytest.raises(Exception, match=r"the batch: row \d+ \(id=777\): "):
        scored(spoiled, model.path, keep=["id"]).materialize()
