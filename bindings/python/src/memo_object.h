// dinghy.PairMemo: the memo of a model, made with it.
#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>
#include <string>
#include <variant>

#include "dinghy/pair_memo.h"

namespace dinghy::python {

/// What a memo is made of: as many bytes, or the file at a path.
using MemoSource = std::variant<std::size_t, std::string>;

/// `copy`: a file is read into memory, where the memo goes on keeping pairs. Needs no GIL. Errors: as PairMemo's.
Result<PairMemo> make_memo(const Model& model, const MemoSource& source, bool copy, std::string_view isa,
                           Integers integers) noexcept;

void define_memo(nanobind::module_& module);

}  // namespace dinghy::python
