"""Golden rows out of a batch: what each input is, the report of the conversion says."""

import numpy
from dinghy.errors import ConversionError

SHORTENED = 8  # rows of the batch that are taken again, with each of the shorter histories


def golden_rows(graph, inputs):
    """Requests with the scores of the module: those of the batch, and some of them with fewer behaviours.

    graph: a Live. inputs: what it understood of the report of its conversion.
    """
    layout = Layout(graph, inputs)
    rows = list(layout.requests(graph.inputs, graph.scores))
    if not rows:
        raise ConversionError(f"{graph.name} gives no row of the batch a score that is a number")
    for arrays in layout.shorter_histories(graph.inputs):
        rows += layout.requests(arrays, graph.scores_of(arrays))
    return [graph.request(row) for row in rows]


class Layout:
    """Which columns of a module's inputs are which part of a request."""

    def __init__(self, graph, inputs):
        self.one_each = graph.one_each
        self.features, self.history, self.masks, self.lengths = (
            [use for use in inputs if use["becomes"] == part] for part in ("feature", "history", "mask", "length")
        )
        for mask in self.masks:
            # Other numbers are factors, and no request has such.
            if not numpy.isin(graph.inputs[mask["input"]], (0, 1)).all():
                raise ConversionError(f"{graph.name}: the mask {mask['input']} has to be 0 or 1 everywhere")

    def behaviours(self, arrays):
        """Which places [rows, places] hold behaviours."""
        columns = [_columns(arrays, use) for use in self.history]
        place, places = numpy.arange(columns[0].shape[1])[None, :], columns[0].shape[1]
        real = [_columns(arrays, mask) == mask["behaviours_at"] for mask in self.masks]
        for length in self.lengths:
            count = _columns(arrays, length)
            real.append(place >= places - count if length["padding_side"] == "left" else place < count)
        if real:
            return numpy.logical_and.reduce(real)
        return numpy.logical_or.reduce([ids != (use["padding_id"] or 0) for use, ids in zip(self.history, columns)])

    def requests(self, arrays, scores):
        """A request for each row whose scores are numbers."""
        real = self.behaviours(arrays) if self.history else None
        for row in numpy.flatnonzero(numpy.isfinite(scores).all(axis=1)):
            request = {"user": {}, "context": {}, "history": {}, "candidates": {}, "scores": scores[row]}
            for use in self.history:
                request["history"][use["feature"]] = _values(arrays, use)[row][real[row]]
            for use in self.features:
                if use["role"] == "candidate":
                    request["candidates"][use["feature"]] = self._of_candidates(arrays, use, row, len(scores[row]))
                else:
                    request[use["role"]][use["feature"]] = _value(_values(arrays, use)[row])
            yield request

    def _of_candidates(self, arrays, use, row, count):
        if use["input"] in self.one_each:
            return arrays[use["input"]][row]
        return [_value(_values(arrays, use)[row])] * count

    def shorter_histories(self, arrays):
        """Rows of the batch with none, one and half of the behaviours, padded as the graph has it."""
        if not self.history or not (self.masks or self.lengths or self.history[0]["padding_id"] is not None):
            return
        first = {name: array[:SHORTENED] for name, array in arrays.items()}
        real = self.behaviours(first)
        left = any(length["padding_side"] == "left" for length in self.lengths)
        rank = numpy.cumsum(real[:, ::-1] if left else real, axis=1)
        rank = rank[:, ::-1] if left else rank
        for count in (0, 1, real.shape[1] // 2):
            yield self._with_behaviours(first, real & (rank <= count))

    def _with_behaviours(self, arrays, real):
        shorter = {name: array.copy() for name, array in arrays.items()}
        for use in self.history:
            _columns(shorter, use)[~real] = use["padding_id"] or 0
        for mask in self.masks:
            _columns(shorter, mask)[:] = real == mask["behaviours_at"]
        for length in self.lengths:
            _columns(shorter, length)[:] = real.sum(axis=1)[:, None]
        return shorter


def _columns(arrays, use):
    """The columns [rows, columns] of an input, a view."""
    array = arrays[use["input"]].reshape(len(arrays[use["input"]]), -1)
    return array[:, use["first_column"] :][:, : use["columns"]]


def _values(arrays, use):
    """The columns of a feature: ids are integers, whatever type the module takes them in."""
    values = _columns(arrays, use)
    return values.astype(numpy.int64) if use["kind"] == "id" else values


def _value(values):
    return values[0] if len(values) == 1 else values
