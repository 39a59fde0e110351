"""convert, inspect and evaluate, and the command itself."""

import io
import json
import re
import subprocess
import sys
import warnings

import pandas as pd
import pytest
import tomllib

import dinghy
import goldens
import numpy as np
from dinghy.command import program
from dinghy.rows import recipe_file

CASE = goldens.GOLDEN / "unknown-code"


def convert(output, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dinghy.AssumptionWarning)
        return dinghy.convert(CASE / "model.pth", output, **options)


@pytest.fixture(scope="module")
def recipe():
    return tomllib.loads((CASE / "recipe.toml").read_text())


def test_a_recipe_may_be_a_dict(tmp_path, recipe):
    by_dict = convert(tmp_path / "d.dinghy", recipe=recipe, name="m")
    by_path = convert(tmp_path / "p.dinghy", recipe=CASE / "recipe.toml", name="m")
    assert by_dict.choices == by_path.choices
    request, _ = goldens.golden_rows("unknown-code")[-1]
    scores = [dinghy.open(report.path).score(**request) for report in (by_dict, by_path)]
    assert np.array_equal(*scores)


def test_a_model_has_the_version_that_it_was_converted_with(tmp_path, recipe):
    for version in ("2026-11-29, run 7", ""):
        model = dinghy.open(convert(tmp_path / "m.dinghy", recipe=recipe, model_version=version).path)
        assert model.version == model.describe()["version"] == version
    assert dinghy.open(convert(tmp_path / "m.dinghy", recipe=recipe).path).version == ""


def test_a_dict_becomes_the_same_toml(tmp_path):
    values = {
        "text": 'a "quoted" \\ back\nslash \x7f é 😀',
        "numbers": [1, -2.5, 1e-8, True],
        "inner": {"a.b": {"deep er": [[1], ["x"]]}, "empty": {}},
        "tuple": (1, 2),
        "array": np.array([3, 4]),
        "scalar": np.float64(0.5),
    }
    read = tomllib.loads(recipe_file(values, tmp_path).read_text(encoding="utf-8"))
    assert read == {**values, "tuple": [1, 2], "array": [3, 4], "scalar": 0.5}


def test_what_is_assumed_is_warned_of(tmp_path, recipe):
    with pytest.warns(dinghy.AssumptionWarning) as caught:
        report = dinghy.convert(CASE / "model.pth", tmp_path / "m.dinghy", recipe=recipe)
    assert len(caught) == len(report.assumed) > 0
    assert (
        'a longer history: keeps its last (assumed, nothing says so); a recipe says it by [history] keep = "last"'
        in [str(warning.message) for warning in caught]
    )


def test_the_report_says_what_was_found(tmp_path, recipe):
    rows = [row for _, row in goldens.golden_rows("unknown-code")]
    for row in rows:
        row["history"] = {name: np.array(ids, np.int32) for name, ids in row["history"].items()}
    report = convert(tmp_path / "m.dinghy", recipe=recipe, check=rows, tolerance=2e-6)
    assert report.preset == "generic"
    assert report.bytes["file"] == report.path.stat().st_size
    assert {check["isa"] for check in report.checks} >= {"reference"}
    assert all(check["rows"] == len(rows) and check["max_distance"] < 2e-6 for check in report.checks)
    assert report.tensors["ignored"][0]["name"] == "norm.num_batches_tracked"
    assert "ASSUMED" in repr(report) and "checked on reference: 40 golden rows" in repr(report)
    html = report._repr_html_()
    assert html.count("<tr") == len(report.choices) + 1 and "<td>ASSUMED, nothing says so</td>" in html
    assert dinghy.open(report.path).selftest() is None


def test_stored_tables_and_their_loss_are_in_the_report(tmp_path, recipe):
    rows = [{**row, "label": [1] + [0] * (len(row["scores"]) - 1)} for _, row in goldens.golden_rows("unknown-code")]
    for row in rows:
        del row["scores"], row["attention"]
    report = convert(tmp_path / "m.dinghy", recipe=recipe, tables="i8", eval=rows)
    assert {table["stored_as"] for table in report.tables} == {"i8"}
    assert report.scores["all_tables"]["max_distance"] > 0
    assert {table.stored_as for table in dinghy.open(report.path).tables} == {"i8"}


