"""patch_cpuid.py TARGET PACKAGE...: copies of Python packages whose libraries do not see AVX-512.

LiteRT, ONNX Runtime, MNN and ncnn ask the processor what it can and have no switch to ask for less. Every CPUID
instruction of their libraries becomes UD2, of the same two bytes, which hide_avx512.c answers.
"""

import pathlib
import re
import shutil
import subprocess
import sys

CPUID, UD2 = b"\x0f\xa2", b"\x0f\x0b"


def segments(library):
    """(address, offset in the file, size) of what the library has in memory."""
    headers = subprocess.run(["readelf", "--wide", "--segments", library], text=True, capture_output=True).stdout
    for line in headers.splitlines():
        words = line.split()
        if words and words[0] == "LOAD":
            yield int(words[2], 16), int(words[1], 16), int(words[4], 16)


def patch(library):
    """The number of instructions replaced; those bytes inside of other instructions stay."""
    data = bytearray(library.read_bytes())
    if CPUID not in data:
        return 0
    parts = list(segments(library))
    command = ["objdump", "--disassemble", "--no-show-raw-insn", library]
    count = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as disassembly:
        for line in disassembly.stdout:
            found = re.match(r"\s*([0-9a-f]+):\s+cpuid\s*$", line)
            if not found:
                continue
            address = int(found[1], 16)
            place = next(address - start + offset for start, offset, size in parts if start <= address < start + size)
            if data[place : place + 2] != CPUID:
                raise SystemExit(f"{library}: no CPUID at {place:#x}")
            data[place : place + 2] = UD2
            count += 1
    library.write_bytes(data)
    return count


def main():
    target = pathlib.Path(sys.argv[1])
    site = pathlib.Path(next(p for p in sys.path if p.endswith("site-packages")))
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for package in sys.argv[2:]:
        for source in site.glob(package):
            copy = target / source.name
            shutil.copytree(source, copy, symlinks=True) if source.is_dir() else shutil.copy2(source, copy)
    for library in sorted(target.rglob("*.so*")):
        if not library.is_symlink() and (count := patch(library)):
            print(f"{library.relative_to(target)}: {count} CPUID instructions")


if __name__ == "__main__":
    main()
