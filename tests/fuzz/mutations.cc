#include "tests/fuzz/mutations.h"

#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "tests/engine/model_fields.h"
#include "tests/fuzz/changes.h"
#include "tests/fuzz/fit_layers.h"
#include "tests/fuzz/odd_numbers.h"

namespace dinghy::fuzz {
namespace {

using tests::Random;
namespace changeable = tests::changeable;

constexpr std::size_t kMostChanges = 8;

/// A byte, or a number of 2, 4 or 8 of them, at a multiple of its width.
void change_bytes(std::span<std::byte> bytes, Random& random) {
  const std::size_t width = std::size_t{1} << random.below(4);
  if (bytes.size() < width) return;
  const std::uint64_t number = random.below(2) == 0 ? random.bits() : odd_number<std::uint64_t>(random);
  std::memcpy(&bytes[random.below(bytes.size() / width) * width], &number, width);
}

/// A few numbers of a segment: floats of a dense one, bytes of the others.
const char* change_numbers(tests::ChangedModel& model, Random& random) {
  const auto& segments = model.metadata.segments;
  if (segments.empty()) return "nothing";
  const std::size_t index = random.below(segments.size());
  const std::span<std::byte> bytes = model.bytes_of(index);
  if (bytes.size() < sizeof(float)) return "nothing";
  const bool dense = segments[index]->kind == changeable::SegmentKind::dense;
  for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
    if (dense) {
      const float number = odd_float(random);
      std::memcpy(&bytes[random.below(bytes.size() / sizeof number) * sizeof number], &number, sizeof number);
    } else {
      change_bytes(bytes, random);
    }
  }
  if (segments[index]->kind == changeable::SegmentKind::golden) return "bytes of golden rows";
  return dense ? "numbers of layers" : "bytes of tables and vocabularies";
}

/// FlatBuffers cannot write a table without its required parts.
template <class Table>
void complete(Table& t);

struct Complete {
  template <class T>
  void operator()(const char*, T&) const {}
  template <class Table>
  void operator()(const char* name, std::unique_ptr<Table>& part) const {
    if (!part && tests::is_required(name)) part = std::make_unique<Table>();
    if (part) complete(*part);
  }
  template <class Table>
  void operator()(const char*, std::vector<std::unique_ptr<Table>>& parts) const {
    for (auto& part : parts) complete(*part);
  }
};

template <class Table>
void complete(Table& t) {
  tests::visit_fields(t, Complete());
}

/// One group first, then one of it: tensors have most of the fields of a model, and one wrong number in them is
/// refused.
std::vector<const Change*> pick_group(std::string_view Change::* key, const std::vector<const Change*>& changes,
                                      Random& random) {
  std::map<std::string_view, std::vector<const Change*>> groups;
  for (const Change* change : changes) groups[change->*key].push_back(change);
  return std::next(groups.begin(), static_cast<std::ptrdiff_t>(random.below(groups.size())))->second;
}

/// By kind and name, or by name alone.
const Change& pick(std::vector<const Change*> from, Random& random) {
  if (random.below(2) == 0) from = pick_group(&Change::kind, from, random);
  from = pick_group(&Change::name, from, random);
  return *from[random.below(from.size())];
}

/// Those that `wanted` takes; all where it takes none.
template <class Wanted>
std::vector<const Change*> choose(const std::vector<Change>& changes, Wanted wanted) {
  std::vector<const Change*> chosen, all;
  for (const Change& change : changes) {
    all.push_back(&change);
    if (wanted(change)) chosen.push_back(&change);
  }
  return chosen.empty() ? all : chosen;
}

/// Changes the metadata, of `part` alone where the model still has it, and adds the kinds of the changes. What an enum
/// leaves without a use is what a check may forget: behind half of them an integer of the same part becomes an odd one.
/// Returns the part.
unsigned change_metadata(tests::ChangedModel& model, std::optional<unsigned> part, Random& random,
                         std::vector<std::string>& kinds) {
  const auto apply = [&](auto wanted) {
    const std::vector<Change> changes = changes_of(model.metadata);
    const Change& change = pick(choose(changes, wanted), random);
    change.apply(random);
    complete(model.metadata);
    kinds.emplace_back(change.kind);
    return change.part;
  };
  const unsigned changed = apply([&](const Change& change) { return change.part == part; });
  if (kinds.back() == "enum" && random.below(2) == 0) {
    apply([&](const Change& change) { return change.part == changed && change.kind == "odd integer"; });
  }
  return changed;
}

}  // namespace

Mutant mutate(const tests::ChangedModel& sound, Random& random) {
  tests::ChangedModel model = sound;
  Mutant mutant;
  // Half of the mutants have one change, a quarter two …: what opens is what may do harm, and few changes open. In
  // every other mutant all of them are in one part: what goes wrong together mostly lies together.
  const bool in_one_part = random.below(2) == 0;
  std::optional<unsigned> part;
  do {
    if (random.below(4) == 0) {
      mutant.kinds.push_back(change_numbers(model, random));
      continue;
    }
    const unsigned changed = change_metadata(model, part, random, mutant.kinds);
    if (in_one_part) part = changed;
  } while (mutant.kinds.size() < kMostChanges && random.below(2) == 0);
  if (random.below(2) == 0) {
    mutant.kinds.push_back("layers made to fit");
    fit_layers(model);
  }
  mutant.file = std::make_unique<tests::AlignedBytes>(model.file());
  return mutant;
}

}  // namespace dinghy::fuzz
