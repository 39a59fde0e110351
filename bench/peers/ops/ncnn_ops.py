"""Writes ncnn's own .param and .bin; its arrays have up to four axes and no batch."""

import numpy as np


def sizes(shape):
    """Width, height and channels, as ncnn counts them: the last axis first."""
    return " ".join(f"{number}={extent}" for number, extent in enumerate(reversed(shape)))


class Ops:
    ADD, SUB, MUL, RSUB = 0, 1, 2, 7  # of BinaryOp

    def __init__(self, int8_ranges=None):
        """`int8_ranges`: the largest magnitude of the input of each linear(), whose product is in int8 then."""
        self.lines, self.blobs, self.weights, self.constants, self.axes = [], 0, [], {}, {}
        self.uses, self.linears, self.int8_ranges = {}, [], int8_ranges

    def layer(self, kind, inputs, axes, parameters):
        name = f"b{self.blobs}"
        self.blobs += 1
        self.axes[name] = axes
        self.lines.append((kind, name, [self.use(blob) for blob in inputs], [name], parameters))
        return name

    def use(self, blob):
        """ncnn wants a blob to have one consumer: save() puts a Split behind those that have more."""
        self.uses[blob] = self.uses.get(blob, 0) + 1
        return blob, self.uses[blob] - 1

    def input(self, name, shape):
        self.axes[name] = 1
        self.lines.append(("Input", name, [], [name], f"0={shape[0]}"))
        return name

    def add_weights(self, array, tagged):
        if tagged:
            self.weights.append(np.zeros(1, np.int32))  # the tag that says fp32
        self.weights.append(np.ascontiguousarray(array, np.float32))

    def constant(self, array):
        key = (array.shape, array.tobytes())
        if key not in self.constants:
            self.add_weights(array, tagged=False)
            self.constants[key] = self.layer("MemoryData", [], array.ndim, sizes(array.shape))
        return self.constants[key]

    def take(self, table, ids):
        self.add_weights(table, tagged=True)
        return self.layer("Embed", [ids], 2, f"0={table.shape[1]} 1={table.shape[0]} 2=0 3={table.size}")

    def linear(self, x, weight, bias):
        self.add_weights(weight.T, tagged=True)
        if bias is not None:
            self.add_weights(bias, tagged=False)
        parameters = f"0={weight.shape[1]} 1={int(bias is not None)} 2={weight.size}"
        if self.int8_ranges is not None:  # scales of the columns and of the input, as ncnn2int8 writes them
            self.add_weights(127 / np.abs(weight).max(axis=0), tagged=False)
            self.add_weights(np.asarray([127 / self.int8_ranges[len(self.linears)]]), tagged=False)
            parameters += " 8=2"
        layer = self.layer("InnerProduct", [x], self.axes[x], parameters)
        self.linears.append(self.lines[-1][2][0])
        return layer

    def matmul(self, a, b):
        return self.layer("MatMul", [a, b], max(self.axes[a], self.axes[b]), "0=0")

    def binary(self, kind, a, b):
        return self.layer("BinaryOp", [a, b], max(self.axes[a], self.axes[b]), f"0={kind}")

    def add(self, a, b):
        return self.binary(self.ADD, a, b)

    def sub(self, a, b):
        return self.binary(self.SUB, a, b)

    def mul(self, a, b):
        return self.binary(self.MUL, a, b)

    def one_minus(self, x):
        return self.layer("BinaryOp", [x], self.axes[x], f"0={self.RSUB} 1=1 2=1.0")

    def sigmoid(self, x):
        return self.layer("Sigmoid", [x], self.axes[x], "")

    def softmax(self, x):
        return self.layer("Softmax", [x], self.axes[x], f"0={self.axes[x] - 1} 1=1")

    def concat(self, parts):
        return self.layer("Concat", parts, self.axes[parts[0]], f"0={self.axes[parts[0]] - 1}")

    def reshape(self, x, shape):
        return self.layer("Reshape", [x], len(shape), sizes(shape))

    def expand(self, x, shape):
        """Adds zeros of the full shape: BinaryOp broadcasts, and there is no layer that only does that."""
        return self.add(x, self.constant(np.zeros(shape, np.float32)))

    def transpose(self, x):
        return self.layer("Permute", [x], 2, "0=1")

    def name(self, use):
        blob, number = use
        return f"{blob}_{number}" if self.uses[blob] > 1 else blob

    def save(self, output, path):
        shared = {blob: count for blob, count in self.uses.items() if count > 1}
        text, blobs = [], 0
        for kind, layer, inputs, outputs, parameters in self.lines:
            text.append(f"{kind} {layer} {len(inputs)} 1 {' '.join(map(self.name, inputs))} {outputs[0]} {parameters}")
            blobs += 1
            if outputs[0] in shared:
                copies = [f"{outputs[0]}_{i}" for i in range(shared[outputs[0]])]
                text.append(f"Split split_{layer} 1 {len(copies)} {outputs[0]} {' '.join(copies)}")
                blobs += len(copies)
        path.with_suffix(".param").write_text(f"7767517\n{len(text)} {blobs}\n" + "\n".join(text) + "\n")
        path.with_suffix(".bin").write_bytes(b"".join(array.tobytes() for array in self.weights))


def save_graph(net, form, path, int8_ranges=None):
    """path.param and path.bin; returns the names of the blob with the scores and of the inputs of all linear()."""
    ops = Ops(int8_ranges)
    inputs = {name: ops.input(name, [rows.shape[1]]) for name, rows in net.requests.items()}
    output = form(ops, net, inputs)
    ops.save(output, path)
    return output, [ops.name(use) for use in ops.linears]
