"""Times Dinghy and the general engines in turns, on the same networks and the same requests, and writes a table.

Each engine runs every form of the graph (network.FORMS); its best exported and its best folded one, by a short trial,
take part in the comparison. All scores are compared with NumPy in double precision first.
"""

import argparse
import dataclasses
import importlib.metadata
import itertools
import math
import pathlib
import platform
import subprocess
import sys

import numpy as np
from network import FORMS, Network
from ops import numpy_ops
from worker_process import Worker

HERE = pathlib.Path(__file__).resolve().parent
ENGINES = {
    "litert": ("LiteRT", "ai-edge-litert"),
    "onnxruntime": ("ONNX Runtime", "onnxruntime"),
    "openvino": ("OpenVINO", "openvino"),
    "mnn": ("MNN", "mnn"),
    "ncnn": ("ncnn", "ncnn"),
    "torch": ("PyTorch", "torch"),
}
PRECISIONS = {
    "litert": ["fp32", "int8 dynamic"],
    "onnxruntime": ["fp32", "int8", "int8 dynamic"],
    "openvino": ["fp32", "int8"],
    "mnn": ["fp32", "int8 dynamic"],
    "ncnn": ["fp32", "int8"],
    "torch": ["fp32"],
}
# PyTorch is not among the packages that avx2_only/ copies: it has switches.
AVX2_SWITCHES = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
DINGHY_MODELS = {"fp32": "model.dinghy", "int16": "model-int16.dinghy", "int8": "model-int8.dinghy"}
CHECKED_REQUESTS = 4
TOLERANCE = 2e-5  # on the probability, for single precision in any order
TURN_US = 60_000
TRIAL_US = 200_000


@dataclasses.dataclass
class Contender:
    name: str
    form: str  # how its graph is written; "" for Dinghy
    precision: str
    worker: Worker
    error: float  # largest distance to the double-precision scores
    turn: int = 0  # requests of a turn
    runs: list = dataclasses.field(default_factory=list)  # for each run the times

    @property
    def fastest(self):
        return min(map(min, self.runs))

    def percentile(self, share):
        """The smallest time that this share of all do not exceed, as in dinghy-bench."""
        times = sorted(time for run in self.runs for time in run)
        return times[max(0, math.ceil(share * len(times)) - 1)]


def log(*words):
    print(*words, file=sys.stderr, flush=True)


def largest_error(worker, expected):
    return max(float(np.max(np.abs(np.asarray(worker.scores(i)) - scores))) for i, scores in enumerate(expected))


def trial(worker):
    """The fastest of some requests, in microseconds."""
    worker.times(0, 3)
    first = min(worker.times(0, 3))
    return min(worker.times(0, max(3, int(TRIAL_US / first))))


def engine_worker(engine, folder, form, precision, avx2_only):
    environment = {"TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1"}
    if avx2_only:
        environment |= {"PYTHONPATH": avx2_only, "LD_PRELOAD": avx2_only / "hide_avx512.so", **AVX2_SWITCHES}
    command = [sys.executable, "-B", HERE / "worker.py", engine, folder, form, precision]
    return Worker(command, environment, HERE)


def best_forms(engine, folder, expected, avx2_only):
    """The engine's best exported and folded forms, in single precision and in int8, as contenders; and the cost of a
    call in microseconds."""
    best, call = {}, float("nan")
    for form, precision in itertools.product(FORMS, PRECISIONS[engine]):
        if form == "call" and precision != "fp32":
            continue
        try:
            worker = engine_worker(engine, folder, form, precision, avx2_only)
            time = trial(worker)
        except RuntimeError as error:
            log(f"  {engine}, {form}, {precision}: {error}")
            continue
        log(f"  {engine}, {form}, {precision}: {time:.1f} us")
        if form == "call":
            call = time
            worker.close()
            continue
        kind = form.split(",")[0], precision.split()[0]
        if kind in best and best[kind][0] < time:
            worker.close()
            continue
        if kind in best:
            best[kind][1].worker.close()
        error = largest_error(worker, expected)
        best[kind] = time, Contender(ENGINES[engine][0], form, precision, worker, error)
    return [contender for _, contender in best.values()], call


def take_turns(contenders, runs, rounds):
    for contender in contenders:
        contender.turn = max(3, int(TURN_US / trial(contender.worker)))
    first = 0
    for _ in range(runs):
        for contender in contenders:
            contender.runs.append([])
        for _ in range(rounds):
            for contender in contenders:
                contender.runs[-1] += contender.worker.times(first, contender.turn)
            first += 17  # other requests in the next round


def ratio(contender, dinghy):
    """Fastest to fastest, with the range over the runs, and median to median."""
    by_run = [min(theirs) / min(ours) for theirs, ours in zip(contender.runs, dinghy.runs)]
    return (
        f"{contender.fastest / dinghy.fastest:.2f} ({min(by_run):.2f}–{max(by_run):.2f}) | "
        f"{contender.percentile(0.5) / dinghy.percentile(0.5):.2f}"
    )


