"""A copy of the tree in build/, for scripts that build it with something changed."""

import os
import pathlib
import shutil
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parent.parent


def write(copy, content):
    """Writes a file, unless it is so already: it then keeps its time."""
    if copy.exists() and copy.read_bytes() == content:
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(content)


def update(tree, changed=(), added=()):
    """Makes `tree` what the source is, but for the files whose text `changed` gives ({file: text}), and those that
    `added` gives. Those that are right already keep their times. Files that the source lost stay."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listed, cwd=SOURCE, check=True, capture_output=True, text=True).stdout
    for file in filter(None, files.split("\0")):
        source, copy = SOURCE / file, tree / file
        if not source.is_file():
            continue
        write(copy, changed[file].encode() if file in changed else source.read_bytes())
        shutil.copymode(source, copy)
    for file in added:
        write(tree / file, added[file].encode())


def build(tree, preset, targets):
    """Its build folder lies in it as in the tree, so that ccache knows the files."""
    environment = {**os.environ, "CCACHE_BASEDIR": str(tree), "CCACHE_NOHASHDIR": "1"}
    launcher = "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"
    for command in (
        ["cmake", "--preset", preset, launcher],
        ["cmake", "--build", f"build/{preset}", "--target", *targets],
    ):
        subprocess.run(command, cwd=tree, check=True, env=environment, stdout=subprocess.DEVNULL)
