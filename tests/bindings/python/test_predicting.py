"""`dinghy predict`: a Parquet file with scores, whole or not at all."""

import signal
import subprocess
import sys
import time

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

import dinghy
from fixtures import ROWS

SCORES = pa.list_(pa.float32())


@pytest.fixture
def files(table, tmp_path):
    parquet.write_table(table, tmp_path / "in.parquet", row_group_size=300)
    return tmp_path / "in.parquet", tmp_path / "out.parquet"


def command(model_path, files, *more):
    return [sys.executable, "-m", "dinghy", "predict", model_path, files[0], "-o", files[1], "--rows=64", *more]


def run(*arguments):
    return subprocess.run(command(*arguments), capture_output=True, text=True)


def test_every_row_is_scored_in_its_place(model_path, files, table, scores):
    done = run(model_path, files, "--threads", "2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    result = parquet.read_table(files[1])
    assert result.column_names == [*table.column_names, "scores"]
    assert result["id"].to_pylist() == list(range(ROWS))
    assert result["scores"].to_pylist() == scores
    assert sorted(path.name for path in files[1].parent.iterdir()) == ["in.parquet", "out.parquet"]


def test_a_memo_changes_no_score(model_path, files, scores):
    done = run(model_path, files, "--memo", "4")
    assert (done.returncode, done.stderr) == (0, "")
    assert parquet.read_table(files[1])["scores"].to_pylist() == scores
    done = run(model_path, files, "--memo", "0")
    assert done.returncode == 1 and "bytes" in done.stderr


def test_columns_are_chosen_by_name(model_path, files, table, scores):
    renamed = table.rename_columns(["clicks" if name == "hist_item" else name for name in table.column_names])
    parquet.write_table(renamed, files[0])
    done = run(model_path, files, "--columns", "history.item=clicks", "--keep", "id")
    assert done.returncode == 0, done.stderr
    assert parquet.read_table(files[1]).column_names == ["id", "scores"]
    assert parquet.read_table(files[1])["scores"].to_pylist() == scores


def test_a_killed_run_goes_on_where_it_ended(model_path, files, scores):
    parts = files[1].with_name("out.parquet.parts")
    process = subprocess.Popen(command(model_path, files, "--threads=1", "--rows=4"), stderr=subprocess.DEVNULL)
    began = time.monotonic()
    while len(list(parts.glob("0*.parquet"))) < 20 and time.monotonic() - began < 120:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not files[1].exists()
    finished = sorted(parts.glob("0*.parquet"))
    assert 20 <= len(finished) < ROWS // 4
    kept = parquet.read_table(finished[0])
    marked = kept.set_column(kept.column_names.index("scores"), "scores", pa.array([[0.5]] * len(kept), SCORES))
    parquet.write_table(marked, finished[0])

    assert dinghy.predict(model_path, *files, rows=4) == ROWS
    begin = int(finished[0].name.split("-")[0])
    result = parquet.read_table(files[1])["scores"].to_pylist()
    assert result == [*scores[:begin], *[[0.5]] * 4, *scores[begin + 4 :]]
    assert not parts.exists()


def test_parts_of_another_run_are_refused(model_path, files):
    (files[1].with_name("out.parquet.parts")).mkdir()
    (files[1].with_name("out.parquet.parts") / "job.json").write_text('{"model": "another"}')
    done = run(model_path, files)
    assert done.returncode == 1 and "parts of another run" in done.stderr
    assert not files[1].exists()


def spoiled(table, files):
    users = table["user"].to_pylist()
    users[777] = None
    index = table.schema.get_field_index("user")
    parquet.write_table(table.set_column(index, "user", pa.array(users)), files[0], row_group_size=300)


def test_a_wrong_row_ends_it_and_is_named(model_path, files, table):
    spoiled(table, files)
    done = run(model_path, files)
    assert done.returncode == 1
    assert done.stderr == f'dinghy: {files[0]}: row 777 (id=777): column "user": entry 0 is null\n'
    assert not files[1].exists()


def test_a_wrong_row_has_its_error_in_a_column(model_path, files, table, scores):
    spoiled(table, files)
    done = run(model_path, files, "--errors=column")
    assert done.returncode == 0, done.stderr
    result = parquet.read_table(files[1])
    assert result["scores"].to_pylist() == [*scores[:777], None, *scores[778:]]
    errors = result["error"].to_pylist()
    assert errors[777] == 'column "user": entry 0 is null' and errors.count(None) == ROWS - 1


def test_no_rows_become_no_rows(model_path, files, table):
    parquet.write_table(table.slice(0, 0), files[0])
    assert dinghy.predict(model_path, *files, errors="column") == 0
    assert parquet.read_table(files[1]).column_names == [*table.column_names, "scores", "error"]


def test_what_cannot_be_scored_is_said_at_once(model_path, files, table):
    absent = files[0].with_name("absent.parquet")
    with pytest.raises(dinghy.FileError, match="absent"):
        dinghy.predict(model_path, absent, files[1])
    with pytest.raises(dinghy.InvalidArgumentError, match="input itself"):
        dinghy.predict(model_path, files[0], files[0])
    with pytest.raises(dinghy.InvalidArgumentError, match='no column "clicks"; it has user'):
        dinghy.predict(model_path, *files, columns={"history.item": "clicks"})
    parquet.write_table(table.append_column("scores", table["id"]), files[0])
    with pytest.raises(dinghy.InvalidArgumentError, match='has a column "scores" itself'):
        dinghy.predict(model_path, *files)
    assert not files[1].with_name("out.parquet.parts").exists()


def test_a_machine_without_pyarrow_is_told(model_path, files):
    code = f"import sys; sys.modules['pyarrow'] = None; import dinghy; dinghy.predict({str(model_path)!r}, 'a', 'b')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "MissingPackageError" in done.stderr and "pip install pyarrow" in done.stderr
