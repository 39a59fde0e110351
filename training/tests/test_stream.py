import json

import pytest

import numpy as np
import torch
from dinghy_train import cli, config, export, stream
from dinghy_train.data.stream import StreamWorld
from dinghy_train.errors import TrainingError

SMALL = StreamWorld(length=3, users=80, impressions=10, goods=60, new_goods=20, categories=5, interests=3, visits=4)
CONFIG = """
[data]
form = "stream"
length = 3
users = 80
impressions = 10
goods = 60
new_goods = 20
categories = 5
interests = 3
visits = 4
seed = 4

[training]
epochs = 2
batch = 64
"""


def ids_of(samples):
    """The goods that training on these samples reads."""
    seen = [samples.behaviours["item"].values[a:b] for a, b in zip(samples.start, samples.stop)]
    return np.unique(np.concatenate([samples.columns["item"].values, *seen]))


def test_goods_come_day_by_day_into_tables_that_have_their_rows():
    days = list(SMALL.days(4))
    assert [day.description for day in days] == [days[0].description] * 3
    assert days[0].description.features[0].rows == 101
    largest = [max(split.columns["item"].values.max() for split in (day.train, day.test)) for day in days]
    assert largest[0] <= 60 < largest[1] <= 80 < largest[2] <= 100
    assert np.array_equal(SMALL.make(4).train.label, days[0].train.label)


def test_histories_end_with_what_was_visited_today():
    first, second = (day.train.behaviours["item"].values.reshape(80, 30) for day in list(SMALL.days(4))[:2])
    assert np.array_equal(first[:, 4:], second[:, :-4])


def test_what_moved_is_counted_and_measured_row_by_row():
    tensors = {"table.item": torch.zeros(4, 2), "tower.0.bias": torch.zeros(3)}
    changes = stream.Changes({name: tensor.clone() for name, tensor in tensors.items()})
    tensors["table.item"][1] = torch.tensor([3.0, 4.0])
    changes.until({name: tensor.clone() for name, tensor in tensors.items()})
    tensors["table.item"][1] = torch.tensor([3.0, 5.0])
    tensors["table.item"][3] = torch.tensor([0.0, 3.0])
    tensors["tower.0.bias"][2] = -0.5
    got = changes.until(tensors)
    assert got["layers"] == {"largest": 0.5}
    item = got["tables"]["item"]
    assert (item["rows"], item["moved"], item["first"]) == (4, 2, 1)
    assert item["distance"] == pytest.approx({"median": 2.0, "99 %": 2.98, "largest": 3.0})


def test_a_model_goes_on_each_day_and_only_rows_of_the_day_move(tmp_path, capsys):
    try:
        dinghy = export.find_dinghy()
    except TrainingError:
        pytest.skip("dinghy is not built")
    (tmp_path / "c.toml").write_text(CONFIG)
    words = ["stream", str(tmp_path / "c.toml"), "--export", str(tmp_path / "week"), "--dinghy", dinghy]
    assert cli.main(words) == 0
    records = json.loads((tmp_path / "week" / "stream.json").read_text())
    goods = [ids_of(day.train) for day in SMALL.days(4)]
    assert [record["tables"]["item"]["moved"] for record in records] == [len(ids) for ids in goods]
    known = goods[0]
    for ids, record in zip(goods[1:], records[1:]):
        assert record["tables"]["item"]["first"] == len(np.setdiff1d(ids, known))
        known = np.union1d(ids, known)
        assert 0 < record["tables"]["item"]["distance"]["median"] < 0.1  # one epoch of steps of 1e-3
        assert "yesterday" in record
    assert all("within" in record["proof"] for record in records)
    assert len({(tmp_path / "week" / record["file"]).read_bytes() for record in records}) == 3
    assert (tmp_path / "week" / "stream.md").read_text() in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (CONFIG[CONFIG.index('"stream"') : CONFIG.index("seed")], '"local"\n', "form has no days"),
        ("[training]", "[regularization]\nkind = 'filter'\nsize = 5\n[training]", "other rows each day"),
    ],
)
def test_what_cannot_go_on_day_by_day_is_refused(tmp_path, old, new, message):
    (tmp_path / "c.toml").write_text(CONFIG.replace(old, new))
    with pytest.raises(TrainingError, match=message):
        list(stream.train(config.read(tmp_path / "c.toml"), tmp_path, "dinghy"))
