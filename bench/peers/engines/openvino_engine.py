"""OpenVINO from the same ONNX graph, inputs and output in tensors that live as long as the engine."""

import openvino

import numpy as np
from ops import onnx_int8, onnx_ops


class Engine:
    def __init__(self, net, form, folder, precision):
        path = folder / "model.onnx"
        onnx_ops.save_graph(net, form, path)
        if precision == "int8":
            path = onnx_int8.quantize(path, net, dynamic=False)
        settings = {
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
            "ENABLE_CPU_PINNING": False,
        }
        self.request = openvino.Core().compile_model(str(path), "CPU", settings).create_infer_request()
        self.inputs = {name: np.zeros(rows.shape[1], np.int32) for name, rows in net.requests.items()}
        for name, array in self.inputs.items():
            self.request.set_tensor(name, openvino.Tensor(array, shared_memory=True))
        self.scores = self.request.get_output_tensor(0).data

    def __call__(self, request):
        for name, array in self.inputs.items():
            array[:] = request[name]
        self.request.infer()
        return self.scores
