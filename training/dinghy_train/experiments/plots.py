"""Plots of an outcome: the overfitting curves of the paper's figure 4, by epoch."""

import numpy as np
from dinghy_train.errors import TrainingError


def curves(outcome, path):
    """The test AUC after each epoch, the mean over the seeds, and the range between them."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise TrainingError("plots take matplotlib; pip install 'dinghy-train[plots]'") from error
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for name in outcome.trainings:
        lines = outcome.curve(name)
        shortest = min(map(len, lines))
        values = np.array([line[:shortest] for line in lines])
        epochs = np.arange(1, shortest + 1)
        (line,) = axes.plot(epochs, values.mean(axis=0), marker="o", markersize=3, label=name)
        axes.fill_between(epochs, values.min(axis=0), values.max(axis=0), color=line.get_color(), alpha=0.15)
    axes.set_xlabel("epoch")
    axes.set_ylabel("test AUC")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(path, metadata={"Date": None})
