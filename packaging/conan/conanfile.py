"""The engine as a Conan package: static for C++ and C, with `shared` also libdinghy for C."""

import pathlib
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = ("CONVERTER", "TESTS", "BENCH", "DEVICE", "EXAMPLES")


class Dinghy(ConanFile):
    name = "dinghy"
    description = "An embedded SIMD inference engine for the Deep Interest Network"
    license = "Apache-2.0"
    settings = "os", "compiler", "build_type", "arch"
    options = {"shared": [True, False], "isas": ["ANY"], "without": ["ANY"]}
    default_options = {"shared": False, "isas": "", "without": ""}

    def set_version(self):
        text = (ROOT / "CMakeLists.txt").read_text()
        self.version = re.search(r"^project\(dinghy VERSION (\S+)", text, re.MULTILINE)[1]

    def export_sources(self):
        for part in ("CMakeLists.txt", "LICENSE", "cmake/*", "schema/*", "engine/*"):
            copy(self, part, ROOT, self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def validate(self):
        check_min_cppstd(self, 20)

    def requirements(self):
        # Headers that are compiled in: users of the package need neither.
        self.requires("xsimd/[>=13.2 <14]", visible=False)
        self.requires("flatbuffers/[>=2.0.8]", visible=False)

    def build_requirements(self):
        self.tool_requires("flatbuffers/[>=2.0.8]")

    def generate(self):
        from conan.tools.cmake import CMakeDeps

        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        for part in PARTS:
            toolchain.cache_variables[f"DINGHY_BUILD_{part}"] = False
        toolchain.cache_variables["DINGHY_SHARED"] = bool(self.options.shared)
        toolchain.cache_variables["DINGHY_ISAS"] = str(self.options.isas)
        toolchain.cache_variables["DINGHY_WITHOUT"] = str(self.options.without)
        toolchain.cache_variables["FETCHCONTENT_FULLY_DISCONNECTED"] = True
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install(component="engine")
        copy(self, "LICENSE", self.source_folder, pathlib.Path(self.package_folder) / "licenses")

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "dinghy")
        engine = self.cpp_info.components["engine"]
        engine.set_property("cmake_target_name", "dinghy::engine")
        engine.set_property("pkg_config_name", "dinghy")
        engine.libs = ["dinghy_engine"]
        engine.system_libs = ["m"] if self.settings.os in ("Linux", "Android", "FreeBSD") else []
        if self.options.shared:
            shared = self.cpp_info.components["c"]
            shared.set_property("cmake_target_name", "dinghy::shared")
            shared.set_property("pkg_config_name", "dinghy-shared")
            shared.libs = ["dinghy"]
            shared.defines = ["DINGHY_SHARED"]
