#!/usr/bin/env python3
"""A build without parts (engine/left_out.h) refuses by name what needs them, and keeps its functions.

usage: left_out.py LIBRARY DINGHY GOLDEN WORK     the shared library of scripts/size with all parts left out; the converter;
                                                  the folder of a golden checkpoint with recipe.toml; a folder to write to
"""

import ctypes
import json
import pathlib
import subprocess
import sys

OK, UNSUPPORTED = 0, 3


class Status(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int), ("message", ctypes.c_char * 252)]


class Engine:
    def __init__(self, library):
        self.library = ctypes.CDLL(library)
        self.library.dinghy_model_describe.restype = ctypes.c_size_t

    def open(self, path):
        """(code, message, model)"""
        status, model = Status(), ctypes.c_void_p()
        code = self.library.dinghy_model_open(str(path).encode(), ctypes.byref(model), ctypes.byref(status))
        return code, status.message.decode(), model

    def selftest(self, model):
        status = Status()
        return self.library.dinghy_model_selftest(model, None, ctypes.byref(status)), status.message.decode()

    def make_memo(self, model):
        status, memo = Status(), ctypes.c_void_p()
        code = self.library.dinghy_pair_memo_create(model, None, ctypes.byref(memo), ctypes.byref(status))
        return code, status.message.decode()

    def table(self, model):
        status, table = Status(), ctypes.c_void_p()
        code = self.library.dinghy_embedding_table_create(model, 0, False, ctypes.byref(table), ctypes.byref(status))
        return code, status.message.decode()

    def describe(self, model):
        size = self.library.dinghy_model_describe(model, None, ctypes.c_size_t(0))
        text = ctypes.create_string_buffer(size)
        self.library.dinghy_model_describe(model, text, ctypes.c_size_t(size))
        return json.loads(text.value)


def main(library, dinghy, golden, work):
    golden, work = pathlib.Path(golden), pathlib.Path(work)
    work.mkdir(parents=True, exist_ok=True)

    def convert(name, *options):
        model = work / name
        recipe = ["--recipe", golden / "recipe.toml", "--check", golden / "golden.jsonl"]
        subprocess.run(
            [dinghy, "convert", golden / "model.pth", *recipe, *options, "-o", model],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return model

    engine = Engine(library)
    code, message, model = engine.open(convert("floats.dinghy"))
    assert code == OK, message
    code, message = engine.make_memo(model)
    assert code == UNSUPPORTED and "without memo" in message, message
    code, message = engine.selftest(model)
    assert code == UNSUPPORTED and "without" in message, message
    assert "without" in engine.describe(model)["unsupported"]
    code, message, _ = engine.open(convert("integers.dinghy", "--compute", "int8", "--tolerance", "0.9"))
    assert code == OK, message  # computed in floats
    code, message, _ = engine.open(convert("int4.dinghy", "--tables", "i4", "--tolerance", "0.9"))
    assert code == UNSUPPORTED and "tables[0]" in message and "without int4" in message, message
    device = convert("device.dinghy", "--remote", "item", "--whole", work / "whole.dinghy")
    code, message, _ = engine.open(device)
    assert code == UNSUPPORTED and "without remote" in message, message
    code, message = engine.table(model)
    assert code == UNSUPPORTED and "without remote" in message, message


if __name__ == "__main__":
    main(*sys.argv[1:])
