#include "converter/pairs/catalogue_memo.h"

#include <algorithm>
#include <exception>

#include "converter/error.h"
#include "converter/model_file/output_file.h"
#include "converter/requests/request_scorer.h"
#include "converter/text/progress.h"

namespace dinghy::converter {
namespace {

constexpr std::size_t kPage = 128;         // candidates and behaviours of a request
constexpr std::size_t kMostItems = 50000;  // whose pairs take 10 GB

/// Room for each pair, with the item of zeros that fills what the list has no column for.
PairMemoOptions options_for(const Model& model, std::size_t items, const std::string& isa) {
  const std::size_t numbered = items + 1;
  constexpr std::size_t kMostBytesOfItem = 4096;  // its number and its words, whatever its fields
  const std::size_t bytes = 4 * numbered * numbered + kMostBytesOfItem * (numbered + 16);
  return {.bytes = bytes * std::max<std::size_t>(1, model.interests()),
          .items = numbered,
          .isa = isa,
          .integers = Integers::when_faster};
}

struct Sink {
  OutputFile& file;
  std::exception_ptr error;
};

// The engine calls it, through which no exception may go.
bool write_bytes(void* context, const void* bytes, std::size_t size) noexcept {
  Sink& sink = *static_cast<Sink*>(context);
  try {
    sink.file.write({static_cast<const std::byte*>(bytes), size});
    return true;
  } catch (...) {
    sink.error = std::current_exception();
    return false;
  }
}

/// Behaviours of a request: fewer than training had, so that the padding behind them is among the pairs.
std::size_t history_of_page(const Model& model) {
  const std::size_t trained = model.trained_history();
  return trained > 0 ? std::clamp<std::size_t>(trained - 1, 1, kPage) : kPage;
}

}  // namespace

PairMemo catalogue_memo(const Model& model, const std::string& path, const ItemList& items, const std::string& isa) {
  if (items.size() > kMostItems) {
    throw Error(path, "the pairs of " + std::to_string(items.size()) + " items do not fit; list at most " +
                          std::to_string(kMostItems) + ", the most popular");
  }
  const Result<PairMemo> memo = PairMemo::create(model, options_for(model, items.size(), isa));
  if (!memo.ok()) throw Error(path, memo.status().message());
  RequestScorer scorer(model, path, {.isa = isa, .integers = Integers::when_faster, .memo = *memo});
  const std::size_t behaviors = history_of_page(model);
  Progress progress("items", items.size() * items.size());
  for (std::size_t b = 0; b < items.size(); b += behaviors) {
    const ItemRange history{b, std::min(behaviors, items.size() - b)};
    for (std::size_t c = 0; c < items.size(); c += kPage) {
      scorer.score(items.request(history, {c, std::min(kPage, items.size() - c)}), false);
      progress.update(b * items.size() + c * history.count, b);
    }
  }
  return *memo;
}

void write_memo(const PairMemo& memo, const std::string& path) {
  OutputFile file(path);
  Sink sink{file, nullptr};
  const Status status = memo.save({write_bytes, &sink});
  if (sink.error) std::rethrow_exception(sink.error);
  if (!status.ok()) throw Error(path, status.message());
  file.commit();
}

}  // namespace dinghy::converter
