import functools
import json
import re
from dataclasses import replace

import pytest

from dinghy_train import plots
from dinghy_train.data.worlds import LocalWorld
from dinghy_train.errors import TrainingError
from dinghy_train.experiments import results
from dinghy_train.experiments.catalogue import BASE, EXPERIMENTS, PRELU
from dinghy_train.experiments.claims import BestOfAll, Fall, Paired, PairedWithBestRival
from dinghy_train.experiments.experiment import Case, Experiment, Outcome, carry_out
from dinghy_train.regularization import RegularizationSettings as Regularization
from dinghy_train.trainer import TrainingSettings


def outcome(**curves):
    """Curves of the test by case and seed; the best epoch by the validation is the second."""
    made = Outcome("local", "made up", [1, 2])
    for name, runs in curves.items():
        made.chosen[name] = Regularization()
        made.trainings[name] = [
            {"best": 1, "epochs": [{"test": {"auc": auc, "gauc": auc}, "seconds": 1.0} for auc in run]} for run in runs
        ]
    return made


def test_claims_take_the_epoch_that_the_validation_chose():
    made = outcome(
        a=[[0.9, 0.7, 0.6], [0.9, 0.71, 0.6]], b=[[0.5, 0.69, 0.9], [0.5, 0.7, 0.9]], c=[[0, 0.6, 0], [0, 0.72, 0]]
    )
    paired = Paired("", "a", "b", 0.01)
    assert paired.numbers(made) == pytest.approx([0.01, 0.01])
    assert paired.holds([0.02, 0.001]) and not paired.holds([0.01, 0.0])
    assert not replace(paired, each=True).holds([0.05, -0.001])
    assert Fall("", "a", epoch=3).numbers(made) == pytest.approx([0.1, 0.11])
    assert PairedWithBestRival("", "a", ("b", "c"), 0.0).numbers(made) == pytest.approx([0.01, 0.01])
    assert BestOfAll("", "a").numbers(made) == pytest.approx([0.01, -0.01])
    assert not BestOfAll("", "a").holds([0.02, -0.01])
    assert BestOfAll("", "a").holds([0.02, 0.01, 0.01, 0.01, -0.01])


TINY = Experiment(
    name="local",
    title="tiny",
    data=lambda seed, small: LocalWorld(users=60, goods=100, categories=6).make(1),
    cases={
        "b": Case(BASE, like="a"),
        "a": Case(BASE, tuple(Regularization("mba", strength=s) for s in (0.1, 1.0))),
        "c": Case(PRELU, without=("category",)),
    },
    drawn="c",
    claims=(Paired("a - b", "a", "b", 0.0, why="never printed"), Paired("a - b", "a", "b", 9.0, why="too much")),
    notes=("A tiny world.",),
    training=TrainingSettings(epochs=1, batch=128),
)


def test_results_have_what_was_measured_and_nothing_else(tmp_path):
    draw = functools.partial(plots.both, folder=tmp_path, prefix="local.")
    *_, made = carry_out(TINY, [1, 2], progress=True, draw=draw)
    assert made.seeds == [1, 2]
    assert made.chosen["a"] == made.chosen["b"]
    assert made.searches == 2
    assert made.tested("a", "auc") == made.tested("b", "auc")
    results.save(made, "abc", "dinghy-train experiment local", tmp_path)
    plots.curves(made, tmp_path / "local.svg")
    later = replace(TINY, notes=("Another world.",), drawn="")
    results.write(tmp_path, tmp_path / "RESULTS.md", {"local": later} | {"fine-ids": EXPERIMENTS["fine-ids"]})
    text = (tmp_path / "RESULTS.md").read_text()
    assert "`dinghy-train experiment local` at commit abc; seeds 1, 2;" in text
    assert EXPERIMENTS["fine-ids"].title not in text
    assert "**does not hold**: too much |" in text and "never printed" not in text
    assert "A tiny world." in text and "Another world." not in text
    for name in re.findall(r"\(results/(.*\.svg)\)", text):
        assert (tmp_path / name).read_text().startswith("<?xml")
    assert {path.name for path in tmp_path.glob("*.svg")} == {"local.svg", "local.attention.svg", "local.goods.svg"}
    assert "| .8624 | .8818 (+5.35 %), withdrawn |" in text
    loaded, commit, _ = results.load(tmp_path / "local.json")
    assert commit == "abc"
    assert loaded.chosen == made.chosen
    assert loaded.tested("a", "auc") == pytest.approx(made.tested("a", "auc"), abs=1e-6)
    (tmp_path / "local.json").write_text(json.dumps({"commit": "x"}))
    with pytest.raises(TrainingError, match="no record"):
        results.write(tmp_path, tmp_path / "RESULTS.md")


def test_trainings_at_a_time_measure_the_same():
    (one,), (two,) = (carry_out(TINY, [1], progress=True, jobs=jobs) for jobs in (1, 2))
    assert one.chosen == two.chosen
    for name in TINY.cases:
        assert one.tested(name, "auc") == two.tested(name, "auc")


def only(experiment, *names, **training):
    """The experiment in its small form: these cases, without a search."""
    cases = {name: replace(experiment.cases[name], choices=experiment.cases[name].choices[:1]) for name in names}
    return replace(experiment, cases=cases, training=replace(experiment.training, **training))


def test_local_activation_finds_what_the_sum_hides():
    local = only(EXPERIMENTS["local"], "BaseModel", "DIN Dice", epochs=2, batch=256, learning_rate=1e-2)
    *_, made = carry_out(local, [1], small=True, progress=True)
    assert made.tested("DIN Dice", "auc")[0] > made.tested("BaseModel", "auc")[0] + 0.05


def test_mini_batch_aware_regularization_is_better_than_none_with_fine_ids():
    *_, made = carry_out(only(EXPERIMENTS["fine-ids"], "ids, none", "ids, MBA"), [1], small=True, progress=True)
    assert made.tested("ids, MBA", "auc")[0] > made.tested("ids, none", "auc")[0]
