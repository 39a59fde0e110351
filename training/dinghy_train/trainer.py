"""Trains a network: sparse Adam for the tables, Adam for the rest, early stopping on a validation split.

The same seed gives the same weights, bit by bit, also when a training stops and goes on from its checkpoint.
"""

import os
import time
from dataclasses import asdict, dataclass, field, replace

from tqdm import tqdm

import numpy as np
import torch
from dinghy_train import metrics, regularization
from dinghy_train.errors import TrainingError
from dinghy_train.network import Network

EVALUATION_BATCH = 4096


@dataclass(frozen=True)
class TrainingSettings:
    seed: int = 1
    epochs: int = 8
    patience: int = 2  # epochs without a better validation before the training ends
    metric: str = "auc"  # or gauc: what the validation judges by
    batch: int = 512
    learning_rate: float = 1e-3
    decay: float = 1.0  # what each epoch multiplies the learning rate with

    def __post_init__(self):
        if self.metric not in ("auc", "gauc"):
            raise TrainingError(f"[training] metric is {self.metric!r}; it may be one of auc, gauc")
        for key in ("epochs", "patience", "batch", "learning_rate", "decay"):
            if getattr(self, key) <= 0:
                raise TrainingError(f"[training] {key} has to be above 0")


def scores(network, samples, batch=EVALUATION_BATCH):
    """The probabilities [samples] as float32."""
    network.eval()
    with torch.no_grad():
        return np.concatenate([torch.sigmoid(network(b)).numpy() for b in samples.batches(batch)])


def measure(network, samples):
    got = scores(network, samples)
    return {
        "auc": metrics.auc(got, samples.label),
        "gauc": metrics.gauc(got, samples.label, samples.group),
        "log_loss": metrics.log_loss(got, samples.label),
    }


@dataclass
class Run:
    """A training: its network, and what was measured after each epoch."""

    network: Network
    settings: TrainingSettings
    epochs: list = field(default_factory=list)  # {"epoch", "loss", "seconds", "valid": {...}, and what was watched}
    best: dict = field(default_factory=dict)  # the weights of the best epoch

    @property
    def best_epoch(self):
        """Index of the epoch with the best validation."""
        return int(np.argmax([epoch["valid"][self.settings.metric] for epoch in self.epochs]))

    def is_over(self):
        if len(self.epochs) >= self.settings.epochs:
            return True
        return bool(self.epochs) and len(self.epochs) - 1 - self.best_epoch >= self.settings.patience

    def at_best(self):
        """What was measured after the best epoch."""
        return self.epochs[self.best_epoch]


class Trainer:
    def __init__(self, description, network_settings, regularization_settings, settings, train):
        torch.manual_seed(settings.seed)
        network = Network(description, network_settings)
        self.regularization = regularization_settings
        self.learn_from(train, Run(network, settings))
        self.setup = {
            "features": [asdict(feature) for feature in description.features],
            "network": asdict(network_settings),
            "regularization": asdict(regularization_settings),
            "training": {k: v for k, v in asdict(settings).items() if k not in ("epochs", "patience")},
            "samples": len(train),
        }
        tables = network.sparse_parameters()
        self.optimizers = [torch.optim.Adam(network.dense_parameters(), lr=settings.learning_rate)]
        if tables:
            self.optimizers.append(torch.optim.SparseAdam(tables, lr=settings.learning_rate))

    def learn_from(self, train, run):
        self.penalty = regularization.prepare(run.network, train, self.regularization)
        self.run, self.train = run, train

    def go_on(self, train, epochs):
        """Lets the network and its optimizers go on with other samples, as a run of its own."""
        self.learn_from(train, Run(self.run.network, replace(self.run.settings, epochs=epochs)))

    def fit(self, valid, watched=None, checkpoint=None, quiet=False):
        """Trains until the validation gets no better; the network then is that of the best epoch.

        `watched`: further samples to measure after each epoch, by name. They decide nothing.
        """
        run = self.run
        while not run.is_over():
            began = time.process_time()
            loss = self.epoch(quiet)
            seconds = time.process_time() - began
            measured = {"valid": measure(run.network, valid)}
            measured |= {name: measure(run.network, samples) for name, samples in (watched or {}).items()}
            run.epochs.append({"epoch": len(run.epochs) + 1, "loss": loss, "seconds": seconds, **measured})
            if run.best_epoch == len(run.epochs) - 1:
                run.best = {name: tensor.clone() for name, tensor in run.network.state_dict().items()}
            if checkpoint is not None:
                self.save(checkpoint)
            if not quiet:
                tqdm.write(line_of(run.epochs[-1]))
        run.network.load_state_dict(run.best)
        return run

    def epoch(self, quiet):
        run, size = self.run, self.run.settings.batch
        order = np.random.default_rng([run.settings.seed, len(run.epochs)]).permutation(len(self.train))
        run.network.train()
        for group in (group for optimizer in self.optimizers for group in optimizer.param_groups):
            group["lr"] = run.settings.learning_rate * run.settings.decay ** len(run.epochs)
        losses = 0.0
        steps = tqdm(
            self.train.batches(size, order),
            desc=f"epoch {len(run.epochs) + 1}",
            total=-(-len(order) // size),
            leave=False,
            disable=True if quiet else None,  # None: only on a terminal
        )
        for batch in steps:
            losses += self.step(batch) * len(batch)
        loss = losses / len(order)
        if not np.isfinite(loss):
            raise TrainingError(
                f"epoch {len(run.epochs) + 1}: the loss is {loss}; try a smaller [training] learning_rate"
            )
        return loss

    def step(self, batch):
        network = self.run.network
        loss = torch.nn.functional.binary_cross_entropy_with_logits(network(batch), batch.label)
        penalty = self.penalty(network.ids(batch), len(batch))
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        (loss + penalty).backward()
        for optimizer in self.optimizers:
            optimizer.step()
        return loss.item()

    def save(self, path):
        """All that a training needs to go on, under its name once it is complete."""
        run = self.run
        state = {
            "setup": self.setup,
            "network": run.network.state_dict(),
            "best": run.best,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "random": torch.get_rng_state(),
            "epochs": run.epochs,
        }
        torch.save(state, f"{path}.part")
        os.replace(f"{path}.part", path)

    def resume(self, path):
        """Goes on where a checkpoint of the same training ended."""
        try:
            state = torch.load(path, weights_only=True)
            setup = state["setup"]
        except FileNotFoundError as error:
            raise TrainingError(
                f"{path}: no such file, so there is nothing to resume; train without --resume"
            ) from error
        except Exception as error:  # whatever a damaged file makes of torch
            raise TrainingError(f"{path}: no checkpoint of dinghy-train ({error}); delete it to begin anew") from error
        for part, value in self.setup.items():
            if plain(setup.get(part)) != plain(value):
                raise TrainingError(
                    f"{path}: made with other {part}: {setup.get(part)}; here {value}; delete it to begin anew"
                )
        self.run.network.load_state_dict(state["network"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        torch.set_rng_state(state["random"])
        self.run.best, self.run.epochs = state["best"], state["epochs"]


def plain(value):
    """Tuples and lists alike, since files do not tell them apart."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def line_of(epoch):
    parts = [f"epoch {epoch['epoch']}: loss {epoch['loss']:.4f}"]
    for name, measured in epoch.items():
        if isinstance(measured, dict):
            parts.append(f"{name} AUC {measured['auc']:.4f} GAUC {measured['gauc']:.4f}")
    return ", ".join([*parts, f"{epoch['seconds']:.1f} CPU s"])
