"""A live model with the first rows of a batch, whatever framework it is of."""

import numpy
from dinghy.errors import ConversionError


class Live:
    """What is exported.

    name: as messages have it. inputs: the arrays that the model takes, by name. scores: [rows, candidates], float64.
    one_each: the names of the inputs that hold a column for each candidate of a row.

    A subclass has `scores_of(inputs)`, for arrays like `inputs`, and `write(folder)`, which writes a file that the
    converter reads and returns its path.
    """

    def __init__(self, name, inputs):
        self.name, self.inputs = name, inputs
        self.scores = self.scores_of(inputs)
        self.one_each = self._columns_of_candidates()

    def understood(self, report, recipe):
        """What each input is, as `Report.inputs` says it, and the recipe. report: of a first conversion."""
        return report.inputs, recipe

    def request(self, request):
        """A golden row as the model file's users write it."""
        return request

    def require_inputs(self, inputs):
        """Raises where features are not called as the model's columns are."""
        missing = [use["input"] for use in inputs if use["input"] not in self.inputs]
        if missing:
            raise ConversionError(
                f"{self.name}: x has no {', '.join(missing)}; a recipe that renames features has to be a dict here"
            )

    def shaped(self, shape, kind, count):
        """Raises where a result of this shape (None: it is no array) is no score for each of `count` rows."""
        if shape and shape[0] == count and (len(shape) < 3 or list(shape[2:]) == [1]):
            return
        got = f"a {kind}" if shape is None else f"an array {list(shape)}"
        raise ConversionError(
            f"{self.name} gives {got} for {count} rows; scores are [rows], [rows, 1] or [rows, candidates]: make them "
            "so, as score=lambda out: …"
        )

    def first_column(self, name, columns):
        return self.inputs[name][:, :1] if name in columns else self.inputs[name]

    def _columns_of_candidates(self):
        count = self.scores.shape[1]
        if count == 1:
            return set()
        columns = {name for name, array in self.inputs.items() if array.shape[1:] == (count,)}
        if not columns:
            raise ConversionError(
                f"{self.name} gives {count} scores for a row, and no input has {count} columns; when they are classes, say "
                "which is the click, as score=lambda out: out[:, 1]"
            )
        alone = self.scores_of({name: self.first_column(name, columns) for name in self.inputs})
        first = self.scores[:, :1]
        if alone.shape != first.shape or not numpy.allclose(alone, first, atol=1e-5, equal_nan=True):
            raise ConversionError(
                f"{self.name} gives {count} scores for a row, which do not belong to the {count} columns of "
                f"{', '.join(sorted(columns))}; give a batch whose histories have another length than it has candidates"
            )
        return columns