def table(contenders, dinghy, calls):
    heads = (
        "engine",
        "graph",
        "precision",
        "fastest, µs",
        "median, µs",
        "p99, µs",
        "an empty call, µs",
        "fastest to Dinghy's",
        "median to Dinghy's",
        "max error",
    )
    lines = ["| " + " | ".join(heads) + " |", "|---|---|---" + "|--:" * 7 + "|"]
    for c in sorted(contenders, key=lambda c: c.fastest):
        call = f"{calls[c.name]:.1f}" if c.name in calls else ""
        times = " | ".join(f"{time:.1f}" for time in (c.fastest, c.percentile(0.5), c.percentile(0.99)))
        times += f" | {call} | {ratio(c, dinghy)}"
        lines.append(f"| {c.name} | {c.form} | {c.precision} | {times} | {c.error:.1e} |")
    return lines


def dinghy_workers(options, folder, expected):
    contenders = []
    for precision, model in DINGHY_MODELS.items():
        for isa in options.isas:
            worker = Worker([options.dinghy, folder / model, folder / "requests", isa])
            contenders.append(Contender(f"Dinghy {isa}", "", precision, worker, largest_error(worker, expected)))
    if folder.name == "W2":  # W6: one behaviour more, the same candidates
        worker = Worker(
            [options.dinghy, folder / DINGHY_MODELS["fp32"], folder / "requests", options.isas[0], "rerank"]
        )
        contenders.append(
            Contender(f"Dinghy {options.isas[0]}, re-ranking (W6)", "", "fp32", worker, contenders[0].error)
        )
    return contenders


def compare(options, folder):
    log(folder.name)
    oracle = Network(folder, np.float64)
    expected = [FORMS["exported, broadcast"](numpy_ops.Ops, oracle, oracle.request(i)) for i in range(CHECKED_REQUESTS)]
    contenders, calls = dinghy_workers(options, folder, expected), {}
    for engine in options.engines:
        found, call = best_forms(engine, folder, expected, options.avx2_only)
        contenders += found
        calls[ENGINES[engine][0]] = call
    wrong = [c for c in contenders if c.precision == "fp32" and not c.error <= TOLERANCE]
    if wrong:
        raise SystemExit("scores differ: " + "; ".join(f"{c.name} {c.form} {folder.name} {c.error:.1e}" for c in wrong))
    take_turns(contenders, options.runs, options.rounds)
    for contender in contenders:
        contender.worker.close()
    title = f"## {folder.name}: {oracle.candidates} candidates, {oracle.history} behaviours, keys of {oracle.width}"
    return [title, "", *table(contenders, contenders[0], calls), ""]


def processor():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.processor()


def commit():
    describe = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(describe, cwd=HERE, text=True, capture_output=True).stdout.strip()


def version(engine):
    name, package = ENGINES[engine]
    return f"{name} {importlib.metadata.version(package)}"


def heading(options):
    limit = "kept to AVX2 (bench/peers/avx2_only)" if options.avx2_only else "with all that the processor can"
    text = f"""# Dinghy and general engines

Written by `bench/peers/run` on {processor()}, one core, one thread, all engines {limit}.
Dinghy {commit()}; {", ".join(map(version, options.engines))}.

{options.runs} runs of {options.rounds} rounds; in a round every engine scores the same requests for some
{TURN_US // 1000} ms, ids in, scores out. `exported` is the graph as frameworks write it, `folded` the same network with
the attention's first layer rewritten by hand, each in the form that this engine runs fastest (bench/peers/network.py).
Dinghy is called from C++, the others from Python, with bound inputs and outputs where they have them: `an empty call`
is what they take for next to no work on the same inputs, and is not subtracted. `int8` are the engine's own ways to
quantize the matrix products, with ranges from calibration requests or (dynamic) of each request (bench/peers/engines). Dinghy's `int16` and `int8` are
models whose attention is computed in integers (`dinghy convert --compute`). Ratios are to Dinghy's fp32 on the first
ISA, {options.isas[0]}; in parentheses the smallest and largest of the runs. Max error: the largest distance of a probability
from NumPy in double precision.
"""
    return text.splitlines() + [""]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=pathlib.Path, help="of workloads, from dinghy-make-workloads --npy")
    parser.add_argument("--dinghy", required=True, help="the program dinghy-peer-worker")
    parser.add_argument("--isas", nargs="+", default=["avx2_fma"], help="of Dinghy; ratios are to the first")
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--avx2-only", type=pathlib.Path, help="folder of engines that do not see AVX-512")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    lines = heading(options)
    for folder in options.folders:
        lines += compare(options, folder.resolve())
    options.output.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
