"""Dinghy: scores with trained Deep Interest Networks.

model = dinghy.open("ctr.dinghy")
scores = model.score(user={"user": 39}, history={"item": [79, 105]}, candidates={"item": [162, 240]})
"""

from importlib.metadata import version as _version

from dinghy._engine import ArrowScores, Feature, History, Model, PairMemo, Table, TableRows, User, isas
from dinghy.batches import BatchScorer
from dinghy.conversion import Choice, Report, convert
from dinghy.errors import (
    ArgumentTypeError,
    AssumptionWarning,
    BadFileError,
    ConversionError,
    EmptyHistoryError,
    Error,
    FileError,
    InvalidArgumentError,
    LimitExceededError,
    MissingIdError,
    MissingPackageError,
    OutOfMemoryError,
    UnavailableIsaError,
    UnknownIsaError,
    UnsupportedError,
    VersionMismatchError,
    WrongScoresError,
)
from dinghy.explaining import Explanation, explain_scores
from dinghy.exporting import export
from dinghy.measuring import evaluate, inspect
from dinghy.opening import open
from dinghy.plotting import plot_attention, plot_latency, plot_quantization
from dinghy.predicting import predict

__version__ = _version("dinghy")

__all__ = [
    "ArgumentTypeError",
    "ArrowScores",
    "AssumptionWarning",
    "BadFileError",
    "BatchScorer",
    "Choice",
    "ConversionError",
    "EmptyHistoryError",
    "Error",
    "Explanation",
    "Feature",
    "FileError",
    "History",
    "InvalidArgumentError",
    "LimitExceededError",
    "MissingIdError",
    "MissingPackageError",
    "Model",
    "OutOfMemoryError",
    "PairMemo",
    "Report",
    "Table",
    "TableRows",
    "UnavailableIsaError",
    "UnknownIsaError",
    "UnsupportedError",
    "User",
    "VersionMismatchError",
    "WrongScoresError",
    "convert",
    "evaluate",
    "explain_scores",
    "export",
    "inspect",
    "isas",
    "open",
    "plot_attention",
    "plot_latency",
    "plot_quantization",
    "predict",
]
