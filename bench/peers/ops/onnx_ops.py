"""Writes an ONNX graph with fixed shapes."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Ops:
    def __init__(self):
        self.nodes, self.inputs, self.weights = [], [], {}

    def node(self, kind, *inputs, **attributes):
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def input(self, name, shape):
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.INT32, shape))
        return name

    def constant(self, array):
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.weights:
            self.weights[key] = numpy_helper.from_array(np.ascontiguousarray(array), f"w{len(self.weights)}")
        return self.weights[key].name

    def take(self, table, ids):
        return self.node("Gather", self.constant(table), ids, axis=0)

    def linear(self, x, weight, bias):
        if bias is None:
            return self.node("MatMul", x, self.constant(weight))
        return self.node("Gemm", x, self.constant(weight), self.constant(bias))

    def matmul(self, a, b):
        return self.node("MatMul", a, b)

    def add(self, a, b):
        return self.node("Add", a, b)

    def sub(self, a, b):
        return self.node("Sub", a, b)

    def mul(self, a, b):
        return self.node("Mul", a, b)

    def one_minus(self, x):
        return self.sub(self.constant(np.ones(1, np.float32)), x)

    def sigmoid(self, x):
        return self.node("Sigmoid", x)

    def softmax(self, x):
        return self.node("Softmax", x, axis=-1)

    def concat(self, parts):
        return self.node("Concat", *parts, axis=-1)

    def reshape(self, x, shape):
        return self.node("Reshape", x, self.constant(np.asarray(shape, np.int64)))

    def expand(self, x, shape):
        return self.node("Expand", x, self.constant(np.asarray(shape, np.int64)))

    def transpose(self, x):
        return self.node("Transpose", x, perm=[1, 0])

    def save(self, output, shape, path):
        last = helper.make_node("Identity", [output], ["scores"])
        scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes + [last], "din", self.inputs, [scores], list(self.weights.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def save_graph(net, form, path):
    """The whole model of a form, written to `path`."""
    ops = Ops()
    inputs = {name: ops.input(name, [rows.shape[1]]) for name, rows in net.requests.items()}
    ops.save(form(ops, net, inputs), [net.candidates], path)
