// Runs a piece of work in a process of its own: libhdf5 1.10 trusts lengths inside a file, and a damaged one can crash
// it.
#pragma once

#include <functional>
#include <string>

namespace dinghy::converter {

/// What `work` returns. An Error that it throws is thrown here; when its process dies or takes minutes, an Error at
/// `where` says that the file is damaged. Nothing else that it does is seen here.
std::string run_isolated(const std::function<std::string()>& work, const std::string& where);

}  // namespace dinghy::converter