def test_a_failed_conversion_raises_what_the_command_says(tmp_path, recipe):
    output = tmp_path / "m.dinghy"
    with pytest.raises(dinghy.ConversionError, match="recipe"):
        convert(output)
    with pytest.raises(dinghy.ConversionError, match='^recipe:[0-9]+: unknown key "attention"'):
        convert(output, recipe={**recipe, "attention": {"softmax": True}})
    wrong = [{**row, "scores": [0.5] * len(row["scores"])} for _, row in goldens.golden_rows("unknown-code")]
    with pytest.raises(dinghy.ConversionError, match="check:[0-9]+, candidate"):
        convert(output, recipe=recipe, check=wrong)
    with pytest.raises(dinghy.ConversionError, match="absent.pth"):
        dinghy.convert(tmp_path / "absent.pth", output)
    assert not output.exists()


def test_a_path_may_look_like_an_option(tmp_path, recipe, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "--odd name.pth").write_bytes((CASE / "model.pth").read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = dinghy.convert("--odd name.pth", "-o.dinghy", recipe=recipe)
    assert dinghy.inspect(report.path)["features"][0]["name"] == "user"


def test_inspect_says_what_the_command_says(model, model_path):
    inspected = dinghy.inspect(model)
    assert inspected == dinghy.inspect(model_path)
    assert inspected["tables"][0]["rows"] == model.tables[0].rows
    assert "local activation unit" in repr(inspected)
    with pytest.raises(dinghy.InvalidArgumentError, match="from memory"):
        dinghy.inspect(dinghy.open(model_path.read_bytes()))


def test_evaluate_takes_requests_and_data_frames(model, model_path, tmp_path):
    requests = []
    for request, row in goldens.golden_rows("deepctr-torch-softmax"):
        requests.append({**request, "label": [int(score > 0.3) for score in row["scores"]]})
    by_requests = dinghy.evaluate(model, requests)
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(request) + "\n" for request in requests))
    assert dinghy.evaluate(model_path, path, isa=model.isa) == by_requests
    assert by_requests["auc"] == 1.0 and "AUC          1.000000" in repr(by_requests)

    frame = pd.DataFrame(
        {
            "user": request["user"]["user"],
            "hist_item": request["history"]["item"],
            "hist_category": request["history"]["category"],
            "item": request["candidates"]["item"][n],
            "category": request["candidates"]["category"][n],
            "label": float(label),
        }
        for request in requests
        for n, label in enumerate(request["label"])
    )
    by_frame = dinghy.evaluate(model, frame)
    assert by_frame.pop("requests") == len(frame)
    del by_requests["requests"]
    assert by_frame["log_loss"] == pytest.approx(by_requests["log_loss"], abs=1e-6)
    assert by_frame["gauc"] == by_requests["gauc"]
    with pytest.raises(dinghy.InvalidArgumentError, match="no column hist_item"):
        dinghy.evaluate(model, frame.drop(columns="hist_item"))
    frame.loc[2, "label"] = 0.5
    with pytest.raises(dinghy.InvalidArgumentError, match="row 2: the label is 0.5"):
        dinghy.evaluate(model, frame)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_long_work_says_how_far_it_is_where_somebody_looks_on(model, tmp_path, monkeypatch):
    """Its first word comes after half a second, so there are enough requests for several."""
    rows = goldens.golden_rows("deepctr-torch-softmax")
    rows = [{**request, "label": [int(score > 0.3) for score in row["scores"]]} for request, row in rows]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    path = tmp_path / "rows.jsonl"
    path.write_text(lines * (16_000_000 // len(lines)) + "{}\n")
    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        with pytest.raises(dinghy.ConversionError, match="rows.jsonl:[0-9]+") as caught:
            dinghy.evaluate(model, path)
        assert "scored" not in str(caught.value)
        texts = stream.getvalue().split("\r")
        assert all(re.fullmatch(r"requests scored: [0-9]+ \([0-9]+ %\) *", text) for text in texts[1:-2])
        assert (len(texts) > 2 and not texts[-1] and not texts[-2].strip()) == shown


@pytest.mark.parametrize("command", [[sys.executable, "-m", "dinghy"], [program()]])
def test_the_command_comes_with_the_package(command):
    done = subprocess.run([*command, "--version"], capture_output=True, text=True)
    assert done.stdout == f"dinghy {dinghy.__version__}\n"
    assert subprocess.run([*command, "nonsense"], capture_output=True).returncode == 2
