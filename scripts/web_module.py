"""The engine as a module of Emscripten, and its self-test on models in Node and in Chromium."""

import functools
import html
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent


def make(folder, generated, models):
    """Fills `folder` with the module and with the page that tests it on the models. Emscripten is that of Debian 13, in a
    folder of its own: its packages would bring their libc."""
    emscripten = folder.parent / "emscripten"
    packages = ["emscripten", "dash", "coreutils"]  # its programs are scripts
    subprocess.run([ROOT / "scripts/unpack-packages", "--suite", "trixie", emscripten, *packages], check=True)
    compiler = f"{ROOT}/scripts/run-unpacked {emscripten} em++"
    size = [ROOT / "scripts/size", "--processor", "wasm", "--cxx", compiler, "--generated", generated, "--work", folder]
    subprocess.run(size, check=True)
    module = [folder / "wasm_simd128" / name for name in ("dinghy.mjs", "dinghy.wasm")]
    for path in [*module, *(ROOT / "device/web").iterdir()]:
        shutil.copy(path, folder)
    shutil.rmtree(folder / "models", ignore_errors=True)
    shutil.copytree(models, folder / "models", ignore=lambda _, names: [n for n in names if not n.endswith(".dinghy")])
    names = sorted(path.name for path in (folder / "models").iterdir())
    (folder / "models.json").write_text(json.dumps(names))


def test_in_node(folder):
    """What the self-test prints."""
    done = subprocess.run(["node", folder / "selftest_node.mjs"], capture_output=True, text=True)
    return done.stdout + done.stderr


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_in_browser(folder):
    """What the self-test's page shows when it is done."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command = ["chromium", "--headless", "--disable-gpu", "--virtual-time-budget=60000", "--dump-dom"]
    command += ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium has none for root
    page = f"http://127.0.0.1:{server.server_port}/selftest.html"
    done = subprocess.run([*command, page], capture_output=True, text=True, timeout=600)
    server.shutdown()
    _, _, shown = done.stdout.partition("<pre>")
    return html.unescape(shown.partition("</pre>")[0]) or done.stderr
