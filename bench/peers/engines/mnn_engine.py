"""MNN, its model converted from the ONNX graph by its own converter.

`int8 dynamic`: weights in int8 from the converter, which a session of little memory multiplies with activations rounded
by the ranges of each request. mnnquant, its tool for fixed ranges, ends in std::length_error in 3.6.1, even for a
single product of floats. The converter is called as a function: its command installs a package that reports its use.
"""

import _tools
import MNN

import numpy as np
from ops import onnx_ops

SETTINGS = {"backend": "CPU", "numThread": 1, "precision": "high"}


def convert(graph, path, *options):
    files = ["--modelFile", str(graph), "--MNNModel", str(path), "--bizCode", "din"]
    _tools.mnnconvert(["mnnconvert", "-f", "ONNX", *files, *options])


class Engine:
    def __init__(self, net, form, folder, precision):
        graph, path, settings = folder / "model.onnx", folder / "model.mnn", dict(SETTINGS)
        onnx_ops.save_graph(net, form, graph)
        if precision == "int8 dynamic":
            convert(graph, path, "--weightQuantBits", "8")
            settings["memory"] = "low"
        else:
            convert(graph, path)
        self.interpreter = MNN.Interpreter(str(path))
        self.session = self.interpreter.createSession(settings)
        self.inputs = self.interpreter.getSessionInputAll(self.session)
        self.output = self.interpreter.getSessionOutput(self.session, "scores")
        self.scores = MNN.Tensor(
            (net.candidates,),
            MNN.Halide_Type_Float,
            np.zeros(net.candidates, np.float32),
            MNN.Tensor_DimensionType_Tensorflow,
        )

    def __call__(self, request):
        for name, tensor in self.inputs.items():
            ids = request[name]
            tensor.copyFrom(MNN.Tensor(ids.shape, MNN.Halide_Type_Int, ids, MNN.Tensor_DimensionType_Tensorflow))
        self.interpreter.runSession(self.session)
        self.output.copyToHostTensor(self.scores)
        return self.scores.getNumpyData()
