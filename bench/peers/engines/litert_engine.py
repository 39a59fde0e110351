"""LiteRT with its XNNPACK delegate."""

from ai_edge_litert.interpreter import Interpreter

from ops import tensorflow_ops


class Engine:
    def __init__(self, net, form, folder, precision):
        path = folder / "model.tflite"
        tensorflow_ops.save_graph(net, form, path, int8=precision == "int8 dynamic")
        self.interpreter = Interpreter(model_path=str(path), num_threads=1)
        self.interpreter.allocate_tensors()
        self.inputs = {detail["name"]: detail["index"] for detail in self.interpreter.get_input_details()}
        self.output = self.interpreter.get_output_details()[0]["index"]

    def __call__(self, request):
        for name, index in self.inputs.items():
            self.interpreter.set_tensor(index, request[name])
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self.output)
