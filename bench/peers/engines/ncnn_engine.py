"""ncnn, its model written directly in its own format.

Its Python package has none of its tools for int8 (ncnn2table, ncnn2int8), so `ops/ncnn_ops` writes what they write: a
scale for each column of a weight, and one for each input of a product, by the largest magnitude in the calibration
requests. ncnn itself rounds the weights when it loads them.
"""

import ncnn

import numpy as np
from network import CALIBRATION_REQUESTS
from ops import ncnn_ops


def load(path):
    net = ncnn.Net()
    net.opt.num_threads = 1
    # fp32 like everyone else: by default ncnn computes parts in 16 bits where the processor can.
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    if net.load_param(str(path.with_suffix(".param"))) or net.load_model(str(path.with_suffix(".bin"))):
        raise RuntimeError("ncnn does not load the model")
    return net


def run(net, request, blob):
    extractor = net.create_extractor()
    for name, ids in request.items():
        extractor.input(name, ncnn.Mat(ids))
    return np.array(extractor.extract(blob)[1])


def ranges_of(net, model, blobs):
    requests = [net.request(i) for i in range(CALIBRATION_REQUESTS)]
    return [max(float(np.abs(run(model, request, blob)).max()) for request in requests) for blob in blobs]


class Engine:
    def __init__(self, net, form, folder, precision):
        path = folder / "model"
        self.output, inputs = ncnn_ops.save_graph(net, form, path)
        self.net = load(path)
        if precision == "int8":
            ranges = ranges_of(net, self.net, inputs)
            self.output, _ = ncnn_ops.save_graph(net, form, path, ranges)
            self.net = load(path)

    def __call__(self, request):
        return run(self.net, request, self.output)
