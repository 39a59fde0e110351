#include "bindings/python/src/errors.h"

#include <nanobind/nanobind.h>

namespace nb = nanobind;

namespace dinghy::python {
namespace {

const char* class_of(Code code) noexcept {
  switch (code) {
    case Code::ok:
      break;
    case Code::io_error:
      return "FileError";
    case Code::bad_file:
      return "BadFileError";
    case Code::unsupported:
      return "UnsupportedError";
    case Code::out_of_memory:
      return "OutOfMemoryError";
    case Code::unknown_isa:
      return "UnknownIsaError";
    case Code::unavailable_isa:
      return "UnavailableIsaError";
    case Code::invalid_argument:
      return "InvalidArgumentError";
    case Code::limit_exceeded:
      return "LimitExceededError";
    case Code::missing_id:
      return "MissingIdError";
    case Code::empty_history:
      return "EmptyHistoryError";
    case Code::wrong_scores:
      return "WrongScoresError";
    case Code::version_mismatch:
      return "VersionMismatchError";
  }
  return "Error";
}

[[noreturn]] void raise(const char* class_name, const std::string& message) {
  const nb::object type = nb::module_::import_("dinghy.errors").attr(class_name);
  // A message that was cut may end within a character.
  const nb::object text =
      nb::steal(PyUnicode_DecodeUTF8(message.data(), static_cast<Py_ssize_t>(message.size()), "replace"));
  PyErr_SetObject(type.ptr(), text.ptr());
  throw nb::python_error();
}

}  // namespace

void require(const Status& status, const std::string& where) {
  if (!status.ok()) raise(class_of(status.code()), (where.empty() ? "" : where + ": ") + status.message());
}

void raise_value(const std::string& message) { raise("InvalidArgumentError", message); }
void raise_type(const std::string& message) { raise("ArgumentTypeError", message); }

}  // namespace dinghy::python
