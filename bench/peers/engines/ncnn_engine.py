"""ncnn, its model written directly in its own format."""

import ncnn

import numpy as np
from ops import ncnn_ops


class Engine:
    def __init__(self, net, form, folder, precision):
        self.output = ncnn_ops.save_graph(net, form, folder / "model")
        self.net = ncnn.Net()
        self.net.opt.num_threads = 1
        # fp32 like everyone else: by default ncnn computes parts in 16 bits where the processor can.
        self.net.opt.use_fp16_packed = self.net.opt.use_fp16_storage = self.net.opt.use_fp16_arithmetic = False
        self.net.opt.use_bf16_storage = False
        if self.net.load_param(str(folder / "model.param")) or self.net.load_model(str(folder / "model.bin")):
            raise RuntimeError("ncnn does not load the model")

    def __call__(self, request):
        extractor = self.net.create_extractor()
        for name, ids in request.items():
            extractor.input(name, ncnn.Mat(ids))
        return np.array(extractor.extract(self.output)[1])
