"""worker.py ENGINE WORKLOAD FORM PRECISION: one engine with one form of a workload's graph, driven like dinghy-peer-worker.

Answers the lines of standard input: `time FIRST COUNT` with nanoseconds of each request, `scores FIRST` with scores.
"""

import importlib
import pathlib
import sys
import tempfile
import time

from network import FORMS, Network


def answer(engine, net, command):
    first = int(command[1])
    if command[0] == "scores":
        return engine(net.request(first))
    requests = [net.request(first + i) for i in range(int(command[2]))]
    times = []
    for request in requests:
        begin = time.perf_counter_ns()
        engine(request)
        times.append(time.perf_counter_ns() - begin)
    return times


def main():
    name, workload, form, precision = sys.argv[1:]
    module = importlib.import_module(f"engines.{name}_engine")
    net = Network(workload)
    with tempfile.TemporaryDirectory() as folder:
        engine = module.Engine(net, FORMS[form], pathlib.Path(folder), precision)
    print("ready", flush=True)
    for line in sys.stdin:
        print(*answer(engine, net, line.split()), flush=True)


if __name__ == "__main__":
    main()
