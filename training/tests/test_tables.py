import pyarrow as pa
import pyarrow.parquet
import pytest

import numpy as np
from dinghy_train.data import arrow
from dinghy_train.data.forms import FORMS
from dinghy_train.errors import TrainingError

DESCRIPTION = """
train = "t.{form}"
valid = "t.{form}"
test = "t.{form}"
label = "click"
group = "user"
max_history = 2

[[feature]]
name = "user"
role = "user"
width = 4

[[feature]]
name = "item"
column = "item_id"
history = "seen"
rows = 100

[[feature]]
name = "price"
kind = "dense"
width = 1
history = "seen_price"

[[feature]]
name = "tags"
kind = "bag"
width = 4
"""

COLUMNS = {
    "click": [1, 0, 1, 0],
    "user": [7, 7, 8, 9],
    "item_id": [10, 11, 12, 13],
    "seen": [[1, 2, 3], [], [4], [5, 6]],
    "price": [0.5, 1.5, 2.5, -1.0],
    "seen_price": [[0.1, 0.2, 0.3], [], [0.4], [0.5, 0.6]],
    "tags": [[1, 2], [3], [], [1]],
    "unused": ["a", "b", "c", "d"],
}


def write(folder, form, columns=None, description=DESCRIPTION):
    columns = columns or COLUMNS
    (folder / "d.toml").write_text(description.format(form=form))
    if form == "parquet":
        pyarrow.parquet.write_table(pa.table(columns), folder / "t.parquet")
    else:
        text = lambda value: ",".join(map(str, value)) if isinstance(value, list) else str(value)  # noqa: E731
        rows = ["\t".join(columns), *("\t".join(map(text, row)) for row in zip(*columns.values()))]
        (folder / "t.tsv").write_text("\n".join(rows) + "\n")
    return FORMS["tables"](path=str(folder / "d.toml"))


@pytest.mark.parametrize("rows", [2, 100])
@pytest.mark.parametrize("form", ["tsv", "parquet"])
def test_columns_are_read_as_described(tmp_path, monkeypatch, form, rows):
    monkeypatch.setattr(arrow, "ROWS", rows)
    data = write(tmp_path, form).make(1)
    samples = data.train
    assert {feature.name: feature.rows for feature in data.description.tables} == {"user": 10, "item": 100, "tags": 4}
    assert samples.label.tolist() == [1, 0, 1, 0]
    assert samples.group.tolist() == [7, 7, 8, 9]
    assert samples.columns["item"].values.tolist() == [10, 11, 12, 13]
    assert [samples.columns["tags"].row(i) for i in range(4)] == COLUMNS["tags"]
    assert samples.columns["price"].values.tolist() == [[0.5], [1.5], [2.5], [-1.0]]
    seen = [samples.behaviours["item"].values[a:b].tolist() for a, b in zip(samples.start, samples.stop)]
    assert seen == [[2, 3], [], [4], [5, 6]]  # the last two
    assert samples.behaviours["price"].values.tolist() == np.float32([0.2, 0.3, 0.4, 0.5, 0.6]).tolist()


WRONG = {
    "a label that is no byte": ({"click": [1, 0, 256, 0]}, "a label is neither 0 nor 1"),
    "a label that is neither": ({"click": [1, 0, 2, 0]}, "a label is neither 0 nor 1"),
    "an id outside its table": ({"item_id": [10, 11, 12, 100]}, "'item' has ids from 10 to 100"),
    "an id that is negative": ({"user": [7, -1, 8, 9]}, "'user' has ids from -1"),
    "histories of two lengths": ({"seen_price": [[0.1, 0.2], [], [0.4], [0.5, 0.6]]}, "'seen_price' is not as long"),
    "a number that is not finite": (
        {"price": [0.5, float("inf"), 2.5, 1.0]},
        "'price' has a number that is not finite",
    ),
    "ids that are texts": ({"item_id": ["x", "y", "z", "w"]}, "rows 1 to 4: 'item_id' has to hold int64 alone"),
}


@pytest.mark.parametrize("form", ["tsv", "parquet"])
@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_a_column_is_said(tmp_path, form, wrong):
    columns, message = WRONG[wrong]
    with pytest.raises(TrainingError, match=message):
        write(tmp_path, form, COLUMNS | columns).make(1)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"item_id"', '"goods"', "there is no column 'goods'; there are click, user"),
        ('label = "click"', "", "label has to be there"),
        ("max_history = 2", "maximum = 2", "'maximum' means nothing here"),
        ("rows = 100", "size = 100", "item: .*size"),
        ('kind = "bag"', 'kind = "bag"\nhistory = "seen"', "tags: a history has ids"),
        ('"t.{form}"', '"u.{form}"', "u.tsv: .*No such file"),
    ],
)
def test_what_is_wrong_with_a_description_is_said(tmp_path, old, new, message):
    with pytest.raises(TrainingError, match=message):
        write(tmp_path, "tsv", description=DESCRIPTION.replace(old, new)).make(1)


def test_a_null_is_refused(tmp_path):
    with pytest.raises(TrainingError, match="rows 1 to 4: 'item_id' has a null"):
        write(tmp_path, "parquet", COLUMNS | {"item_id": [1, None, 2, 3]}).make(1)
