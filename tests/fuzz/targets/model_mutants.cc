// Sound models with several things changed at once (mutations.h), scored with hostile requests on one of the ISAs when
// they open. What a file may hold and cost (costs.h), and where its parts lie (places.h), is held.
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>

#include "schema/hash.h"
#include "tests/fuzz/costs.h"
#include "tests/fuzz/mutations.h"
#include "tests/fuzz/places.h"
#include "tests/fuzz/sample_models.h"
#include "tests/fuzz/score_hostile.h"

namespace dinghy::fuzz {
namespace {

constexpr std::size_t kRoom = std::size_t{64} << 10;  // for metadata that grows

const std::vector<tests::ChangedModel>& sound_models() {
  static const std::vector<tests::ChangedModel> models = [] {
    std::vector<tests::ChangedModel> sound;
    for (const tests::AlignedBytes& file : sample_models()) {
      sound.emplace_back(std::vector(file.span().begin(), file.span().end()), kRoom);
    }
    return sound;
  }();
  return models;
}

/// Files made and opened by the kinds of their changes, written at the end of the process into the file that
/// DINGHY_MUTANTS names: kind, made, opened.
class Statistics {
 public:
  ~Statistics() {
    const char* const path = std::getenv("DINGHY_MUTANTS");
    if (path == nullptr) return;
    std::ofstream out(path);
    for (const auto& [kind, counts] : kinds_) out << kind << '\t' << counts.made << '\t' << counts.opened << '\n';
  }
  void count(const std::vector<std::string>& kinds, bool opened) {
    add("together", opened);
    for (const std::string& kind : std::set(kinds.begin(), kinds.end())) add(kind, opened);
  }

 private:
  struct Counts {
    std::uint64_t made = 0, opened = 0;
  };
  void add(const std::string& kind, bool opened) {
    ++kinds_[kind].made;
    kinds_[kind].opened += opened;
  }
  std::map<std::string, Counts> kinds_;
};

}  // namespace
}  // namespace dinghy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace dinghy;
  static fuzz::Statistics statistics;
  tests::Random random(format::fnv1a64(bytes, size));
  const auto& sound = fuzz::sound_models();
  fuzz::Mutant mutant;
  try {
    mutant = fuzz::mutate(sound[random.below(sound.size())], random);
  } catch (const std::logic_error&) {
    return 0;  // the metadata has outgrown its room
  }
  const bool opened = fuzz::within_costs(mutant.file->span(), [&](const Model& model) {
    fuzz::check_places(model.internal());
    const unsigned hostility = random.below(2) == 0 ? 0 : 64;
    const std::uint64_t seed = random.bits();
    fuzz::score_hostile_on_one(model, random.bits(), hostility, seed);
  });
  statistics.count(mutant.kinds, opened);
  return 0;
}
