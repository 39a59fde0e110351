"""Builds dinghy-device by the preset `android`, with a stand-in for the NDK (tests/package/ndk), and scores models with it
under qemu. Nothing of the host is found; FlatBuffers and xsimd are folders that stand in for their downloads."""

import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
PREFIX = "android-"
RUNNERS = {
    "arm64-v8a": ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"],
    "armeabi-v7a": ["qemu-arm", "-L", "/usr/arm-linux-gnueabihf"],
    "x86_64": [],
}
NAMES = [PREFIX + abi for abi in RUNNERS]
DOWNLOADS = {"flatbuffers": "add_executable(flatc EXCLUDE_FROM_ALL flatc.cc)\n", "xsimd": ""}
FLATC = '#error "a flatc made for the phone would not run here"\n'


def stand_in_for_downloads(folder):
    """The options that name them to CMake."""
    subprocess.run([ROOT / "scripts/virtual-environment", ROOT / "build/flatc", ROOT / "scripts/flatc.txt"], check=True)
    headers = {"flatbuffers": ROOT / "build/flatc/include", "xsimd": pathlib.Path("/usr/include")}
    options = []
    for library, more in DOWNLOADS.items():
        download = folder / library
        shutil.rmtree(download, ignore_errors=True)
        shutil.copytree(headers[library] / library, download / "include" / library)
        lines = [
            "cmake_minimum_required(VERSION 3.25)",
            f"project({library} LANGUAGES NONE)",
            f"add_library({library} INTERFACE)",
            f"target_include_directories({library} INTERFACE include)",
            more,
        ]
        (download / "CMakeLists.txt").write_text("\n".join(lines))
        (download / "flatc.cc").write_text(FLATC)
        options.append(f"-DFETCHCONTENT_SOURCE_DIR_{library.upper()}={download}")
    return options


def runner(name):
    return RUNNERS[name.removeprefix(PREFIX)]


def build(name, work):
    """The program, or None, and what was said."""
    folder = work / name
    options = stand_in_for_downloads(work / "downloads")
    environment = {**os.environ, "ANDROID_NDK_HOME": str(ROOT / "tests/package/ndk")}
    configure = ["cmake", "--preset", "android", "-B", folder, f"-DANDROID_ABI={name.removeprefix(PREFIX)}"]
    said = ""
    for command in (
        [*configure, "-DDINGHY_WERROR=ON", *options],
        ["cmake", "--build", folder, "--target", "dinghy-device", "--", "-j2"],
        ["ninja", "-C", folder, "-t", "deps"],
    ):
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        said = done.stdout + done.stderr
        if done.returncode != 0:
            return None, said
    of_the_host = re.findall(r"^ +(/usr/include/(?:xsimd|flatbuffers)/.*)$", said, re.MULTILINE)
    if of_the_host:
        return None, f"takes headers of the host: {of_the_host[0]}"
    return folder / "device/dinghy-device", ""
