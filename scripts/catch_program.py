"""The test cases of a Catch2 program, one at a time."""

import json
import os
import pathlib
import re
import subprocess
import tempfile


def tests_of(program, spec=()):
    """Names of its test cases, or of those that `spec` picks."""
    listed = [program, "--list-tests", "--reporter", "json", *spec]
    out = subprocess.run(listed, check=True, capture_output=True, text=True).stdout
    return [test["name"] for test in json.loads(out)["listings"]["tests"]]


def run_test(program, test, seconds, **variables):
    """None when it passes or is skipped, else how it ended. What it leaves in the folder for temporary files goes."""
    spec = re.sub(r"([\\,\[\]\"])", r"\\\1", test)
    with tempfile.TemporaryDirectory() as folder:
        try:
            ended = subprocess.run(
                [program, "--abort", spec],
                cwd=pathlib.Path(program).parent,
                env={**os.environ, "TMPDIR": folder, **variables},
                timeout=seconds,
                capture_output=True,
            ).returncode
        except subprocess.TimeoutExpired:
            return "a time-out"
    return None if ended in (0, 4) else f"signal {-ended}" if ended < 0 else "a test"  # 4: skipped
