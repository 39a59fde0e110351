"""An ONNX graph with its matrix products in int8, by ONNX Runtime's own quantizer."""

from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static

import numpy as np
from network import CALIBRATION_REQUESTS

# Seven bits for weights: without VNNI the sums of two products saturate at sixteen.
SETTINGS = {
    "op_types_to_quantize": ["MatMul", "Gemm"],
    "per_channel": True,
    "reduce_range": True,
    "weight_type": QuantType.QInt8,
}


class Requests(CalibrationDataReader):
    def __init__(self, net):
        self.rows = iter(range(CALIBRATION_REQUESTS))
        self.net = net

    def get_next(self):
        row = next(self.rows, None)
        if row is None:
            return None
        return {name: ids.astype(np.int32) for name, ids in self.net.request(row).items()}


def quantize(path, net, dynamic):
    """Writes the quantized graph beside `path` and returns its path. `dynamic`: ranges of activations are those of each
    request; else those of calibration requests are fixed in the graph."""
    quantized = path.with_name("int8.onnx")
    if dynamic:
        quantize_dynamic(path, quantized, **SETTINGS)
    else:
        quantize_static(
            path, quantized, Requests(net), quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8, **SETTINGS
        )
    return quantized
