"""The engine as a DLL for Windows, from its amalgamation, and a program in C that links against it and opens a model by a
path that only UTF-8 can spell."""

import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = "x86_64-windows-gnu"
MODEL = "Modell für 模型.dinghy"  # as consumer.c calls it
FUNCTIONS = ROOT / "tests/engine/c_api_symbols.txt"
# One ISA shows what a DLL is; dinghy-device has scored with all.
KERNELS = ["sse4_2"]


def commands(zig, amalgamation):
    target = ["-target", TARGET, "-O2"]
    isas = [path.stem.removeprefix("dinghy_") for path in sorted(amalgamation.glob("dinghy_*.cc"))]
    flags = ["-std=c++20", "-fno-exceptions", "-fno-rtti", "-DDINGHY_EXPORTS"]
    flags += [f"-DDINGHY_WITHOUT_{isa.upper()}" for isa in isas if isa not in KERNELS]
    names = ["dinghy", *(f"dinghy_{isa}" for isa in KERNELS)]
    for name in names:
        yield [zig, "c++", *target, *flags, "-c", amalgamation / f"{name}.cc", "-o", f"{name}.o"]
    # By the driver for C: without a C++ runtime.
    objects = [f"{name}.o" for name in names]
    yield [zig, "cc", *target, "-shared", *objects, "-o", "dinghy.dll", "-Wl,--out-implib,dinghy.lib"]
    program = [ROOT / "tests/package/dll/consumer.c", "dinghy.lib", "-o", "consumer.exe"]
    yield [zig, "cc", *target, "-std=c11", "-Wall", "-Werror", "-DDINGHY_SHARED", f"-I{amalgamation}", *program]


def wrong_exports(library):
    said = subprocess.run(["llvm-readobj-22", "--coff-exports", library], check=True, capture_output=True, text=True)
    exported = set(re.findall(r"^ *Name: (\S+)$", said.stdout, re.MULTILINE))
    wrong = exported ^ set(FUNCTIONS.read_text().split())
    return f"exports are missing or too many: {', '.join(sorted(wrong))}" if wrong else ""


def build(zig, amalgamation, folder, environment):
    """What was said, where something is wrong."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for command in commands(zig, amalgamation):
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            return done.stdout + done.stderr
    return wrong_exports(folder / "dinghy.dll")


def run(runner, folder, models, environment):
    """What was said, where something is wrong."""
    shutil.copy(min(models.glob("*.dinghy")), folder / MODEL)
    variables = {
        **os.environ,
        **environment,
        "LC_ALL": "C.UTF-8",
    }  # how wine spells names of files; its code page stays
    done = subprocess.run([*runner, "consumer.exe"], cwd=folder, env=variables, capture_output=True, text=True)
    return "" if done.returncode == 0 and done.stdout.strip() == "right" else done.stdout + done.stderr
