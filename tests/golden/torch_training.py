"""Training of the cases that are plain torch modules."""

import torch
from torch import nn


def tensors(columns):
    return {name: torch.from_numpy(column) for name, column in columns.items()}


def train(model, examples, epochs, rate, batch=128):
    """Trains on the columns of behaviours.training_examples(); the model gives its scores first."""
    columns = tensors(examples)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(epochs):
        for rows in torch.randperm(len(columns["label"])).split(batch):
            some = {name: column[rows] for name, column in columns.items()}
            loss = nn.functional.binary_cross_entropy(model(some)[0], some["label"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    print(f"  log loss {loss.item():.3f} in training")
    return model
