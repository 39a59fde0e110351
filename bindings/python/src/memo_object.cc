#include "bindings/python/src/memo_object.h"

#include <nanobind/stl/string.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "bindings/python/src/errors.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace dinghy::python {
namespace {

Status failed(const char* what) noexcept { return Status::error(Code::io_error, "%s: %s", what, std::strerror(errno)); }

Status write_memo(const PairMemo& memo, const char* path) noexcept {
  std::FILE* const file = std::fopen(path, "wb");
  if (file == nullptr) return failed("cannot be written");
  const auto write = [](void* to, const void* bytes, std::size_t size) {
    return std::fwrite(bytes, 1, size, static_cast<std::FILE*>(to)) == size;
  };
  const Status status = memo.save({write, file});
  const Status written = std::ferror(file) != 0 ? failed("cannot be written") : status;
  return std::fclose(file) != 0 && written.ok() ? failed("cannot be written") : written;
}

// The file has its name when it is whole.
Status save_memo(const PairMemo& memo, const std::string& path, const std::string& unfinished) noexcept {
  Status status = write_memo(memo, unfinished.c_str());
  std::error_code error;
  if (status.ok()) {
    std::filesystem::rename(unfinished, path, error);
    if (error) status = Status::error(Code::io_error, "cannot be put in place: %s", error.message().c_str());
  }
  if (!status.ok()) std::filesystem::remove(unfinished, error);
  return status;
}

void save(const PairMemo& memo, nb::handle path) {
  const nb::module_ os = nb::module_::import_("os");
  const auto name = nb::cast<std::string>(os.attr("fspath")(path));
  // Another process may save under the same name.
  const std::string unfinished = name + ".unfinished-" + std::to_string(nb::cast<std::int64_t>(os.attr("getpid")()));
  Status status;
  {
    const nb::gil_scoped_release released;
    status = save_memo(memo, name, unfinished);
  }
  require(status, name);
}

void verify(const PairMemo& memo) {
  Status status;
  {
    const nb::gil_scoped_release released;
    status = memo.verify();
  }
  require(status);
}

template <std::uint64_t PairMemo::Counters::* counter>
std::uint64_t count(const PairMemo& memo) {
  return memo.counters().*counter;
}

std::string repr(const PairMemo& memo) {
  const PairMemo::Counters counters = memo.counters();
  return "<dinghy.PairMemo of " + std::to_string(memo.bytes()) + " bytes: " + std::to_string(counters.found) +
         " pairs found, " + std::to_string(counters.computed) + " computed>";
}

}  // namespace

Result<PairMemo> make_memo(const Model& model, const MemoSource& source, bool copy, std::string_view isa,
                           Integers integers) noexcept {
  PairMemoOptions options{.bytes = 0, .items = 0, .isa = isa, .integers = integers};
  if (const auto* const bytes = std::get_if<std::size_t>(&source)) {
    options.bytes = *bytes;
    return PairMemo::create(model, options);
  }
  const char* const path = std::get<std::string>(source).c_str();
  return copy ? PairMemo::read(model, path, options) : PairMemo::open(model, path, options);
}

void define_memo(nb::module_& module) {
  nb::class_<PairMemo>(
      module, "PairMemo",
      "What a model remembers of pairs of a candidate and a behaviour, so that each is computed once:\n"
      "`dinghy.open(…, memo=64 << 20)`. Scores with it are those without, bit for bit.\n\n"
      "`found / (found + computed)` says whether it is worth its bytes.")
      .def("save", save, "path"_a,
           "Writes the memo to a file, which `dinghy.open(…, memo=path)` maps: the same model, instruction set and\n"
           "build of Dinghy find there what was kept here. Nobody may score with the model meanwhile.\n\n"
           "Raises FileError, UnsupportedError for a model without hashes.",
           nb::sig("def save(self, path: str | os.PathLike[str]) -> None"))
      .def("verify", verify, "Compares a mapped memo with what was saved. Raises BadFileError naming the damaged part.")
      .def_prop_ro("bytes", &PairMemo::bytes, "Memory of the memo.")
      .def_prop_ro("found", count<&PairMemo::Counters::found>, "Pairs that were looked up.")
      .def_prop_ro("computed", count<&PairMemo::Counters::computed>, "Pairs that were looked for and not there.")
      .def_prop_ro("kept", count<&PairMemo::Counters::kept>, "Computed pairs that were put in.")
      .def_prop_ro("replaced", count<&PairMemo::Counters::replaced>, "Of them those that took the place of another.")
      .def_prop_ro("items", count<&PairMemo::Counters::items>, "Items that the memo tells apart.")
      .def_prop_ro("room", count<&PairMemo::Counters::room>, "For how many pairs there are places.")
      .def("__repr__", repr);
}

}  // namespace dinghy::python
