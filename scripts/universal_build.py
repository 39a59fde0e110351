"""Builds the engine by CMake as universal builds do for macOS, each file for ARM and for x86 in one compile: by Debian's
clang, which Apple's is like, with the headers of zig's libc++ and of its macOS."""

import os
import pathlib
import re
import shutil
import subprocess

import android_builds

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = "universal-macos"
ARCHITECTURES = ["arm64", "x86_64"]
PROGRAMS = {"lipo": "llvm-lipo-22"}  # which clang calls by Apple's name


def header_flags(zig, folder):
    """What zig passes to its clang for macOS' headers; it leaves an object in `folder`."""
    command = [zig, "c++", "-target", "aarch64-macos", "-c", "-x", "c++", "/dev/null", "-###"]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stderr
    folders = re.findall(r'"-isystem" "([^"]+)"', said)
    macros = re.findall(r'"-D" "(_LIBCPP_[^"]+)"', said)
    flags = ["-nostdlibinc", "-nostdinc++"]
    return [*flags, *(f"-isystem{(folder / f).resolve()}" for f in folders), *(f"-D{m}" for m in macros)]


def build(zig, work):
    """What was said, where something is wrong."""
    folder = work / NAME
    programs = work / "apple-programs"
    programs.mkdir(parents=True, exist_ok=True)
    for name, program in PROGRAMS.items():
        (programs / name).unlink(missing_ok=True)
        (programs / name).symlink_to(shutil.which(program))
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    settings = {
        "CMAKE_SYSTEM_NAME": "Darwin",
        "CMAKE_OSX_ARCHITECTURES": ";".join(ARCHITECTURES),
        "CMAKE_CXX_COMPILER": "clang++-22",
        "CMAKE_CXX_COMPILER_TARGET": "arm64-apple-macos11",
        "CMAKE_CXX_FLAGS": " ".join(header_flags(zig, programs)),
        "CMAKE_TRY_COMPILE_TARGET_TYPE": "STATIC_LIBRARY",  # nothing of macOS to link with
        "CMAKE_AR": shutil.which("llvm-ar-22"),
        "CMAKE_RANLIB": shutil.which("llvm-ranlib-22"),
        "CMAKE_INSTALL_NAME_TOOL": shutil.which("llvm-install-name-tool-22"),
        "CMAKE_BUILD_TYPE": "Release",
        "DINGHY_WERROR": "ON",
        **{f"DINGHY_BUILD_{what}": "OFF" for what in ("CONVERTER", "TESTS", "BENCH", "EXAMPLES", "DEVICE")},
    }
    options = [f"-D{name}={value}" for name, value in settings.items()]
    options += android_builds.stand_in_for_downloads(work / "downloads")
    for command in (
        ["cmake", "-G", "Ninja", "-S", ROOT, "-B", folder, *options],
        ["cmake", "--build", folder, "--target", "dinghy_engine", "--", "-j2"],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            return done.stdout + done.stderr
    return wrong_objects(folder)


def has_code(path, architecture):
    said = subprocess.run(
        ["llvm-nm-22", "--arch", architecture, "--defined-only", path], capture_output=True, text=True
    )
    return " T " in said.stdout or " S " in said.stdout


def wrong_objects(folder):
    """An object that is not for both, or kernels that are not for just one of them."""
    for path in sorted(folder.glob("engine/**/*.o")):
        said = subprocess.run(["llvm-lipo-22", "-archs", path], capture_output=True, text=True).stdout
        if sorted(said.split()) != ARCHITECTURES:
            return f"{path.name} is for {said}"
        with_code = [a for a in ARCHITECTURES if has_code(path, a)]
        if len(with_code) != (1 if path.parent.name == "isa" else 2):
            return f"{path.name} has code for {', '.join(with_code)}"
    return ""
