"""Models of packages: what their predict() takes becomes what their module takes."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy
import torch
from dinghy.errors import InvalidArgumentError
from dinghy.rows import is_path


class Call(NamedTuple):
    """How a module is called. score: of what it returns, None where that is the score. names: of features, by the first
    of their columns, where the module takes one matrix."""

    batch: Any
    score: Callable[[Any], torch.Tensor] | None = None
    names: Mapping[int, str] = {}

    def renamed(self, inputs, recipe):
        """inputs, of a conversion's report, and the recipe, with the package's names. A recipe in a file has its own."""
        if not self.names or is_path(recipe):
            return inputs, recipe
        said = (recipe or {}).get("rename", {})
        names = {use["feature"]: self.names.get(use["first_column"]) for use in inputs if use["becomes"] == "feature"}
        names = {old: new for old, new in names.items() if new not in (None, old) and old not in said.values()}
        inputs = [{**use, "feature": names[use["feature"]]} if use.get("feature") in names else use for use in inputs]
        return inputs, {**(recipe or {}), "rename": {**names, **said}}


def call_of(module, batch, score):
    """The Call of a module with a batch. score: what export() was given, which comes first."""
    packages = {base.__module__.split(".")[0] for base in type(module).__mro__}
    for package, call in KNOWN.items():
        if package in packages:
            known = call(module, batch)
            return known._replace(score=score or known.score)
    return Call(batch, score)


def _deepctr_torch(model, x):
    """x: a dict of arrays by feature, or a list of them in the order of the features; or the matrix of all."""
    if isinstance(x, list):
        x = dict(zip(model.feature_index, x))
    if isinstance(x, Mapping):
        columns = _columns(x, model.feature_index).values()
        x = numpy.concatenate([numpy.asarray(c, numpy.float32).reshape(len(c), -1) for c in columns], axis=1)
    return Call(x, names={begin: name for name, (begin, _) in model.feature_index.items()})


def _fuxictr(model, x):
    """x: a data generator, whose first batch is taken, or a batch: a dict of tensors by feature."""
    batch = x if isinstance(x, Mapping) else next(iter(x))
    if not isinstance(batch, Mapping):
        raise InvalidArgumentError(
            f"a batch of this model is a {type(batch).__name__}; those of FuxiCTR's DIN are dicts of tensors by feature"
        )
    features = model.feature_map.features
    names = [name for name in batch if name in features and features[name]["type"] != "meta"]
    return Call(_columns(batch, names), lambda out: out["y_pred"])


def _torch_rechub(model, x):
    """x: a batch, a dict by feature; or a data loader of pairs of such a dict and labels, whose first one is taken."""
    batch = x if isinstance(x, Mapping) else next(iter(x))[0]
    names = [name for name in batch if name in {feature.name for feature in _features(model)}]
    return Call(_columns(batch, names))


def _features(model):
    return [*model.features, *model.history_features, *model.target_features]


def _columns(x, names):
    missing = [name for name in names if name not in x]
    if missing:
        raise InvalidArgumentError(f"x has no {', '.join(missing)}; it has {', '.join(x)}")
    return {name: x[name] if isinstance(x[name], torch.Tensor) else numpy.asarray(x[name]) for name in names}


KNOWN = {"deepctr_torch": _deepctr_torch, "fuxictr": _fuxictr, "torch_rechub": _torch_rechub}
