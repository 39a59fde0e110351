"""The cases lightning-ema, averaged-model and weight-norm: DeepCTR-Torch's DIN as trainers wrap it and its weights.

Lightning's average and the last step's weights lie in one file; each has golden rows of its own.
"""

import pytorch_lightning as lightning
from deepctr_torch.models.din import DIN
from pytorch_lightning.callbacks import EMAWeightAveraging, ModelCheckpoint
from torch.nn.utils import parametrizations, prune
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import behaviours
import numpy as np
import torch
from deepctr_torch_cases import history, score, sparse
from request_lines import write_golden_rows
from torch import nn

MAX_LENGTH = 12


def build(seed):
    # The features stand in no order of their names, which an unwrapped checkpoint has to keep.
    histories = [history(name, 4, MAX_LENGTH, shared=True) for name in ("item", "category")]
    features = [sparse("user", 4), sparse("item", 4), sparse("category", 4), *histories]
    return DIN(
        features,
        ["item", "category"],
        dnn_hidden_units=(16, 8),
        att_hidden_size=(16, 8),
        att_activation="Dice",
        att_weight_normalization=True,
        seed=seed,
    )


def rows(model, shop):
    examples = behaviours.training_examples(shop, 6000, MAX_LENGTH, seed=2)
    columns = [np.asarray(examples[name], dtype=np.float32).reshape(6000, -1) for name in model.feature_index]
    return torch.utils.data.TensorDataset(torch.from_numpy(np.hstack(columns)), torch.from_numpy(examples["label"]))


def batches(model, shop):
    return torch.utils.data.DataLoader(rows(model, shop), batch_size=128, shuffle=True)


def write_scores(model, state, shop, path):
    """`state`: what the file gives, as the names of the model."""
    model.load_state_dict(state)
    requests = behaviours.golden_requests(shop, MAX_LENGTH, seed=21)
    write_golden_rows(path, requests, lambda request: score(model, shop, request, MAX_LENGTH))


class Clicks(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.model = build(1)
        self.criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(1.5))

    def training_step(self, batch, _):
        inputs, labels = batch
        return self.criterion(torch.logit(self.model(inputs)[:, 0], eps=1e-6), labels)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)


def make_lightning(shop, folder):
    """What Lightning's ModelCheckpoint writes while EMAWeightAveraging averages."""
    lightning.seed_everything(3, verbose=False)
    clicks = Clicks()
    saved = ModelCheckpoint(dirpath=folder, filename="model", save_on_train_epoch_end=True)
    trainer = lightning.Trainer(
        accelerator="cpu",
        max_epochs=6,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[EMAWeightAveraging(decay=0.99), saved],
    )
    trainer.fit(clicks, batches(clicks.model, shop))
    checkpoint = torch.load(folder / "model.ckpt", weights_only=False)
    for key, name in [("state_dict", "golden.average.jsonl"), ("current_model_state", "golden.last.jsonl")]:
        state = {name[6:]: value for name, value in checkpoint[key].items() if name.startswith("model.")}
        write_scores(build(2), state, shop, folder / name)


def train(model, shop, averaged=None):
    torch.manual_seed(4)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(6):
        for inputs, labels in batches(model, shop):
            loss = nn.functional.binary_cross_entropy(model(inputs)[:, 0], labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if averaged:
                averaged.update_parameters(model)
    print(f"  log loss {loss.item():.3f} in training")


def make_averaged(shop, folder):
    """The state_dict of torch's AveragedModel, whose buffers are averaged too."""
    model = build(1)
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.99), use_buffers=True)
    train(model, shop, averaged)
    torch.save(averaged.state_dict(), folder / "model.pth")
    loaded = AveragedModel(build(2))
    loaded.load_state_dict(torch.load(folder / "model.pth", weights_only=True))
    write_scores(build(3), loaded.module.state_dict(), shop, folder / "golden.jsonl")


def normed(seed):
    """Weight norm in both forms that torch has, one over columns, and a pruned layer."""
    model = build(seed)
    parametrizations.weight_norm(model.dnn.linears[0])
    nn.utils.weight_norm(model.dnn.linears[1], dim=1)
    nn.utils.weight_norm(model.attention.local_att.dense, dim=None)
    prune.l1_unstructured(model.attention.local_att.dnn.linears[0], "weight", amount=0.4)
    return model


def make_weight_norm(shop, folder):
    model = normed(1)
    train(model, shop)
    torch.save(model.state_dict(), folder / "model.pth")
    write_scores(normed(2), torch.load(folder / "model.pth", weights_only=True), shop, folder / "golden.jsonl")
