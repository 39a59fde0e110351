"""ONNX files beside the checkpoints of deepctr-torch-raw and deepctr-torch-sigmoid-bn, by PyTorch's exporters.

They hold the weights of model.pth, so golden.jsonl counts for them too.
"""

import contextlib
import io

import onnx
import torch
from deepctr_torch_cases import load, raw_model, sigmoid_bn_model


def make_raw(shop, folder):
    model = load(raw_model(4), folder).eval()
    export_torchscript(model, folder)
    export_dynamo(model, folder)


def make_sigmoid_bn(shop, folder):
    export_torchscript(load(sigmoid_bn_model(6), folder).eval(), folder)


NAMES = {"input_names": ["x"], "output_names": ["score"]}


def example_of(model):
    return (torch.ones(3, max(end for _, end in model.feature_index.values())),)


def export_torchscript(model, folder):
    torch.onnx.export(
        model,
        example_of(model),
        folder / "model.torchscript.onnx",
        dynamic_axes={"x": {0: "batch"}},
        dynamo=False,
        **NAMES,
    )


def export_dynamo(model, folder):
    path = folder / "model.dynamo.onnx"
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(
            model,
            example_of(model),
            path,
            dynamic_shapes=({0: torch.export.Dim("batch", min=2)},),
            dynamo=True,
            external_data=False,
            **NAMES,
        )
    clear_traces(path)


def clear_traces(path):
    """Stack traces of the exporting process are half of the file."""
    model = onnx.load(path)
    for node in model.graph.node:
        del node.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output]:
        del value.metadata_props[:]
    del model.graph.metadata_props[:]
    del model.metadata_props[:]
    onnx.save(model, path)
