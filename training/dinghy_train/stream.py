"""A model that goes on learning day by day: what each day brings, and how many rows an update of its file has to carry."""

import json

import numpy as np
from dinghy_train import export, recipe
from dinghy_train.errors import TrainingError
from dinghy_train.trainer import Trainer, measure


def train(settings, folder, dinghy):
    """Trains on the days of a stream, writes FOLDER/day-N.dinghy after each, and gives the day's record.

    The first day trains as the configuration says; each further day goes on for one epoch, with its optimizers.
    """
    if not hasattr(settings.form, "days"):
        raise TrainingError(f"{settings.path}: [data] form has no days; `stream` takes the form stream")
    if settings.regularization.kind == "filter":
        raise TrainingError(
            f"{settings.path}: [regularization] filter gives ids other rows each day; take another kind"
        )
    trainer = None
    for day, data in enumerate(settings.form.days(settings.data_seed), start=1):
        record = {"day": day, "data": data.name, "samples": len(data.train)}
        if trainer is None:
            trainer = Trainer(
                data.description, settings.network, settings.regularization, settings.training, data.train
            )
            changes = Changes(recipe.checkpoint_of(trainer.run.network))
        else:
            record["yesterday"] = measure(trainer.run.network, data.test)
            trainer.go_on(data.train, epochs=1)
        network = trainer.fit(data.valid, quiet=True).network
        record["today"] = measure(network, data.test)
        record |= changes.until(recipe.checkpoint_of(network))
        record["file"] = f"day-{day}.dinghy"
        record["proof"] = write(network, data, settings, folder, record, dinghy)
        yield record


def write(network, data, settings, folder, record, dinghy):
    """The day's file, proven equal to PyTorch."""
    origin = [
        f"Trained by dinghy-train at commit {export.commit()}",
        f"data: {data.name}, {len(data.train)} samples; seed: {settings.training.seed}",
        f"test AUC {record['today']['auc']:.6f}",
    ]
    made = export.Export(network, data.test, origin, folder / record["file"], folder / f"day-{record['day']}", dinghy)
    return list(made.exact())[-1]


class Changes:
    """How the tensors of a model move from day to day, from those of the untrained one on."""

    def __init__(self, tensors):
        self.before = {name: tensor.numpy() for name, tensor in tensors.items()}
        self.moved_once = {name: np.zeros(len(self.before[name]), dtype=bool) for name in self.tables()}

    def tables(self):
        return [name for name in self.before if name.startswith("table.")]

    def until(self, tensors):
        """Of each table the rows that moved and how far; of the layers how far a number moved at most."""
        before, self.before = self.before, {name: tensor.numpy() for name, tensor in tensors.items()}
        tables = {
            name.removeprefix("table."): self.of_table(name, before[name], self.before[name]) for name in self.tables()
        }
        layers = [
            np.abs(after - before[name]).max() for name, after in self.before.items() if name not in self.tables()
        ]
        return {"tables": tables, "layers": {"largest": float(max(layers))}}

    def of_table(self, name, before, after):
        moved = (before != after).any(axis=1)
        first = moved & ~self.moved_once[name]
        self.moved_once[name] |= moved
        distance = np.linalg.norm(after - before, axis=1)[moved]
        spread = np.quantile(distance, (0.5, 0.99, 1.0)) if moved.any() else np.zeros(3)
        return {
            "rows": len(moved),
            "moved": int(moved.sum()),
            "first": int(first.sum()),  # of them those that had never moved before
            "length": float(np.median(np.linalg.norm(after, axis=1))),  # of a row, to compare distances with
            "distance": dict(zip(("median", "99 %", "largest"), spread.tolist())),
        }


def table(records):
    """The records as a table of Markdown."""
    head = ["day", "samples", "AUC of yesterday's model", "AUC"]
    for name in records[0]["tables"]:
        head += [f"rows of {name} that moved", "for the first time", "how far: median, 99 %, largest"]
    lines = [head, ["--:"] * len(head), *map(row, records)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def row(record):
    before = f"{record['yesterday']['auc']:.4f}" if "yesterday" in record else ""
    cells = [str(record["day"]), str(record["samples"]), before, f"{record['today']['auc']:.4f}"]
    for change in record["tables"].values():
        far = ", ".join(f"{number:.3f}" for number in change["distance"].values())
        cells += [f"{change['moved']} of {change['rows']}", str(change["first"]), far]
    return cells


def save(records, folder):
    """Keeps the records as FOLDER/stream.json and their table as FOLDER/stream.md."""
    (folder / "stream.json").write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    (folder / "stream.md").write_text(table(records) + "\n", encoding="utf-8")
