"""Writes the small checkpoints of tests/converter/readers/fixtures with the real PyTorch and NumPy.

    pip install torch==2.13.0 numpy safetensors==0.8.0 && python make_fixtures.py

Every value is a function of its position (see `ramp`), so that the tests need no copy of the numbers.
"""

import collections
import json
import os
import pathlib

import torch.distributed.checkpoint as distributed
import torch.distributed.tensor
from safetensors.torch import save_file as save_safetensors

import numpy
import torch

FIXTURES = pathlib.Path(__file__).parent / "fixtures"

DTYPES = ["float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool"]


def ramp(*shape, dtype=torch.float32):
    """0, 1, 2 … in row-major order."""
    count = int(numpy.prod(shape))
    return torch.arange(count).reshape(shape).to(dtype)


class Gate(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.alpha = torch.nn.Parameter(ramp(width))
        self.bn = torch.nn.BatchNorm1d(width, eps=1e-8)
        self.register_buffer("scratch", ramp(width), persistent=False)
        self.register_buffer("kept", ramp(width, dtype=torch.float64))


Column = collections.namedtuple("Column", ["name", "vocabulary_size", "embedding_dim"])


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.columns = [Column("item", 5, 2), Column("category", 3, 2)]
        self.history_names = ["item", "category"]
        self.weight_normalization = True
        self.embedding = torch.nn.ModuleDict({"item": torch.nn.Embedding(5, 2)})
        self.embedding["item"].weight.data = ramp(5, 2)
        self.embedding["hist_item"] = self.embedding["item"]
        self.gates = torch.nn.ModuleList([Gate(2), Gate(3)])
        self.out = torch.nn.Linear(3, 1, bias=False)
        self.out.weight.data = ramp(1, 3)
        self.myself = [self]  # objects that refer to each other occur in every saved training run


class Settings:
    """Attributes of slots, which a pickle has apart from others."""

    __slots__ = ("length",)

    def __init__(self):
        self.length = numpy.int64(12)


class DataSet:
    """What a package may pickle beside its weights."""

    def __init__(self):
        self.tokens = {
            numpy.str_("item"): numpy.array(["[PAD]", "7", "\u00e4\u20ac"]),
            "category": numpy.array(["[PAD]", numpy.str_("c1")], dtype=object),
            "empty": numpy.array([], dtype="U1"),
            "numbers": numpy.array([0, 7]),
        }
        self.sizes = collections.defaultdict(list, {numpy.str_("item"): [numpy.int32(3), numpy.uint8(2)]})
        self.names = collections.OrderedDict([(numpy.int64(5), numpy.str_("\u00e9")), (6, "plain")])
        self.rate, self.padded, self.key = numpy.float32(0.5), numpy.bool_(True), b"\xe9"
        self.kinds = {"token"}
        self.settings = Settings()


def save(name, value, **arguments):
    torch.save(value, FIXTURES / name, **arguments)


def write_torch():
    save(
        "dtypes.pth",
        {dtype: ramp(2, 3, dtype=getattr(torch, dtype)) for dtype in DTYPES}
        | {"scalar": torch.tensor(7.5), "empty": torch.zeros(0, 4)},
    )
    base = ramp(4, 6)
    save(
        "views.pth",
        {
            "base": base,
            "alias": base,
            "transposed": base.t(),
            "columns": base[:, 1:3],
            "every_other_row": base[::2],
            "last_row": base[3],
        },
    )
    state = collections.OrderedDict([("a.weight", ramp(2, 3)), ("b.weight", ramp(3))])
    save(
        "wrapped.pth",
        {
            "epoch": 3,
            "best_loss": torch.tensor(0.5),
            "note": "tiny",
            "model_state_dict": {"module." + name: value for name, value in state.items()},
        },
    )
    save("compiled.pth", {"state_dict": {"_orig_mod.module." + name: value for name, value in state.items()}})
    save("protocol4.pth", state, pickle_protocol=4)
    save("protocol5.pth", state, pickle_protocol=5)
    save("legacy.pth", state, _use_new_zipfile_serialization=False)
    save("whole.pth", Model())
    save("whole4.pth", Model(), pickle_protocol=4)
    beside = {"state_dict": state, "data": DataSet()}
    for protocol in 2, 3, 4, 5:
        save(f"data_set{protocol}.pth", beside, pickle_protocol=protocol)
    save("data_set_legacy.pth", beside, _use_new_zipfile_serialization=False)
    save("parameter.pth", {"weight": torch.nn.Parameter(ramp(2, 2))})
    save("expanded.pth", {"wide": ramp(1).expand(1000)})
    save("complex.pth", {"odd": torch.zeros(2, dtype=torch.complex64)})
    save("sparse.pth", {"odd": torch.eye(2).to_sparse()})
    save("negated.pth", {"odd": torch.imag(torch.ones(2, dtype=torch.complex64).conj())})
    average = {"model": state, "ema": {"decay": 0.9, "shadow": {"a.weight": ramp(2, 3) + 1}}}
    parameter = ramp(2).requires_grad_()
    optimizer = torch.optim.Adam([parameter])
    parameter.sum().backward()
    optimizer.step()
    save("shadow.pth", average | {"optimizer": optimizer.state_dict()})
    save("shadow_list.pth", {"model": state, "ema": {"decay": 0.9, "shadow_params": list(state.values())}})
    torch.jit.script(torch.nn.Linear(1, 1)).save(str(FIXTURES / "script.pt"))


def write_numpy():
    arrays = {dtype: numpy.arange(6).reshape(2, 3).astype(dtype) for dtype in DTYPES if dtype != "bfloat16"}
    arrays["scalar"] = numpy.float32(7.5)
    arrays["scope/fortran:0"] = numpy.asfortranarray(numpy.arange(6, dtype="f4").reshape(2, 3))
    numpy.savez(FIXTURES / "stored.npz", **arrays)
    numpy.savez_compressed(FIXTURES / "deflated.npz", **arrays)
    numpy.save(FIXTURES / "single.npy", numpy.arange(6, dtype="f8"))
    with open(FIXTURES / "version2.npy", "wb") as file:
        numpy.lib.format.write_array(file, numpy.arange(6, dtype="f4"), version=(2, 0))
    numpy.save(FIXTURES / "big_endian.npy", numpy.arange(6, dtype=">f4"))
    numpy.save(FIXTURES / "objects.npy", numpy.array([{}, "x"], dtype=object), allow_pickle=True)
    numpy.save(FIXTURES / "records.npy", numpy.zeros(2, dtype=[("a", "f4")]))
    numpy.save(FIXTURES / "text.npy", numpy.array(["a", "bc"]))
    numpy.save(FIXTURES / "ids.npy", numpy.array([7, 2**62 + 1]))
    numpy.save(
        FIXTURES / "object_ids.npy", numpy.array(["u1", "\u00e4\u20ac\U0001f600"], dtype=object), allow_pickle=True
    )
    numpy.save(FIXTURES / "wide_text.npy", numpy.array(["u1", "\u00e4\u20ac\U0001f600", ""]))


def write_safetensors():
    save_safetensors(
        {dtype: ramp(2, 3, dtype=getattr(torch, dtype)) for dtype in DTYPES} | {"scalar": torch.tensor(7.5)},
        FIXTURES / "dtypes.safetensors",
        metadata={"format": "pt"},
    )
    # The layout that huggingface_hub gives a model that is too large for one file.
    folder = FIXTURES / "sharded"
    folder.mkdir(exist_ok=True)
    shards = {
        "model-00001-of-00002.safetensors": {"embedding.weight": ramp(2, 3)},
        "model-00002-of-00002.safetensors": {"out.bias": ramp(2), "out.weight": ramp(2, 2)},
    }
    for name, tensors in shards.items():
        save_safetensors(tensors, folder / name)
    index = {
        "metadata": {"total_size": 48},
        "weight_map": {name: shard for shard in reversed(shards) for name in reversed(shards[shard])},
    }
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2))


