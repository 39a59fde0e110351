#include "tests/fuzz/page_difference.h"

#include <algorithm>
#include <deque>
#include <vector>

#include "dinghy/isa.h"
#include "dinghy/scorer.h"
#include "tests/fuzz/drawn_columns.h"

namespace dinghy::fuzz {
namespace {

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

struct Page {
  bool defined = true;  // false: the model has no score for this user
  std::vector<float> scores;
  std::vector<float> attention;  // [interest][candidate][behaviour]
};

struct Session {
  const Model& model;
  Result<UserState> user;
  Result<Scorer> scorer;

  Session(const Model& m, const char* isa)
      : model(m),
        user(UserState::create(m, {.max_history = kMaxHistory, .isa = isa})),
        scorer(Scorer::create(
            m,
            {.max_candidates = kMaxCandidates, .max_history = kMaxHistory, .isa = isa, .integers = Integers::always})) {
  }

  Page score(std::size_t rows, auto call) {
    std::size_t weights = 0;
    for (std::size_t i = 0; i < model.interests(); ++i) weights += rows * user->history_length(i);
    Page page{.scores = std::vector<float>(rows), .attention = std::vector<float>(weights)};
    page.defined = call(page).ok();
    return page;
  }
  Page score(Columns candidates, std::size_t rows) {
    return score(rows, [&](Page& page) { return scorer->score(*user, candidates, page.scores, page.attention); });
  }
  Page rescore(std::size_t rows) {
    return score(rows, [&](Page& page) { return scorer->rescore(*user, page.scores, page.attention); });
  }
};

/// Row `n` of a page of `rows` against row `of` of another user's view of the same history.
bool same(const Session& session, const Page& page, std::size_t n, std::size_t rows, const Page& other, std::size_t of,
          std::size_t other_rows) {
  if (page.scores[n] != other.scores[of]) return false;
  const float *a = page.attention.data(), *b = other.attention.data();
  for (std::size_t i = 0; i < session.model.interests(); ++i) {
    const std::size_t length = session.user->history_length(i);
    if (!std::equal(a + n * length, a + (n + 1) * length, b + of * length)) return false;
    a += rows * length;
    b += other_rows * length;
  }
  return true;
}

std::string difference_on(const char* isa, const Model& model, const RequestShape& shape) {
  tests::Random random(shape.seed);
  const DrawnColumns features(model, Side::user, 1, 0, random),
      history(model, Side::history, shape.behaviors, 0, random), click(model, Side::history, 1, 0, random),
      candidates(model, Side::candidates, shape.candidates, 0, random);
  const std::size_t rows = shape.candidates;
  Session session(model, isa), fresh(model, isa);
  if (!session.scorer.ok() || !fresh.scorer.ok()) return "a scorer cannot be created";
  for (Session* s : {&session, &fresh}) {
    if (const Status set = s->user->set(features.columns(), history.columns()); !set.ok()) return set.message();
  }
  const Page page = session.score(candidates.columns(), rows);
  for (std::size_t n = 0; n < rows && page.defined; ++n) {
    const Row alone(model, candidates.columns(), n);
    const Page one = fresh.score(alone.columns(), 1);
    if (!one.defined) return "an error alone where the page has none";
    if (!same(session, page, n, rows, one, 0, 1)) return "candidate " + std::to_string(n) + " alone has other bits";
  }
  if (!page.defined) return {};
  for (Session* s : {&session, &fresh}) {
    if (!s->user->append(click.columns()).ok()) return "append is refused";
  }
  const Page after = session.rescore(rows), expected = fresh.score(candidates.columns(), rows);
  if (after.defined != expected.defined) return "rescore and score differ in their errors";
  for (std::size_t n = 0; n < rows && after.defined; ++n) {
    if (!same(session, after, n, rows, expected, n, rows)) {
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
