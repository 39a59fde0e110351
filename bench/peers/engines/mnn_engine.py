"""MNN, its model converted from the ONNX graph by its own converter."""

import pathlib
import subprocess
import sys

import MNN

import numpy as np
from ops import onnx_ops


class Engine:
    def __init__(self, net, form, folder, precision):
        path = folder / "model.mnn"
        onnx_ops.save_graph(net, form, folder / "model.onnx")
        converter = pathlib.Path(sys.executable).parent / "mnnconvert"
        files = ["--modelFile", folder / "model.onnx", "--MNNModel", path]
        subprocess.run([converter, "-f", "ONNX", *files, "--bizCode", "din"], check=True, stdout=subprocess.DEVNULL)
        self.interpreter = MNN.Interpreter(str(path))
        self.session = self.interpreter.createSession({"backend": "CPU", "numThread": 1, "precision": "high"})
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
