"""export_models.py WORKLOAD FOLDER: writes what compare_starts.py starts with, for each of FORMS a folder:
model.onnx, model.ort (the same optimized beforehand, in ONNX Runtime's own format) and model.tflite.

A process of its own: what it loads stays out of the one that drops files from the page cache.
"""

import pathlib
import sys

import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import network  # noqa: E402
from ops import onnx_ops, tensorflow_ops  # noqa: E402

FORMS = ("folded, weights", "exported, tiled")


def save_optimized(graph, path):
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(path)
    options.add_session_config_entry("session.save_model_format", "ORT")
    onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def main():
    workload, target = map(pathlib.Path, sys.argv[1:])
    net = network.Network(workload)
    for name in FORMS:
        folder = target / name
        folder.mkdir(parents=True, exist_ok=True)
        form = network.FORMS[name]
        onnx_ops.save_graph(net, form, folder / "model.onnx")
        save_optimized(folder / "model.onnx", folder / "model.ort")
        tensorflow_ops.save_graph(net, form, folder / "model.tflite", int8=False)


if __name__ == "__main__":
    main()
