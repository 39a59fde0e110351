// What a binding can do, in the words of the cases: the C API and the C++ API each have one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dinghy::conformance {

/// The values of one feature for some rows, in memory of their own.
struct Values {
  enum class Kind { ids, strings, numbers };

  std::string feature;
  Kind kind = Kind::ids;
  std::vector<std::int64_t> ids;
  std::vector<std::string> strings;
  std::vector<float> numbers;
  std::vector<std::uint32_t> offsets;  // bags alone
};
using Part = std::vector<Values>;

struct FeatureInfo {
  std::string name;
  int role;  // as DINGHY_ROLE_…
  int kind;  // as DINGHY_FEATURE_…
  std::uint32_t width;
  bool history, strings;
};

/// Of the call `create`; zeros and empty texts are the engine's defaults.
struct Settings {
  std::size_t max_candidates = 0, max_history = 0, memo_bytes = 0;
  std::string isa;
  std::size_t integers = 0;  // as DINGHY_INTEGERS_…
};

/// Calls give the code of the engine, 0 for a success. The order of calls is the case's matter: no call but open()
/// comes before a successful open(), and none that needs a user before create().
class Binding {
 public:
  virtual ~Binding() = default;

  virtual int open(const std::string& path) = 0;
  virtual int open_memory(std::vector<std::uint64_t> bytes, std::size_t size) = 0;
  virtual std::vector<FeatureInfo> features() const = 0;
  virtual int verify() = 0;
  virtual int selftest(const std::string& isa) = 0;
  virtual int prefetch(const Part& columns) = 0;
  virtual std::uint64_t missing_ids(const std::string& feature) const = 0;
  virtual void close_model() = 0;

  virtual int create(const Settings& settings) = 0;
  virtual int set(const Part& features, const Part& history) = 0;
  virtual int append(const Part& behaviors) = 0;
  virtual std::vector<std::size_t> history_lengths() const = 0;
  /// `scores` and `attention` have the size that the call wants; attention may be empty.
  virtual int score(const Part& candidates, std::vector<float>& scores, std::vector<float>& attention) = 0;
  virtual int rescore(std::vector<float>& scores, std::vector<float>& attention) = 0;
};

std::unique_ptr<Binding> c_binding();
std::unique_ptr<Binding> cpp_binding();

}  // namespace dinghy::conformance