def write_torch_shards():
    """The layout of the same for files of PyTorch; each is as the other tools write it too, by itself in a folder."""
    folder = FIXTURES / "sharded-torch"
    folder.mkdir(exist_ok=True)
    shards = {
        "pytorch_model-00001-of-00002.bin": {"model.table.weight": ramp(2, 3)},
        "pytorch_model-00002-of-00002.bin": {"model.out.weight": ramp(2, 2), "model.out.bias": ramp(2)},
    }
    for name, tensors in shards.items():
        save("sharded-torch/" + name, tensors)
    index = {"metadata": {}, "weight_map": {name: shard for shard in shards for name in shards[shard]}}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=2, sort_keys=True))


def write_dtensors(rank, processes):
    """A state_dict of DTensors, saved by the first of the processes."""
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29518"}
    torch.distributed.init_process_group("gloo", rank=rank, world_size=processes)
    mesh = torch.distributed.device_mesh.init_device_mesh("cpu", (processes,))
    state = {
        "table.weight": torch.distributed.tensor.distribute_tensor(
            ramp(5, 3), mesh, [torch.distributed.tensor.Shard(0)]
        ),
        "bias": torch.distributed.tensor.distribute_tensor(ramp(3), mesh, [torch.distributed.tensor.Replicate()]),
    }
    if rank == 0:
        save(f"dtensor-{processes}.pth", state)
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


def write_distributed():
    """Checkpoints of torch.distributed.checkpoint: one by one process, one whose table two processes share by rows."""
    state = {
        "model": {"table.weight": ramp(5, 3), "out.weight": ramp(2, 3)[:, 1:], "steps": 7},
        "optimizer": {"table.weight": ramp(5, 3)},
    }
    distributed.save(state, checkpoint_id=FIXTURES / "dcp", no_dist=True)
    torch.multiprocessing.spawn(write_sharded, args=(2,), nprocs=2)
    for processes in (1, 2):
        torch.multiprocessing.spawn(write_dtensors, args=(processes,), nprocs=processes)


def write_sharded(rank, processes):
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29517"}
    torch.distributed.init_process_group("gloo", rank=rank, world_size=processes)
    mesh = torch.distributed.device_mesh.init_device_mesh("cpu", (processes,))
    by_rows, by_columns = (torch.distributed.tensor.Shard(dimension) for dimension in (0, 1))
    state = {
        "rows.weight": torch.distributed.tensor.distribute_tensor(ramp(5, 3), mesh, [by_rows]),
        "columns.weight": torch.distributed.tensor.distribute_tensor(ramp(2, 5), mesh, [by_columns]),
        "bias": torch.distributed.tensor.distribute_tensor(ramp(3), mesh, [by_rows]),
    }
    distributed.save(state, checkpoint_id=FIXTURES / "dcp-sharded")
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    FIXTURES.mkdir(exist_ok=True)
    write_torch()
    write_numpy()
    write_safetensors()
    write_torch_shards()
    write_distributed()
