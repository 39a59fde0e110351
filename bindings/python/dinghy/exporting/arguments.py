"""The arguments of a module as arrays with names."""

import inspect

from torch.utils import _pytree as pytree

import numpy
import torch
from dinghy.errors import InvalidArgumentError


class Arguments:
    """What a module is called with. Its tensors are inputs, all else stays as it is."""

    def __init__(self, module, batch):
        parameters = list(inspect.signature(module.forward).parameters.values())
        tree = pytree.tree_map_only(_is_array, _tensor, _call(batch, parameters))
        self._tree = pytree.tree_map_only(torch.Tensor, lambda tensor: tensor.detach().cpu(), tree)
        self._names = _names(self._tree, parameters)
        counts = {name: len(tensor) if tensor.ndim else 0 for name, tensor in zip(self._names, self._tensors())}
        if not counts:
            raise InvalidArgumentError("the batch holds no tensor and no array")
        if len(set(counts.values())) > 1 or min(counts.values()) < 2:
            rows = ", ".join(f"{count} of {name}" for name, count in counts.items())
            raise InvalidArgumentError(
                f"a batch has the same number of rows everywhere, two or more; this one has {rows}"
            )

    def _tensors(self):
        return [leaf for leaf in pytree.tree_leaves(self._tree) if isinstance(leaf, torch.Tensor)]

    def head(self, rows):
        self._tree = pytree.tree_map_only(torch.Tensor, lambda tensor: tensor[:rows], self._tree)
        return self

    def arrays(self):
        return {name: tensor.numpy() for name, tensor in zip(self._names, self._tensors())}

    def with_arrays(self, arrays):
        """args, kwargs and their tensors, with these arrays in the place of the batch's."""
        tensors = [torch.as_tensor(numpy.ascontiguousarray(arrays[name])) for name in self._names]
        return *self.filled(tensors), tensors

    def filled(self, tensors):
        """(args, kwargs) with these tensors in the place of the batch's."""
        left = iter(tensors)
        return pytree.tree_map_only(torch.Tensor, lambda _: next(left), self._tree)


def _is_array(leaf):
    return hasattr(leaf, "__array__") and not isinstance(leaf, torch.Tensor)


def _tensor(array):
    return torch.as_tensor(numpy.array(array))  # a copy, for arrays that must not be written to


def _call(batch, parameters):
    """(args, kwargs) of a batch."""
    if isinstance(batch, (tuple, list)):
        return tuple(batch), {}
    names = {parameter.name for parameter in parameters}
    if isinstance(batch, dict) and batch.keys() <= names:
        return (), {parameter.name: batch[parameter.name] for parameter in parameters if parameter.name in batch}
    return (batch,), {}


def _names(tree, parameters):
    """Of each tensor: the key of a dict that holds it, else the name of its argument."""
    names = []
    for path, leaf in pytree.tree_flatten_with_path(tree)[0]:
        if not isinstance(leaf, torch.Tensor):
            continue
        place, first, *deeper = [getattr(step, "key", getattr(step, "idx", None)) for step in path]
        argument = first if place == 1 else parameters[min(first, len(parameters) - 1)].name
        keys = [key for key in deeper if isinstance(key, str)]
        name = keys[-1] if keys else "_".join(map(str, [argument, *deeper]))
        names.append(name if name not in names else "_".join(map(str, [argument, *deeper])))
    return names
