"""The cases of tests/conformance, whose README.md has the steps."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import dinghy
import numpy as np
from dinghy.command import program

CONFORMANCE = Path(__file__).parents[2] / "conformance"
sys.path.append(str(CONFORMANCE))
import prepare  # noqa: E402

TOLERANCE = 1e-5

CODES = {
    dinghy.FileError: "io_error",
    dinghy.BadFileError: "bad_file",
    dinghy.UnsupportedError: "unsupported",
    dinghy.OutOfMemoryError: "out_of_memory",
    dinghy.UnknownIsaError: "unknown_isa",
    dinghy.UnavailableIsaError: "unavailable_isa",
    dinghy.InvalidArgumentError: "invalid_argument",
    dinghy.LimitExceededError: "limit_exceeded",
    dinghy.MissingIdError: "missing_id",
    dinghy.EmptyHistoryError: "empty_history",
    dinghy.WrongScoresError: "wrong_scores",
    dinghy.VersionMismatchError: "version_mismatch",
}


class Run:
    """A case, step by step."""

    def __init__(self, models):
        self.models = models
        self.model = self.user = self.source = None
        self.labels = {}

    def step(self, step):
        expected = step.get("error", "ok")
        if expected == "limit_exceeded":
            expected = "ok"  # a user makes room for any number of candidates
        try:
            result = getattr(self, step["call"])(step)
        except dinghy.Error as error:
            code = next(code for kind, code in CODES.items() if isinstance(error, kind))
            assert code == expected, str(error)
            return
        assert expected == "ok"
        if "expect" in step:
            assert result == step["expect"]

    def open(self, step):
        path = self.models / f"{step['model']}.dinghy"
        self.source = path.read_bytes() if step.get("from") == "memory" else path
        self.model = dinghy.open(self.source)

    def create(self, step):
        settings = {"isa": step.get("isa"), "integers": step.get("integers", "when_faster")}
        self.model = dinghy.open(self.source, **settings, memo=step.get("memo_bytes"))
        self.max_history = step.get("max_history")
        self.user = None

    def features(self, step):
        return {
            feature.name: {
                "role": feature.role,
                "kind": feature.kind,
                "width": feature.dense_width,
                "history": feature.in_history,
                "strings": feature.string_ids,
            }
            for feature in self.model.features
        }

    def verify(self, step):
        self.model.verify()

    def selftest(self, step):
        self.model.selftest(isa=step.get("isa"))

    def missing_ids(self, step):
        return self.model.missing_ids[step["feature"]]

    def prefetch(self, step):
        roles = {feature.name: feature.role for feature in self.model.features}
        parts = {"user": {}, "candidates": {}}
        for name, values in step["columns"].items():
            if roles.get(name) == "user":
                (parts["user"][name],) = values
            else:
                parts["candidates"][name] = values
        self.model.prefetch(**parts)

    def close_model(self, step):
        self.model = None

    def set(self, step):
        parts = {part: self.values(step.get(part, {})) for part in ("user", "context", "history")}
        if self.user is None:
            self.user = self.model.user(**parts, max_history=self.max_history)
        else:
            self.user.set(**parts)

    def append(self, step):
        self.user.append(self.values(step["history"]))

    def history_lengths(self, step):
        return self.user.history_lengths

    def score(self, step):
        self.compare(step, *self.user.score(self.values(step["candidates"]), attention=True))

    def rescore(self, step):
        self.compare(step, *self.user.rescore(attention=True))

    def values(self, part):
        """Numbers that JSON has not stand there as texts."""
        if self.model is None:
            return part
        dense = {feature.name for feature in self.model.features if feature.kind == "dense"}
        return {
            name: [float(v) if isinstance(v, str) else v for v in value]
            if name in dense and isinstance(value, list)
            else value
            for name, value in part.items()
        }

    def compare(self, step, scores, attention):
        if "scores" in step:
            expected = np.array(step["scores"], np.float32)
            assert scores.shape == expected.shape
            assert np.abs(scores - expected).max(initial=0) <= TOLERANCE
        if "attention" in step:
            for weights, expected in zip(attention, step["attention"], strict=bool(step["attention"])):
                rows = np.array(expected, np.float32).reshape(weights.shape)
                assert np.abs(weights - rows).max(initial=0) <= TOLERANCE
        if "equals" in step:
            expected = self.labels[step["equals"]]
            assert np.array_equal(scores, expected[step.get("rows", ...)])
        if "label" in step:
            self.labels[step["label"]] = scores


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("conformance") / "files"
    subprocess.run([sys.executable, CONFORMANCE / "prepare.py", "--dinghy", program(), path], check=True)
    return path


@pytest.mark.parametrize("name", prepare.case_files())
def test_every_case_comes_out_as_its_file_says(folder, name):
    for case in json.loads((folder / "cases" / name).read_text())["cases"]:
        run = Run(folder / "models")
        for number, step in enumerate(case["steps"]):
            try:
                run.step(step)
            except AssertionError as wrong:
                raise AssertionError(f"{case['name']}: step {number} ({step['call']}): {wrong}") from wrong
