"""From the start of a process to its first score: Dinghy, LiteRT and ONNX Runtime, in turns; writes a table.

Every start is a process of its own that opens a workload's model, makes itself ready, scores one request and says what
that took (first_score.h). The scores of all are compared first.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from compare import commit, processor, version  # noqa: E402
from network import Network  # noqa: E402

TOLERANCE = 2e-5  # on the probability, for single precision in any order
STATES = {
    "warm": "all in the page cache",
    "model cold": "the model's file dropped from the page cache",
    "cold": "the model's file, the program and the engine's library dropped from the page cache",
}


@dataclasses.dataclass
class Contender:
    name: str
    command: list  # the program, what it loads, the model
    starts: dict = dataclasses.field(default_factory=lambda: {state: [] for state in STATES})

    def files(self, state):
        """What a start in this state finds on the disk alone."""
        files = [word for word in self.command if isinstance(word, pathlib.Path)]
        return {"warm": [], "model cold": files[-1:], "cold": files}[state]


def drop(path):
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)  # only what the disk has can be dropped
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def start(command):
    """Runs a program to its end; what it printed, with `exec`, the microseconds from here to its first score."""
    command = [str(word) for word in command]
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        streams = [(os.POSIX_SPAWN_DUP2, file.fileno(), number) for file, number in ((output, 1), (errors, 2))]
        begin = time.perf_counter_ns()  # of the monotonic clock, as the program's own
        child = os.posix_spawn(command[0], command, os.environ, file_actions=streams)
        failed = os.waitpid(child, 0)[1] != 0
        for file in (output, errors):
            file.seek(0)
        if failed:
            raise SystemExit(errors.read())
        report = json.loads(output.read().splitlines()[-1])  # engines greet on standard output too
    report["main_to_score"] = sum(report["steps"].values())
    report["exec"] = (report["main"] - begin) / 1000 + report["main_to_score"]
    return report


def library_of(package, pattern):
    """A library that a Python package of this environment has; the package is not imported."""
    site = pathlib.Path(next(p for p in sys.path if p.endswith("site-packages")))
    return next((site / package).glob(pattern))


def peers_of(options, folder):
    onnxruntime = [options.peers / "onnxruntime-start", library_of("onnxruntime", "capi/libonnxruntime.so.*")]
    litert = [options.peers / "litert-start", library_of("ai_edge_litert", "libLiteRt.so")]
    models = folder / "start"
    if not models.exists():
        subprocess.run([sys.executable, "-B", HERE / "export_models.py", folder, models], check=True)
    for form in sorted(path.name for path in models.iterdir()):
        yield Contender(f"ONNX Runtime, {form}", [*onnxruntime, models / form / "model.onnx"])
        yield Contender(f"ONNX Runtime, {form}, optimized beforehand", [*onnxruntime, models / form / "model.ort"])
        yield Contender(f"LiteRT, {form}", [*litert, models / form / "model.tflite"])


def check(contenders, request):
    expected = None
    for contender in contenders:
        scores = start([*contender.command, *request])["scores"]
        expected = expected or scores
        error = max(abs(a - b) for a, b in zip(scores, expected, strict=True))
        if not error <= TOLERANCE:
            raise SystemExit(f"scores differ: {contender.name} {error:.1e}")


def take_turns(contenders, request, rounds):
    for _ in range(rounds):
        for state, contender in ((s, c) for s in STATES for c in contenders):
            for path in contender.files(state):
                drop(path)
            contender.starts[state].append(start([*contender.command, *request]))
            if state != "warm" and contender.starts[state][-1]["disk"] == 0:
                raise SystemExit(
                    f"{contender.files(state)}: nothing came from the disk; is a file in use, or in memory?"
                )


def median(starts, key):
    return statistics.median(report[key] for report in starts)


def row(contender, state, dinghy):
    starts = contender.starts[state]
    exec_times = [report["exec"] for report in starts]
    steps = ", ".join(
        f"{step} {statistics.median(report['steps'][step] for report in starts) / 1000:.2f}"
        for step in starts[0]["steps"]
    )
    faults = f"{median(starts, 'minor'):.0f} / {median(starts, 'major'):.0f}"
    ratio = median(starts, "exec") / median(dinghy.starts[state], "exec")
    return (
        f"| {contender.name} | {statistics.median(exec_times) / 1000:.2f} | {min(exec_times) / 1000:.2f} | "
        f"{max(exec_times) / 1000:.2f} | {median(starts, 'main_to_score') / 1000:.2f} | {ratio:.1f} | {steps} | {faults} | "
        f"{median(starts, 'read') / 1000:.0f} | {median(starts, 'disk') / 1000:.0f} |"
    )


def table(contenders, state):
    heads = (
        "engine",
        "exec to score, ms",
        "least",
        "most",
        "main to score",
        "to Dinghy's",
        "its steps",
        "faults, minor / major",
        "KB by read()",
        "KB from the disk",
    )
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|--:" * 5 + "|---" + "|--:" * 3 + "|"]
    ranked = sorted(contenders, key=lambda c: median(c.starts[state], "exec"))
    return lines + [row(contender, state, contenders[0]) for contender in ranked]


def compare(options, folder):
    net = Network(folder)
    model = folder / "model.dinghy"
    contenders = [
        Contender("Dinghy", [options.dinghy, model]),
        Contender("Dinghy, prefetch", [options.dinghy, "--prefetch", model]),
        *peers_of(options, folder),
    ]
    request = [f"{name}={','.join(map(str, ids))}" for name, ids in net.request(0).items()]
    check(contenders, request)
    take_turns(contenders, request, options.rounds)
    lines = [f"## {folder.name}: {net.candidates} candidates, {net.history} behaviours, keys of {net.width}", ""]
    for state, what in STATES.items():
        lines += [f"{state.capitalize()}: {what}.", "", *table(contenders, state), ""]
    return lines


def heading(rounds):
    text = f"""# From the start of a process to its first score

Written by `bench/peers/run --start` on {processor()}, one core.
Dinghy {commit()}; {version("litert")}, {version("onnxruntime")}.

{rounds} rounds of one start each, in turns, medians. `exec to score` begins in the parent before it starts the process;
`main to score` in the program. Dinghy is linked into its program, the others' libraries, those of their Python packages,
are loaded by theirs (`load`). All are called from C or C++ on one thread.
"""
    return text.splitlines() + [""]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=pathlib.Path, help="of workloads, from dinghy-make-workloads --npy")
    parser.add_argument("--dinghy", type=pathlib.Path, required=True, help="the program dinghy-start")
    parser.add_argument("--peers", type=pathlib.Path, required=True, help="folder of litert-start, onnxruntime-start")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    lines = heading(options.rounds)
    for folder in options.folders:
        lines += compare(options, folder.resolve())
    options.output.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
