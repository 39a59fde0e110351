"""Builds and runs the programs of tests/package with the package."""

import os

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake, cmake_layout

PROGRAMS = "../../../tests/package"


class Consumer(ConanFile):
    settings = "os", "compiler", "build_type", "arch"
    generators = "CMakeDeps", "CMakeToolchain"

    def requirements(self):
        self.requires(self.tested_reference_str)

    def layout(self):
        cmake_layout(self)

    def build(self):
        library = "dinghy::shared" if self.dependencies["dinghy"].options.shared else "dinghy::engine"
        cmake = CMake(self)
        cmake.configure({"LIBRARY": library}, build_script_folder=f"{PROGRAMS}/c_only")
        cmake.build()

    def test(self):
        if can_run(self):
            self.run(os.path.join(self.cpp.build.bindir, "consumer"), env="conanrun")
