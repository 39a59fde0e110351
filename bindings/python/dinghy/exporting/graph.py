"""A PyTorch module with one batch: its scores, its inputs by name, and its graph as ONNX."""

import copy
from pathlib import Path

import numpy
import torch
from dinghy.errors import ConversionError, InvalidArgumentError
from dinghy.exporting.arguments import Arguments
from dinghy.exporting.quiet import evaluating, quiet

LARGEST_FILE = 1 << 30  # protobuf ends at twice this; larger weights lie beside the graph


class Graph:
    """What is exported: a module, and the first rows of a batch.

    name: of the module's class. inputs: the arrays that it takes, by name. scores: [rows, candidates], float64.
    """

    def __init__(self, module, batch, score, rows):
        if not isinstance(module, torch.nn.Module):
            raise InvalidArgumentError(f"the module is {type(module).__name__}; export takes a torch.nn.Module")
        self.name = type(module).__name__
        if any(tensor.device.type != "cpu" for tensor in module.state_dict().values()):
            module = copy.deepcopy(module).cpu()
        self.arguments = Arguments(module, batch).head(rows)
        self.module, self.score = module, score
        self.inputs = self.arguments.arrays()
        self.scores = self.scores_of(self.inputs)
        self.one_each = self._columns_of_candidates()

    def scores_of(self, inputs):
        """[rows, candidates] for arrays like `inputs`; not a number where the module has no score."""
        args, kwargs, _ = self.arguments.with_arrays(inputs)
        with torch.no_grad(), evaluating(self.module):
            result = self.module(*args, **kwargs)
            result = result if self.score is None else self.score(result)
        count = len(next(iter(inputs.values())))
        shape = list(result.shape) if isinstance(result, torch.Tensor) else None
        if shape and shape[0] == count and (len(shape) < 3 or shape[2:] == [1]):
            return result.reshape(count, -1).double().numpy()
        got = f"a {type(result).__name__}" if shape is None else f"an array {shape}"
        raise ConversionError(
            f"{self.name} gives {got} for {count} rows; scores are [rows], [rows, 1] or [rows, candidates]: make them "
            "so, as score=lambda out: …"
        )

    def _columns_of_candidates(self):
        """The inputs that hold a column for each candidate of a row."""
        count = self.scores.shape[1]
        if count == 1:
            return set()
        columns = {name for name, array in self.inputs.items() if array.shape[1:] == (count,)}
        if not columns:
            raise ConversionError(
                f"{self.name} gives {count} scores for a row, and no input has {count} columns; when they are classes, say "
                "which is the click, as score=lambda out: out[:, 1]"
            )
        alone = self.scores_of({name: self._first_column(name, columns) for name in self.inputs})
        first = self.scores[:, :1]
        if alone.shape != first.shape or not numpy.allclose(alone, first, atol=1e-5, equal_nan=True):
            raise ConversionError(
                f"{self.name} gives {count} scores for a row, which do not belong to the {count} columns of "
                f"{', '.join(sorted(columns))}; give a batch whose histories have another length than it has candidates"
            )
        return columns

    def _bytes(self):
        return sum(tensor.nbytes for tensor in self.module.state_dict().values())

    def _first_column(self, name, columns):
        return self.inputs[name][:, :1] if name in columns else self.inputs[name]

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
            {name: self._first_column(name, self.one_each) for name in self.inputs}
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
