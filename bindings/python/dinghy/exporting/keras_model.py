"""Models of Keras on TensorFlow, and of DeepCTR, which are such: scores, inputs by name, a file for the converter."""

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy
import tensorflow
from dinghy.errors import ConversionError, InvalidArgumentError
from dinghy.exporting.live import Live
from dinghy.exporting.quiet import quiet
from dinghy.opening import open
from dinghy.rows import old_names


def keras_model(model, x, score, rows):
    """The Live of a Keras model with what its predict takes."""
    backend = sys.modules["keras"].backend.backend() if "keras" in sys.modules else "tensorflow"
    if backend != "tensorflow" and type(model).__module__.split(".")[0] != "tf_keras":
        raise InvalidArgumentError(f"Keras computes with {backend} here; export takes models on TensorFlow or PyTorch")
    layers = getattr(model, "layers", [])
    known = any(type(layer).__module__.startswith("deepctr.") for layer in layers)
    return (DeepCtr if known else KerasModel)(model, x, score, rows)


class KerasModel(Live):
    """A Keras model: its graph, as tf2onnx writes it.

    x: a dict of arrays by the names of inputs, a list in their order, or the array of a single one.
    """

    def __init__(self, model, x, score, rows):
        self.model, self.score, self.kind = model, score, "dict" if isinstance(x, Mapping) else type(x).__name__
        arrays = {name: numpy.asarray(array)[:rows] for name, array in _by_name(model, x).items()}
        counts = {name: len(array) if array.ndim else 0 for name, array in arrays.items()}
        if len(set(counts.values())) != 1 or min(counts.values()) < 2:
            given = ", ".join(f"{count} of {name}" for name, count in counts.items())
            raise InvalidArgumentError(f"x has the same number of rows everywhere, two or more; this one has {given}")
        super().__init__(model.name, {name: _as_taken(model, name, array) for name, array in arrays.items()})

    def scores_of(self, inputs):
        scores = self._scores(list(inputs.values()))
        array = scores.numpy() if hasattr(scores, "numpy") else None
        count = len(next(iter(inputs.values())))
        self.shaped(None if array is None else array.shape, type(scores).__name__, count)
        return array.reshape(count, -1).astype(numpy.float64)

    def _scores(self, tensors):
        x = dict(zip(self.inputs, tensors)) if self.kind == "dict" else list(tensors)
        result = self.model(x[0] if self.kind not in ("dict", "list", "tuple") else x, training=False)
        return result if self.score is None else self.score(result)

    def write(self, folder):
        import tf2onnx

        path = Path(folder) / self.name / f"{self.name}.onnx"
        path.parent.mkdir()
        signature = [
            tensorflow.TensorSpec([None, *array.shape[1:]], array.dtype, name=name)
            for name, array in ((name, self.first_column(name, self.one_each)) for name in self.inputs)
        ]
        with quiet():
            try:
                function = tensorflow.function(lambda *tensors: self._scores(tensors), input_signature=signature)
                tf2onnx.convert.from_function(function, input_signature=signature, output_path=str(path))
            except Exception as error:
                reason = str(error).strip().split("\n")[0]
                raise ConversionError(f"{self.name} cannot be exported by tf2onnx: {reason}") from error
        return path


class DeepCtr(KerasModel):
    """A DIN of DeepCTR. The converter knows the file that Keras saves of it, hashes of ids included, which ONNX lacks."""

    def write(self, folder):
        path = Path(folder) / f"{self.name}.h5"
        with quiet():
            self.model.save(str(path), include_optimizer=False)
        return path

    def understood(self, report, recipe):
        own, inputs = old_names(recipe), []
        for feature in open(report.path).features:
            name = own.get(feature.name, feature.name)
            use = {"feature": feature.name, "kind": feature.kind, "first_column": 0, "columns": None}
            if feature.role != "history":
                inputs.append({**use, "input": name, "becomes": "feature", "role": feature.role})
            if feature.in_history:
                inputs.append({**use, "input": f"hist_{name}", "becomes": "history", "padding_id": 0})
        self.require_inputs(inputs)
        return inputs, recipe


def _by_name(model, x):
    """The arrays of x by name, as many as the model takes."""
    inputs = getattr(model, "inputs", None)
    names = [tensor.name for tensor in inputs] if inputs else None
    if isinstance(x, Mapping):
        taken = getattr(model, "input", None) if inputs else None
        names = list(taken) if isinstance(taken, Mapping) else names or list(x)
        missing = [name for name in names if name not in x]
        if missing:
            raise InvalidArgumentError(f"x has no {', '.join(missing)}; it has {', '.join(map(str, x))}")
        return {name: x[name] for name in names}
    arrays = list(x) if isinstance(x, (list, tuple)) else [x]
    names = names or [f"input_{number}" for number in range(len(arrays))]
    if len(names) != len(arrays):
        raise InvalidArgumentError(f"x has {len(arrays)} arrays; the model takes {', '.join(names)}")
    return dict(zip(names, arrays))


def _as_taken(model, name, array):
    """In the type and shape of the model's input: Keras converts what predict is given without a word."""
    for tensor in getattr(model, "inputs", None) or []:
        if tensor.name == name:
            array = array.astype(tensorflow.as_dtype(tensor.dtype).as_numpy_dtype)
            return array[:, None] if array.ndim == 1 and len(tensor.shape) == 2 else array
    return array.astype(numpy.float32) if array.dtype == numpy.float64 else array
