"""The paper's plots: overfitting curves (figure 4), the attention of a user (figure 5), goods in two dimensions (figure 6)."""

from dataclasses import replace

import numpy as np
import torch
from dinghy_train.errors import TrainingError
from dinghy_train.requests import pages_of
from dinghy_train.trainer import scores

MOST_GOODS = 3000  # of figure 6


def figure(width, height):
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise TrainingError("plots take matplotlib; pip install 'dinghy-train[plots]'") from error
    made = Figure(figsize=(width, height), layout="constrained")
    return made, made.subplots()


def save(made, path):
    """The same bytes each time."""
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "dinghy"}):
        made.savefig(path, metadata={"Date": None})


def curves(outcome, path):
    """The test AUC after each epoch of an experiment: the mean over the seeds, and the range between them."""
    made, axes = figure(7, 4)
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
    save(made, path)


def both(network, samples, folder, prefix=""):
    """The plots of one network: goods.svg and, if it has a local activation unit, attention.svg."""
    if network.unit is not None:
        attention(network, samples, folder / f"{prefix}attention.svg")
    goods(network, samples, folder / f"{prefix}goods.svg")


def shown_page(samples, description):
    """The page of the user with the longest history, and of those the one with the most candidates."""
    return max(
        pages_of(samples, description), key=lambda rows: (samples.stop[rows[0]] - samples.start[rows[0]], len(rows))
    )


def attention(network, samples, path, candidates=12):
    """The weights of one user's behaviours for some candidates, a row for each candidate."""
    rows = np.array(shown_page(samples, network.description)[:candidates])
    network.eval()
    with torch.no_grad():
        weights = network.attention(samples.batch(rows)).numpy().reshape(len(rows), -1)
    first, length = network.description.history[-1].name, weights.shape[1]
    seen = samples.behaviours[first]
    made, axes = figure(1 + length / 4, 1.5 + len(rows) / 4)
    largest = np.abs(weights).max()
    image = axes.imshow(weights, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto")
    axes.set_xticks(
        range(length), [str(seen.row(samples.start[rows[0]] + i)) for i in range(length)], rotation=90, fontsize=6
    )
    axes.set_yticks(range(len(rows)), [str(samples.columns[first].row(i)) for i in rows], fontsize=6)
    axes.set_xlabel(f"{first} of the behaviours, oldest first")
    axes.set_ylabel(f"{first} of the candidate")
    made.colorbar(image, label="weight")
    save(made, path)


def goods(network, samples, path):
    """Goods by the two main directions of their query vectors, coloured by what one user's history makes of them."""
    user = shown_page(samples, network.description)[0]
    name = network.description.history[0].name
    column = samples.columns[name]
    if column.offsets is not None:
        raise TrainingError(f"the plot of goods tells them apart by {name!r}, which is a bag; let an id come first")
    rows = np.unique(column.values, axis=0, return_index=True)[1][:MOST_GOODS]
    mine = of_user(samples, network.description, rows, user)
    vectors = query_vectors(network, mine)
    centred = vectors - vectors.mean(axis=0)
    places = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    made, axes = figure(6, 5)
    points = axes.scatter(*places.T, c=scores(network, mine), s=6, cmap="viridis", rasterized=True)
    axes.set_xticks([])
    axes.set_yticks([])
    made.colorbar(points, label="score for one user")
    save(made, path)


def of_user(samples, description, rows, user):
    """Candidates of many samples, all for the user, the context and the history of one."""
    chosen, count = samples.subset(rows), len(rows)
    for feature in description.features:
        if feature.role != "candidate":
            chosen.columns[feature.name] = samples.columns[feature.name].take(np.full(count, user))
    return replace(chosen, start=np.full(count, samples.start[user]), stop=np.full(count, samples.stop[user]))


def query_vectors(network, samples):
    batch = samples.batch(np.arange(len(samples)))
    with torch.no_grad():
        vectors = {f.name: network.embeddings(f, batch.columns[f.name]) for f in network.description.history}
        return network.query(vectors).numpy()
