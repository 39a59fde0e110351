#include "bench/dinghy_bench/measurement.h"

#include <catch2/catch_test_macros.hpp>
#include <numeric>

#include "bench/dinghy_bench/output.h"
#include "bench/requests/request_drawer.h"
#include "bench/workloads/random_network.h"
#include "bench/workloads/workload.h"
#include "converter/model_file/writer.h"
#include "dinghy/isa.h"
#include "tests/converter/temporary_folder.h"

namespace dinghy::bench {
namespace {

/// A small model of the workloads' form in a file, and requests for it.
struct Subject {
  converter::TemporaryFolder folder;
  std::string path = folder.path("m.dinghy");
  Model model;
  std::vector<PreparedRequest> requests;

  static Model open(const std::string& path) {
    NetworkShape shape = find_workload("W0")->network;
    shape.items = shape.users = 1000;
    converter::write_model(random_network(shape, 1), {}, {}, path);
    auto model = Model::open(path.c_str());
    REQUIRE(model.ok());
    return *model;
  }
  Subject() : model(open(path)) {
    RequestDrawer drawer(model, 1);
    for (int i = 0; i < 8; ++i) requests.emplace_back(drawer.draw(10, 20));
  }
};

}  // namespace

TEST_CASE("A percentile is the smallest time that its share of all do not exceed", "[bench]") {
  const Times times({4, 1, 3, 2});
  CHECK(times.percentile(0) == 1);
  CHECK(times.percentile(0.5) == 2);
  CHECK(times.percentile(0.51) == 3);
  CHECK(times.percentile(1) == 4);
  CHECK(times.sum() == 10);
  CHECK(Times({}).percentile(0.5) == 0);
}

TEST_CASE("A measurement counts its requests, and its steps are all of its fastest request", "[bench]") {
  const Subject subject;
  const Measurement m = measure(subject.model, subject.path, subject.requests, PageState::hot,
                                {.isa = "", .prefetch = false, .seconds = 0.02});
  CHECK(m.candidates == 10);
  CHECK(m.history == 20);
  CHECK(m.request.sorted().size() >= 20);
  CHECK(m.candidates_per_second > 0);
  double sum = 0;
  for (const Step& step : m.steps) {
    CHECK(step.microseconds > 0);
    sum += step.microseconds;
  }
  // The clock's own cost is in the steps; nothing else may be far from the fastest request without them.
  CHECK(sum > 0.5 * m.request.percentile(0));
}

TEST_CASE("Scores are those of the engine again after the steps were measured", "[bench]") {
  const Subject subject;
  Ranker ranker = Ranker::for_requests(subject.model, subject.requests, "");
  const kernels::KernelTable* before = ranker.kernels();
  CHECK(measure_steps(ranker, subject.requests, 0.001).size() > 1);
  CHECK(ranker.kernels() == before);
}

TEST_CASE("The reference has no kernels and so no steps", "[bench]") {
  const Subject subject;
  Ranker ranker = Ranker::for_requests(subject.model, subject.requests, "reference");
  CHECK(measure_steps(ranker, subject.requests, 0.001).empty());
}

TEST_CASE("Pages that were dropped fault again, hot ones do not", "[bench]") {
  const Subject subject;
  const MeasureOptions options{.isa = "", .prefetch = false, .seconds = 0.02};
  const auto minor = [&](PageState state) {
    return measure(subject.model, subject.path, subject.requests, state, options).minor_faults;
  };
  CHECK(minor(PageState::hot) < 1);
  CHECK(minor(PageState::page_cache) >= 3);  // the tables of users, items and categories, and the dense weights
}

TEST_CASE("A report holds its numbers as text, as JSON and as a picture", "[bench]") {
  Measurement m{.candidates = 10, .history = 20, .request = Times({5, 7}), .set = Times({1}), .score = Times({4})};
  m.steps = {{"softmax", 1.25}};
  const Load load{Times({50}), Times({3}), {1000, 2000}};
  const Report report{"a.dinghy", "avx2_fma", load, {m}};
  CHECK(text_of(report).find("softmax") != std::string::npos);
  CHECK(json_of(report).find("\"softmax\": 1.25") != std::string::npos);
  const std::string svg = svg_of(report);
  CHECK(svg.starts_with("<svg"));
  CHECK(svg.ends_with("</svg>\n"));
}

}  // namespace dinghy::bench
