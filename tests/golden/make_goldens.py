#!/usr/bin/env python3
"""Makes the golden cases of this folder anew: `python3 make_goldens.py [CASE …]`. README.md says what they need."""

import importlib
import pathlib
import sys

import behaviours

HERE = pathlib.Path(__file__).parent

# Case -> module and function; modules are imported when they are needed, since frameworks are slow to import.
CASES = {
    "ai-recommendersystem": ("ai_recommender_system_case", "make"),
    "deepctr-raw-hash": ("deepctr_cases", "make_raw_hash"),
    "deepctr-softmax-bn": ("deepctr_cases", "make_softmax_bn"),
    "deepctr-torch-softmax": ("deepctr_torch_cases", "make_softmax"),
    "deepctr-torch-raw": ("deepctr_torch_cases", "make_raw"),
    "deepctr-torch-sigmoid-bn": ("deepctr_torch_cases", "make_sigmoid_bn"),
    "fuxictr": ("fuxictr_case", "make"),
    "fuxictr-specs": ("fuxictr_case", "make_specs"),
    "fuxictr-content": ("fuxictr_case", "make_content"),
    "librecommender": ("librecommender_case", "make"),
    "librecommender-numbers": ("librecommender_numbers_case", "make"),
    "paddlerec-form": ("paddlerec_case", "make"),
    "librecommender-dot": ("librecommender_case", "make_dot"),
    "deepctr-torch-raw/onnx": ("onnx_cases", "make_raw"),
    "deepctr-torch-sigmoid-bn/onnx": ("onnx_cases", "make_sigmoid_bn"),
    "nvidia-sim-dot": ("nvidia_sim_case", "make_dot"),
    "nvidia-sim-unit": ("nvidia_sim_case", "make_unit"),
    "averaged-model": ("wrapped_cases", "make_averaged"),
    "lightning-ema": ("wrapped_cases", "make_lightning"),
    "weight-norm": ("wrapped_cases", "make_weight_norm"),
    "packed-tables": ("packed_tables_case", "make"),
    "recbole": ("recbole_case", "make"),
    "torch-easyrec-form": ("torch_easyrec_case", "make"),
    "rechorus-form": ("rechorus_case", "make"),
    "rechorus-numbers-form": ("rechorus_case", "make_numbers"),
    "seed-keras3": ("keras_case", "make"),
    "seed-keras3-graph": ("keras_graph_case", "make"),
    "seed-npz": ("seed_case", "make"),
    "prediction-flow": ("prediction_flow_case", "make"),
    "torch-rechub-shared": ("torch_rechub_case", "make_shared"),
    "torch-rechub-softmax": ("torch_rechub_case", "make_softmax"),
    "widedeep": ("widedeep_case", "make"),
    "reclearn": ("reclearn_case", "make"),
    "reclearn-train": ("reclearn_case", "make_train_py"),
    "sparrow-form": ("sparrow_case", "make"),
    "unknown-code": ("unknown_code_case", "make"),
    "xdl-form": ("xdl_case", "make"),
    "zhougr-form": ("tf1_cases", "make_zhougr"),
    "dien-form": ("tf1_cases", "make_dien"),
}


def main(names):
    unknown = [name for name in names if name not in CASES]
    if unknown:
        raise SystemExit(f"no case {', '.join(unknown)}; there are {', '.join(CASES)}")
    for name in names or CASES:
        print(name)
        folder = HERE / name.split("/")[0]
        folder.mkdir(exist_ok=True)
        module, function = CASES[name]
        getattr(importlib.import_module(module), function)(behaviours.open_shop(), folder)


if __name__ == "__main__":
    main(sys.argv[1:])
