"""Live models become .dinghy files: the module and one batch are all that it takes."""

import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
from dinghy.conversion import Report, converted, warn_of_assumptions
from dinghy.errors import ConversionError, InvalidArgumentError
from dinghy.packages import require
from dinghy.rows import FilePath, Rows

if TYPE_CHECKING:
    import keras
    import torch

LEAST_SPREAD = 1e-3  # of scores: a hundred times the tolerance


def export(
    module: "torch.nn.Module | keras.Model",
    batch: Any,
    output: FilePath,
    *,
    score: "Callable[[Any], torch.Tensor] | None" = None,
    rows: int = 100,
    recipe: FilePath | Mapping[str, Any] | None = None,
    tolerance: float | None = None,
    tables: str | None = None,
    budget: str | None = None,
    compute: str | None = None,
    eval: Rows | None = None,
    max_auc_loss: float | None = None,
    user_feature: str | None = None,
    name: str | None = None,
    model_version: str | None = None,
) -> Report:
    """Writes a live PyTorch module or Keras model as a .dinghy file, and proves that it gives the same scores.

    module: a trained Deep Interest Network, a PyTorch module or a Keras model. It is computed in evaluation mode on the
        CPU, and left as it was.
    batch: what the module takes, as training has it: a tensor, a tuple for several arguments, or a dict, either for
        arguments by name or for a single argument that is a dict. Tensors or arrays [rows, …], two rows at least. For a
        Keras model, and for one of DeepCTR, DeepCTR-Torch, FuxiCTR, RecBole or torch-rechub: what predict takes.
    output: the path of the file to write; nothing is left there when anything fails.
    score: makes the scores of what the module returns, where that is not a tensor [rows], [rows, 1] or, for several
        candidates of a user, [rows, candidates]: `lambda out: out["probability"]`. Logits will do.
    rows: how many rows of the batch become golden rows, with the module's scores. Some of them are taken again with
        shorter histories, so that padding is proven too.
    recipe: for [rename], and for the roles of features in [inputs]; nothing else has to be said.
    The others are those of dinghy.convert.

    The module's graph is read: by torch.export and ONNX, which need the packages torch, onnx and onnxscript, or that of
    a Keras model by tf2onnx; of DeepCTR and RecBole the file that they save. Features are called as the module's
    arguments are, columns of the history as the feature of the candidate that they are compared with. Returns the
    conversion's Report, whose `inputs` say what each argument of a graph became. Warns of each choice that was assumed
    (AssumptionWarning) and of scores that are all alike. Raises ConversionError with the operation that is not
    understood or the row whose score differs, MissingPackageError without those packages.
    """
    from dinghy.exporting.requests import golden_rows

    live = live_model(module, batch, score, rows)
    warn_of_equal_scores(live)
    with tempfile.TemporaryDirectory(prefix="dinghy-") as folder:
        file = live.write(folder)
        try:
            draft = converted(file, Path(folder) / "draft.dinghy", recipe=recipe)
            inputs, recipe = live.understood(draft, recipe)
            report = converted(
                file,
                output,
                check=golden_rows(live, inputs),
                recipe=recipe,
                tolerance=tolerance,
                tables=tables,
                budget=budget,
                compute=compute,
                eval=eval,
                max_auc_loss=max_auc_loss,
                user_feature=user_feature,
                name=name,
                model_version=model_version,
            )
        except ConversionError as error:
            raise ConversionError(named(str(error), file)) from None
    report.checkpoint, report.text = live.name, named(report.text, file)
    warn_of_assumptions(report, stacklevel=3)
    return report


def live_model(model, batch, score, rows):
    """The Live of a model: by the packages that its classes come from, of which only its own is imported."""
    packages = {base.__module__.split(".")[0] for base in type(model).__mro__}
    if packages & {"keras", "tf_keras"} and "torch" not in packages:
        require("exporting a Keras model", "tensorflow", "tf2onnx", "onnx")
        from dinghy.exporting.keras_model import keras_model

        return keras_model(model, batch, score, rows)
    if "recbole" in packages:
        from dinghy.exporting.recbole_model import RecboleModel

        if score is not None:
            raise InvalidArgumentError("RecBole's predict gives the scores; leave `score` out")
        return RecboleModel(model, batch, rows)
    require("exporting a PyTorch module", "torch", "onnx", "onnxscript")
    from dinghy.exporting.graph import Graph
    from dinghy.exporting.known import call_of

    return Graph(model, call_of(model, batch, score), rows)


def warn_of_equal_scores(live):
    """A network that was read wrongly would give them too."""
    scores = live.scores[numpy.isfinite(live.scores)]
    if len(scores) and numpy.ptp(scores) < LEAST_SPREAD:
        text = f"{live.name} gives all rows of the batch nearly the same score, which proves little; export it trained"
        warnings.warn(text, stacklevel=3)


def named(text, file):
    """A message about the graph's file, or about its folder where weights lie beside it, as one about the module."""
    return text.replace(str(file), file.stem).replace(str(file.parent), file.stem)
