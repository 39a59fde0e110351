"""The case packed-tables: the network of unknown-code with tables that PyTorch's operators packed, and that they read."""

import behaviours
import torch
from request_lines import write_golden_rows
from torch import nn
from torch_training import tensors, train
from unknown_code_case import MAX_LENGTH, build


class PackedTable(nn.Module):
    """An nn.Embedding as rows of bytes with a scale; `bits` is "byte" or "4bit"."""

    def __init__(self, weight, bits):
        super().__init__()
        self.register_buffer("weight", getattr(torch.ops.quantized, f"embedding_bag_{bits}_prepack")(weight))
        self.lookup = getattr(torch.ops.quantized, f"embedding_bag_{bits}_rowwise_offsets")

    def forward(self, ids):
        bags_of_one = torch.arange(ids.numel())
        return self.lookup(self.weight, ids.flatten(), bags_of_one).reshape(*ids.shape, -1)


def pack(model):
    model.users = PackedTable(model.users.weight.detach(), "byte")
    model.goods = PackedTable(model.goods.weight.detach(), "byte")
    model.shelves = PackedTable(model.shelves.weight.detach(), "4bit")
    return model


def make(shop, folder):
    torch.manual_seed(6)
    examples = behaviours.training_examples(shop, 6000, MAX_LENGTH, seed=4)
    trained = train(build(), examples, epochs=12, rate=0.004)
    torch.save(pack(trained).state_dict(), folder / "model.pth")
    model = pack(build())
    model.load_state_dict(torch.load(folder / "model.pth", weights_only=True))
    model.eval()

    def score(request):
        columns = tensors(behaviours.model_columns(shop, request, MAX_LENGTH))
        with torch.no_grad():
            scores, weights = model(columns)
        return scores.numpy(), weights[:, : len(request["history"]["item"])].numpy()

    requests = behaviours.golden_requests(shop, MAX_LENGTH, seed=16)
    write_golden_rows(folder / "golden.jsonl", behaviours.add_dense(shop, requests, candidates=True), score)
