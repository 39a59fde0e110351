"""PyTorch: the graph traced, frozen and optimized for inference, or as it is where that fails."""

import torch
from ops.torch_ops import Ops


class Module(torch.nn.Module):
    def __init__(self, net, form, names):
        super().__init__()
        self.ops, self.net, self.form, self.names = Ops(), net, form, names

    def forward(self, *ids):
        return self.form(self.ops, self.net, dict(zip(self.names, ids)))


class Engine:
    def __init__(self, net, form, folder, precision):
        torch.set_num_threads(1)
        self.names = list(net.requests)
        example = tuple(torch.from_numpy(net.request(0)[name]) for name in self.names)
        with torch.inference_mode():
            traced = torch.jit.trace(Module(net, form, self.names).eval(), example, check_trace=False)
            self.run = torch.jit.optimize_for_inference(torch.jit.freeze(traced))
            for _ in range(5):  # the first runs compile
                self.run(*example)

    def __call__(self, request):
        with torch.inference_mode():
            return self.run(*(torch.from_numpy(request[name]) for name in self.names)).numpy()
