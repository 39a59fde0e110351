"""A DIN of RecBole: the file that its trainer would save, and requests with the tokens of its data set."""

from pathlib import Path

import numpy
import torch
from dinghy.errors import InvalidArgumentError
from dinghy.exporting.live import Live
from dinghy.exporting.quiet import evaluating, quiet
from dinghy.opening import open
from dinghy.rows import old_names


class RecboleModel(Live):
    """x: an Interaction, as for `model.predict(x)`. Requests have tokens for ids, as the data set has them."""

    def __init__(self, model, x, rows):
        self.model, self.dataset = model, model.embedding_layer.dataset
        self.names = (model.POS_ITEM_ID, model.ITEM_SEQ, model.ITEM_SEQ_LEN)
        missing = [name for name in self.names if name not in x.interaction]
        if missing:
            raise InvalidArgumentError(f"x has no {', '.join(missing)}; it has {', '.join(x.interaction)}")
        if len(x) < 2:
            raise InvalidArgumentError(f"x has {len(x)} rows; two are needed, more are better")
        super().__init__(type(model).__name__, {name: x[name][:rows].cpu().numpy() for name in self.names})
        self.inputs = {**self.inputs, **self._other_fields()}
        self.fields = {}  # of the features: name, and whether its ids are strings

    def _other_fields(self):
        """What the model looks up for an item, its category …, for candidates and for behaviours."""
        item, history, _ = self.names
        arrays = {}
        for field in self.model.item_feat.columns:
            if field != item:
                values = self.model.item_feat[field].cpu().numpy()
                arrays[field] = values[self.inputs[item]]
                arrays[_in_history(field)] = values[self.inputs[history]]
        return arrays

    def scores_of(self, inputs):
        columns = {name: torch.as_tensor(numpy.ascontiguousarray(inputs[name])) for name in self.names}
        count = len(columns[self.names[0]])
        columns[self.model.USER_ID] = torch.zeros(count, dtype=torch.long)  # looked up, and not used
        columns = {name: column.to(self.model.device) for name, column in columns.items()}
        with torch.no_grad(), evaluating(self.model):
            scores = self.model.predict(columns)
        return scores.reshape(count, 1).cpu().double().numpy()

    def write(self, folder):
        path = Path(folder) / f"{self.name}.pth"
        saved = {
            "config": self.dataset.config,
            "state_dict": self.model.state_dict(),
            "other_parameter": self.model.other_parameter(),
        }
        with quiet():
            torch.save(saved, path, pickle_protocol=4)  # as the trainer does
        return path

    def understood(self, report, recipe):
        own, (item, history, length) = old_names(recipe), self.names
        inputs = [{"input": length, "becomes": "length", "padding_side": "right", "first_column": 0, "columns": 1}]
        for feature in open(report.path).features:
            field = own.get(feature.name, feature.name)
            self.fields[feature.name] = (field, feature.string_ids)
            use = {"feature": feature.name, "kind": feature.kind, "first_column": 0, "columns": None}
            inputs.append({**use, "input": field, "becomes": "feature", "role": feature.role})
            in_history = history if field == item else _in_history(field)
            inputs.append({**use, "input": in_history, "becomes": "history", "padding_id": 0})
        self.require_inputs(inputs)
        return inputs, recipe

    def request(self, request):
        for part in ("history", "candidates"):
            for feature, rows in request[part].items():
                field, strings = self.fields[feature]
                tokens = self.dataset.field2id_token[field][rows]
                request[part][feature] = [str(token) if strings else int(token) for token in tokens]
        return request


def _in_history(field):
    return f"{field} of the history"
