"""Calls that need a package beside NumPy say which one is missing."""

import importlib.util

import pytest

import dinghy


def test_export_names_the_package_that_is_missing(monkeypatch, tmp_path):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnx" else found("json"))
    with pytest.raises(dinghy.MissingPackageError, match="onnx is not installed: pip install onnx") as caught:
        dinghy.export(None, {}, tmp_path / "m.dinghy")
    assert isinstance(caught.value, ImportError) and caught.value.name == "onnx"
