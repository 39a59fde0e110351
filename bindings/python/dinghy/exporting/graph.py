"""A PyTorch module with one batch: its scores, its inputs by name, and its graph as ONNX."""

import copy
from pathlib import Path

import torch
from dinghy.errors import ConversionError, InvalidArgumentError
from dinghy.exporting.arguments import Arguments
from dinghy.exporting.live import Live
from dinghy.exporting.quiet import evaluating, quiet

LARGEST_FILE = 1 << 30  # protobuf ends at twice this; larger weights lie beside the graph


class Graph(Live):
    """A PyTorch module: its graph, as ONNX. call: a Call."""

    def __init__(self, module, call, rows):
        if not isinstance(module, torch.nn.Module):
            raise InvalidArgumentError(
                f"the model is of type {type(module).__name__}; export takes a torch.nn.Module or a Keras model"
            )
        if any(tensor.device.type != "cpu" for tensor in module.state_dict().values()):
            module = copy.deepcopy(module).cpu()
        self.arguments = Arguments(module, call.batch).head(rows)
        self.module, self.call, self.score = module, call, call.score
        super().__init__(type(module).__name__, self.arguments.arrays())

    def understood(self, report, recipe):
        return self.call.renamed(report.inputs, recipe)

    def scores_of(self, inputs):
        """[rows, candidates] for arrays like `inputs`; not a number where the module has no score."""
        args, kwargs, _ = self.arguments.with_arrays(inputs)
        with torch.no_grad(), evaluating(self.module):
            result = self.module(*args, **kwargs)
            result = result if self.score is None else self.score(result)
        count = len(next(iter(inputs.values())))
        self.shaped(result.shape if isinstance(result, torch.Tensor) else None, type(result).__name__, count)
        return result.reshape(count, -1).double().numpy()

    def _bytes(self):
        return sum(tensor.nbytes for tensor in self.module.state_dict().values())

    def write(self, folder):
        """Writes the graph, with one candidate a row, and returns its path."""
        path = Path(folder) / self.name / f"{self.name}.onnx"
        path.parent.mkdir()
        with quiet(), torch.no_grad(), evaluating(self.module):
            try:
                program, args, kwargs = self._program()
                torch.onnx.export(
                    program,
                    args,
                    path,
                    kwargs=kwargs,
                    input_names=list(self.inputs),
                    external_data=self._bytes() > LARGEST_FILE,
                    verbose=False,
                )
            except Exception as error:
                reason = str(error).strip().split("\n")[0]
                raise ConversionError(f"{self.name} cannot be exported by PyTorch: {reason}") from error
        return path

    def _program(self):
        """What PyTorch traces of the module, with args and kwargs of the trace."""
        args, kwargs, tensors = self.arguments.with_arrays(
            {name: self.first_column(name, self.one_each) for name in self.inputs}
        )
        module = self.module
        if self.score is not None:
            module, args, kwargs = Scored(self.module, self.score, self.arguments), (tensors,), {}
        shapes = torch.export.ShapesCollection()
        for tensor in tensors:
            shapes[tensor] = {0: torch.export.Dim.AUTO}  # any number of rows, where the module does not insist on one
        program = torch.export.export(module, args, kwargs, dynamic_shapes=shapes, strict=False)
        return program.run_decompositions(), args, kwargs


class Scored(torch.nn.Module):
    """A module and what makes the score of its result, as one that takes the tensors of its arguments in a list."""

    def __init__(self, module, score, arguments):
        super().__init__()
        self.module, self.score, self.arguments = module, score, arguments

    def forward(self, tensors):
        args, kwargs = self.arguments.filled(tensors)
        return self.score(self.module(*args, **kwargs))
