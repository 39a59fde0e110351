"""Rows as FBGEMM quantizes them, through PyTorch's operators: python fbgemm_rows.py > fbgemm_rows.txt

A line for each: the form, the numbers and the row, in hexadecimal. PyTorch has no operator for i8h, rows of 8 bits with
halves behind them, but the function of FBGEMM in its library.
"""

import ctypes
import pathlib
import struct

import torch

torch.manual_seed(5)
# FloatOrHalfToFusedNBitRowwiseQuantizedSBHalf<float>(bit_rate, input, rows, columns, output, row_ranges)
FUSED_N_BIT = ctypes.CDLL(pathlib.Path(torch.__file__).parent / "lib" / "libtorch_cpu.so")[
    "_ZN6fbgemm44FloatOrHalfToFusedNBitRowwiseQuantizedSBHalfIfEEviPKT_miPhS3_"
]


def eight_bits_with_halves(numbers):
    packed = torch.zeros(1, numbers.shape[1] + 4, dtype=torch.uint8)
    FUSED_N_BIT(
        ctypes.c_int(8),
        ctypes.c_void_p(numbers.data_ptr()),
        ctypes.c_size_t(1),
        ctypes.c_int(numbers.shape[1]),
        ctypes.c_void_p(packed.data_ptr()),
        None,
    )
    return packed


OPERATORS = {
    "i8": torch.ops.quantized.embedding_bag_byte_prepack,
    "i4": torch.ops.quantized.embedding_bag_4bit_prepack,
    "i8h": eight_bits_with_halves,
}


def rows():
    for width in (1, 2, 3, 7, 8, 18, 64, 65):
        yield torch.randn(width)
        yield torch.randn(width) * 1e-3 + 4
        yield torch.full((width,), 0.7)
        yield torch.zeros(width)
        yield torch.full((width,), -0.0)
        yield torch.randn(width).exp() * 1e3
        yield torch.randn(width) * 1e-40
        yield torch.randn(width) * 1e-9
        yield torch.randn(width) * 1e30
    yield torch.tensor([0.0, -0.0, 1.0, -1.0])
    yield torch.tensor([-3.4e38, 3.4e38, 0.0, 1.0])
    yield torch.tensor([65504.0, -65504.0, 65519.0, 1.0])
    yield torch.tensor([1e-45, -1e-45, 0.0, 6e-8])
    yield torch.arange(32) / 31
    yield torch.arange(512) / 2 - 100


for name, quantize in OPERATORS.items():
    for row in rows():
        if name == "i4" and len(row) % 2:  # the operator wants whole bytes
            continue
        packed = quantize(row[None].float())[0]
        numbers = struct.pack(f"<{len(row)}f", *row.tolist())
        print(name, numbers.hex(), bytes(packed.tolist()).hex())
