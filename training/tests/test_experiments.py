import functools
import json
import re
from dataclasses import replace

import pytest

import numpy as np
from dinghy_train import plots, trainer
from dinghy_train.data.worlds import LocalWorld
from dinghy_train.errors import TrainingError
from dinghy_train.experiments import results
from dinghy_train.experiments.catalogue import BASE, EXPERIMENTS, PRELU
from dinghy_train.experiments.claims import BestOfAll, Fall, Paired, PairedWithBestRival
from dinghy_train.experiments.experiment import Case, Experiment, Outcome, Task, Trainings, carry_out
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


def test_a_missed_claim_says_what_the_figures_show():
    made = outcome(
        a=[[0.5, 0.70, 0.70], [0.5, 0.71, 0.71], [0.5, 0.72, 0.72]],
        b=[[0.5, 0.69, 0.60, 0.5], [0.5, 0.70, 0.60], [0.5, 0.709, 0.60]],
        late=[[0.5, 0.69, 0.72], [0.5, 0.73, 0.75], [0.5, 0.72, 0.72]],
    )
    assert Paired("", "a", "b", 0.05).reason(made) == "there, but smaller (standard error of the mean 0.0003)"
    assert Paired("", "b", "a", 0.05).reason(made).startswith("the other way round")
    chance, late = Paired("", "late", "a", 0.05).reason(made).split("; ")
    assert chance.startswith("no more than seeds differ by themselves")
    assert late == '"late" is better by 0.0167 after its last epoch, which the validation did not always choose'
    assert BestOfAll("", "late").reason(made).endswith(late)
    assert PairedWithBestRival("", "late", ("a", "b"), 1.0).reason(made).endswith(late)
    assert Fall("", "b", epoch=2, at_least=0.09).reason(made) == "it does by epoch 3 (0.0997)"
    assert Fall("", "b", epoch=2, at_least=0.2).reason(made) == ""
    assert Fall("", "b", at_most=0.0).reason(made) == ""


def test_one_seed_shows_no_reason():
    made = outcome(a=[[0.5, 0.7, 0.7]], b=[[0.5, 0.7, 0.6]])
    assert Paired("", "a", "b", 0.1).reason(made) == ""


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
    claims=(
        Paired("a - b", "a", "b", 0.0),
        Fall("falls", "a", at_least=9.0),
        Paired("half", "a", "b", 0.0, part="half"),
    ),
    parts={"half": lambda test: np.arange(len(test)) % 2 == 0},
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
    assert "| a - b | mean ≥ +0.0000 | +0.0000, +0.0000 | +0.0000 | holds |" in text
    assert "**does not hold** |" in text
    held = text.count("| holds |")
    assert results.summary([made], {"local": TINY}).startswith(f"{held} of {len(TINY.claims)} claims hold, ")
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


def test_a_part_of_the_test_is_measured_by_itself():
    test = TINY.data(1, False).test
    made = Trainings(TINY, small=False).carry_out(Task("c", Regularization(), 1))
    half = test.subset(np.arange(0, len(test), 2))
    assert 0 < len(half) < len(test)
    assert made.epochs[0]["half"] == trainer.measure(made.network, half)
    assert made.epochs[0]["half"] != made.epochs[0]["test"]


def test_an_interrupted_experiment_goes_on(tmp_path):
    *_, whole = carry_out(TINY, [1, 2], progress=True)
    *_, first = carry_out(TINY, [1], progress=True)
    results.save(first, "abc", "", tmp_path)
    assert results.begun(tmp_path / "other.json", "abc", small=False) is None
    assert results.begun(tmp_path / "local.json", "def", small=False) is None
    assert results.begun(tmp_path / "local.json", "abc", small=True) is None
    begun = results.begun(tmp_path / "local.json", "abc", small=False)
    (both,) = carry_out(TINY, [1, 2], progress=True, begun=begun)
    assert both.seeds == [1, 2] and both.searches == 2
    for name in TINY.cases:
        assert both.tested(name, "auc") == pytest.approx(whole.tested(name, "auc"), abs=1e-6)
    assert list(carry_out(TINY, [1, 2], progress=True, begun=both)) == []


def test_trainings_at_a_time_measure_the_same():
    (one,), (two,) = (carry_out(TINY, [1], progress=True, jobs=jobs) for jobs in (1, 2))
    assert one.chosen == two.chosen
    for name in TINY.cases:
        assert one.tested(name, "auc") == two.tested(name, "auc")
