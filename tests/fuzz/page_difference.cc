#include "tests/fuzz/page_difference.h"

#include <deque>
#include <vector>

#include "dinghy/isa.h"
#include "tests/engine/page_session.h"
#include "tests/fuzz/drawn_columns.h"

namespace dinghy::fuzz {
namespace {

using tests::Page;
using tests::PageSession;
using tests::same_bits;

/// One row of drawn columns.
class Row {
 public:
  Row(const Model& model, Columns columns, std::size_t row) {
    for (const Column& column : columns) columns_.push_back(cut(model, column, row));
  }
  Columns columns() const { return columns_; }

 private:
  Column cut(const Model& model, const Column& column, std::size_t row) {
    const std::uint32_t feature = column.feature();
    if (column.kind() == Column::Kind::numbers) {
      const std::size_t width = model.features()[feature].dense_width;
      return Column::numbers(feature, {column.numbers() + row * width, width});
    }
    if (!column.is_bag()) return Column::ids(feature, {column.ids() + row, 1});
    const std::uint32_t begin = column.offsets()[row], size = column.offsets()[row + 1] - begin;
    return Column::bags(feature, {column.ids() + begin, size}, offsets_.emplace_back(std::vector{0u, size}));
  }

  std::vector<Column> columns_;
  std::deque<std::vector<std::uint32_t>> offsets_;
};

std::string difference_on(const char* isa, const Model& model, const RequestShape& shape) {
  tests::Random random(shape.seed);
  const DrawnColumns features(model, Side::user, 1, 0, random),
      history(model, Side::history, shape.behaviors, 0, random), click(model, Side::history, 1, 0, random),
      candidates(model, Side::candidates, shape.candidates, 0, random);
  const std::size_t rows = shape.candidates;
  PageSession session(model, isa, kMaxCandidates, kMaxHistory), fresh(model, isa, kMaxCandidates, kMaxHistory);
  if (!session.scorer.ok() || !fresh.scorer.ok()) return "a scorer cannot be created";
  for (PageSession* s : {&session, &fresh}) {
    if (const Status set = s->user->set(features.columns(), history.columns()); !set.ok()) return set.message();
  }
  const Page page = session.score(candidates.columns(), rows);
  for (std::size_t n = 0; n < rows && page.status.ok(); ++n) {
    const Row alone(model, candidates.columns(), n);
    const Page one = fresh.score(alone.columns(), 1);
    if (!one.status.ok()) return "an error alone where the page has none";
    if (!same_bits(page, n, one, 0)) return "candidate " + std::to_string(n) + " alone has other bits";
  }
  if (!page.status.ok()) return {};  // the model has no score for this user
  for (PageSession* s : {&session, &fresh}) {
    if (!s->user->append(click.columns()).ok()) return "append is refused";
  }
  const Page after = session.rescore(rows), expected = fresh.score(candidates.columns(), rows);
  if (after.status.ok() != expected.status.ok()) return "rescore and score differ in their errors";
  for (std::size_t n = 0; n < rows && after.status.ok(); ++n) {
    if (!same_bits(after, n, expected, n)) {
      return "candidate " + std::to_string(n) + " has other bits by rescore";
    }
  }
  return {};
}

}  // namespace

std::string page_difference(tests::Shape shape, const RequestShape& request) {
  shape.compute = format::EnumValuesCompute()[request.seed % 3];
  const tests::ModelFile file(shape);
  const auto model = Model::open(file.path().c_str());
  if (!model.ok()) return std::string("open: ") + model.status().message();
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    const std::string difference = difference_on(isa.name, *model, request);
    if (!difference.empty()) {
      return std::string(isa.name) + ", " + format::EnumNameCompute(shape.compute) + ": " + difference;
    }
  }
  return {};
}

}  // namespace dinghy::fuzz
