"""Copies the project's own checkpoints, recipes, requests and sample models into seeds for the fuzz targets.

usage: tests/fuzz/make_seeds.py FOLDER WRITE_SAMPLE_MODELS
  makes FOLDER/TARGET/ for each target that has some, in place of the FOLDER that was there
"""

import hashlib
import pathlib
import shutil
import struct
import subprocess
import sys
import zipfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CHECKPOINTS = [SOURCE / "tests/golden", SOURCE / "tests/converter/readers/fixtures", SOURCE / "examples/demo"]
HDF5 = b"\x89HDF"  # Keras': without_keras.cc says why not
LARGEST = 64 << 10  # of a seed: larger ones are slow, and say nothing that small ones do not


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def index_entries(table):
    """The entries of the first data block of a TensorFlow index: the target puts a frame around them."""
    _, at = varint(table, len(table) - 48)
    _, at = varint(table, at)
    begin, at = varint(table, at)  # the handle of the list of blocks
    _, at = varint(table, begin)
    key_size, at = varint(table, at)
    _, at = varint(table, at)
    begin, at = varint(table, at + key_size)
    size, _ = varint(table, at)
    block = table[begin : begin + size]
    return block[: len(block) - 4 - 4 * struct.unpack("<I", block[-4:])[0]]


def packed(files):
    """As packed_files.h reads it."""
    return b"".join(b"%s\n%d\n%s" % (name.encode(), len(data), data) for name, data in files)


def folder_files(folder):
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            yield name, index_entries(data) if name.endswith(".index") else data


def is_checkpoint_folder(folder):
    names = [path.name for path in folder.iterdir()]
    marks = (".metadata", "sparse.txt")
    return any(name in marks or name.endswith((".index", ".safetensors.index.json")) for name in names)


def seeds():
    for root in CHECKPOINTS:
        for path in sorted(root.rglob("*")):
            if path.is_dir() and is_checkpoint_folder(path):
                yield "checkpoint_folder", packed(folder_files(path))
            elif path.name == "golden.jsonl":
                yield "request_line", path.read_bytes()[:2000]
            elif path.suffix == ".toml":
                yield "recipe", path.read_bytes()
            elif path.is_file() and path.suffix not in (".py", ".txt", ".md", ".log", ".json", ".tsv", ".jsonl", ".cc"):
                data = path.read_bytes()
                if not data.startswith(HDF5):
                    yield "checkpoint_file", data
                if zipfile.is_zipfile(path):
                    yield from of_zip(path)
    for path in sorted((SOURCE / "tests/recipes").glob("*.toml")):
        yield "recipe", path.read_bytes()


def of_zip(path):
    with zipfile.ZipFile(path) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()[:16]]
    yield "checkpoint_zip", packed(members)
    for name, data in members:
        if name.endswith(".pkl"):
            yield "pickle", data


def main(folder, write_sample_models):
    shutil.rmtree(folder, ignore_errors=True)
    for target, seed in seeds():
        if len(seed) <= LARGEST:
            place = folder / target
            place.mkdir(parents=True, exist_ok=True)
            (place / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
    models = folder / "model_bytes"
    models.mkdir(parents=True)
    subprocess.run([write_sample_models, models], check=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2])
