"""A worker of compare.py: an engine in a process of its own that scores and times requests when it is told to."""

import os
import subprocess


class Worker:
    def __init__(self, command, environment=None, folder=None):
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            text=True,
            env={**os.environ, **{k: str(v) for k, v in (environment or {}).items()}},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        lines = []  # engines greet on standard output too
        while not lines or lines[-1] != "ready":
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(self.process.stderr.read().strip().splitlines()[-1])
            lines.append(line.strip())

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(self.process.stderr.read().strip().splitlines()[-1])
        return [float(word) for word in answer.split()]

    def scores(self, request):
        return self.ask("scores", request)

    def times(self, first, count):
        """Microseconds of `count` requests; one more before them brings the caches back after another engine's turn."""
        return [time / 1000 for time in self.ask("time", first, count + 1)[1:]]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
