import json
import subprocess

import pytest

import numpy as np
from dinghy_train import cli, export
from dinghy_train.errors import TrainingError
from dinghy_train.network import Network, NetworkSettings

NETWORKS = {
    "base": NetworkSettings(kind="base", activation="prelu"),
    "din prelu": NetworkSettings(activation="prelu"),
    "din dice": NetworkSettings(),
    "notes": NetworkSettings(softmax=True, scale=True),
    "paper": NetworkSettings(unit="paper", tower=(16, 8, 4)),
    "sigmoid": NetworkSettings(activation="sigmoid"),
}


@pytest.fixture(scope="module")
def dinghy():
    try:
        return export.find_dinghy()
    except TrainingError:
        pytest.skip("dinghy is not built")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_model_scores_equal_on_every_isa(data, dinghy, tmp_path, name):
    network = Network(data.description, NETWORKS[name])
    for batch in data.train.batches(64):  # the averages of Dice
        network.train()(batch)
    for table in network.embeddings.tables.values():
        table.weight.data.mul_(20)
    made = export.Export(network, data.test, ["data: made up"], tmp_path / "m.dinghy", tmp_path, dinghy)
    report = list(made.run())
    assert "of PyTorch's; AUC" in "\n".join(report)
    here = json.loads(subprocess.check_output([dinghy, "inspect", tmp_path / "m.dinghy", "--json"]))
    assert "reference" in made.isas()
    assert f"on {', '.join(made.isas())}: within" in "\n".join(report)
    assert here["provenance"]["recipe"].startswith("# data: made up\n")
    wanted = export.scores(network, data.test)
    for isa in made.isas():
        assert np.abs(made.scores_on(isa) - wanted).max() <= 1e-6
    golden = [json.loads(line) for line in (tmp_path / "golden.jsonl").read_text().splitlines()]
    assert all(("attention" in row) == NETWORKS[name].softmax for row in golden)
    assert ("attention weights within" in report[0]) == NETWORKS[name].softmax
    assert (tmp_path / "m.i8.dinghy").exists()
    assert (tmp_path / "m.i4.dinghy").exists()


CONFIG = """
[data]
form = "local"
users = 60
goods = 200
categories = 8
seed = 3

[regularization]
kind = "mba"
strength = 1

[training]
epochs = 2
batch = 64
"""


def test_run_trains_converts_tests_and_evaluates(dinghy, tmp_path, capsys):
    (tmp_path / "small.toml").write_text(CONFIG)
    words = ["run", str(tmp_path / "small.toml"), "--export", str(tmp_path / "ctr.dinghy"), "--folder", str(tmp_path)]
    assert cli.main([*words, "--plots"]) == 0
    assert all((tmp_path / name).read_text().startswith("<?xml") for name in ("attention.svg", "goods.svg"))
    out = capsys.readouterr().out
    assert "local world, seed 3" in out
    assert "in both" in out
    assert "all tables" in out
    recipe = (tmp_path / "recipe.toml").read_text()
    assert all(word in recipe for word in ("at commit ", "data: local world, seed 3", "seed: 1"))


def test_an_engine_that_says_otherwise_is_an_error(data, dinghy, tmp_path):
    network = Network(data.description, NETWORKS["din prelu"])
    made = export.Export(network, data.test, [], tmp_path / "m.dinghy", tmp_path, dinghy)
    made.convert(made.output)
    made.scores = made.scores + 2e-6
    with pytest.raises(TrainingError, match="differ"):
        list(made.compare())


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [
        (0.8963024, 0.8963026, True),  # rounded to .896302 and .896303
        (0.8963, 0.8963, True),
        (0.896300, 0.896302, False),
        (np.nan, np.nan, True),
        (0.5, np.nan, False),
    ],
)
def test_auc_that_rounds_to_the_other_side_is_the_same(here, there, same):
    assert export.same_auc(here, there) == same


def test_a_filtered_id_scores_as_row_0(data):
    network = Network(data.description, NETWORKS["base"])
    network.embeddings.keep_only("item", [3, 4])
    rows = network.embeddings.finished("item")
    assert rows[7].tolist() == rows[0].tolist()
    assert rows[3].tolist() == network.embeddings.tables["item"].weight[3].tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[data]\nform = 'locale'", "form is 'locale'; it may be one of local"),
        ("[data]\nform = 'local'\nuser = 3", "user means nothing here; known are users"),
        ("[data]\nform = 'local'\nusers = 'many'", "users is 'many'; it has to be of the type int"),
        ("[data]\nform = 's3rec'", "path is missing"),
        ("[data]\nform = 'local'\n[network]\nactivation = 'gelu'", "activation is 'gelu'; it may be one of dice"),
        ("[data", "no TOML"),
    ],
)
def test_a_wrong_configuration_is_one_clear_line(tmp_path, capsys, text, message):
    (tmp_path / "c.toml").write_text(text)
    assert cli.main(["run", str(tmp_path / "c.toml"), "--folder", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith(f"dinghy-train: {tmp_path / 'c.toml'}: ")
    assert error.count("\n") == 1


def test_what_measurements_write_changes_no_commit(tmp_path, monkeypatch):
    def git(*words):
        subprocess.run(["git", "-C", tmp_path, *words], check=True, capture_output=True)

    records = [tmp_path / path for path in ("docs/verified.tsv", "training/RESULTS.md", "training/results/local.json")]
    code = tmp_path / "training" / "code.py"
    for path in [*records, code]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("before")
    git("init")
    git("add", ".")
    git("-c", "user.name=A", "-c", "user.email=a@b", "commit", "-m", "all")
    monkeypatch.setattr(export, "ROOT", tmp_path)
    clean = export.commit()
    assert len(clean) == 12
    for path in records:
        path.write_text("after")
    assert export.commit() == clean
    code.write_text("after")
    assert export.commit() == f"{clean} with changes"
