// Reading requests: what a line may say, and the message for everything else.
#include "converter/requests/requests.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>

#include "converter/error.h"
#include "tests/converter/temporary_folder.h"

namespace dinghy::converter {
namespace {

using Catch::Matchers::Message;

/// One feature of each kind and role, two histories.
RequestShape every_kind() {
  RequestShape shape;
  shape.features = {
      {.name = "user_id", .role = Role::user},
      {.name = "tags", .role = Role::user, .kind = FeatureKind::bag},
      {.name = "hour", .role = Role::context, .kind = FeatureKind::dense, .dense_width = 1},
      {.name = "item_id", .role = Role::candidate, .in_history = true, .sequence = 0},
      {.name = "brand", .role = Role::candidate, .in_history = true, .string_ids = true, .sequence = 0},
      {.name = "picture",
       .role = Role::candidate,
       .in_history = true,
       .kind = FeatureKind::dense,
       .dense_width = 2,
       .sequence = 0},
      {.name = "query", .role = Role::history, .in_history = true, .kind = FeatureKind::bag, .sequence = 1},
  };
  shape.sequences = {{.name = "clicks"}, {.name = "searches"}};
  shape.interest_sequences = {0, 1};
  return shape;
}

/// A line for every_kind(); tests replace one part of it.
struct Line {
  std::string user = R"({"user_id": 7, "tags": [1, 2]})";
  std::string context = R"({"hour": 0.5})";
  std::string history =
      R"({"item_id": [3, -9], "brand": ["a", "é"], "picture": [[1, 2], [3, 4]], "query": [[5], [], [6, 7]]})";
  std::string candidates = R"({"item_id": [4], "brand": ["b"], "picture": [[0.25, 1e-3]]})";
  std::string more;

  std::string text() const {
    return R"({"user": )" + user + R"(, "context": )" + context + R"(, "history": )" + history + R"(, "candidates": )" +
           candidates + more + "}";
  }
};

std::string error_of(const std::string& line, const RequestShape& shape = every_kind()) {
  try {
    parse_request(shape, line, "r.jsonl:3");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// One id in the history and for the candidates.
RequestShape items_only() {
  RequestShape shape;
  shape.features = {{.name = "item", .role = Role::candidate, .in_history = true, .sequence = 0}};
  shape.sequences = {{.name = "history"}};
  shape.interest_sequences = {0};
  return shape;
}

}  // namespace

TEST_CASE("A request holds the values of every kind of feature", "[requests]") {
  const Request request = parse_request(every_kind(), Line().text(), "r.jsonl:1");
  REQUIRE(request.features.size() == 3);
  CHECK(request.features[0].ids == std::vector<std::int64_t>{7});
  CHECK(request.features[1].offsets == std::vector<std::uint32_t>{0, 2});
  CHECK(request.features[2].numbers == std::vector<float>{0.5f});
  REQUIRE(request.history.size() == 4);
  CHECK(request.history[0].ids == std::vector<std::int64_t>{3, -9});
  CHECK(request.history[1].strings == std::vector<std::string>{"a", "é"});
  CHECK(request.history[2].numbers == std::vector<float>{1, 2, 3, 4});
  CHECK(request.history[3].ids == std::vector<std::int64_t>{5, 6, 7});
  CHECK(request.history[3].offsets == std::vector<std::uint32_t>{0, 1, 1, 3});
  CHECK(request.history_lengths == std::vector<std::size_t>{2, 3});
  CHECK(request.candidate_count == 1);
  CHECK(request.candidates[2].numbers == std::vector<float>{0.25f, 1e-3f});
  CHECK(request.where == "r.jsonl:1");
  CHECK(request.labels.empty());
}

TEST_CASE("Columns for the engine see the request's own values, also after it moved", "[requests]") {
  Request first = parse_request(every_kind(), Line().text(), "r.jsonl:1");
  const Request request = std::move(first);
  const Column brand = request.history[1].column();
  CHECK(brand.feature() == 4);
  CHECK(brand.kind() == Column::Kind::strings);
  REQUIRE(brand.size() == 2);
  CHECK(brand.string(1) == "é");
  const Column query = request.history[3].column();
  CHECK(query.is_bag());
  CHECK(query.offsets().size() == 4);
  CHECK(request.history[2].column().kind() == Column::Kind::numbers);
}

TEST_CASE("An empty history and no candidates are a request", "[requests]") {
  const Request request = parse_request(items_only(), R"({"history": {"item": []}, "candidates": {"item": []}})", "r");
  CHECK(request.candidate_count == 0);
  CHECK(request.history_lengths == std::vector<std::size_t>{0});
}

TEST_CASE("Sections that the model has nothing for may be left out, or be empty", "[requests]") {
  const std::string rest = R"("history": {"item": [1]}, "candidates": {"item": [2]}})";
  CHECK(error_of("{" + rest, items_only()) == "no error");
  CHECK(error_of(R"({"user": {}, "context": {}, )" + rest, items_only()) == "no error");
}

TEST_CASE("Ids reach from the smallest to the largest 64-bit integer", "[requests]") {
  const Request request = parse_request(
      items_only(), R"({"history": {"item": [-9223372036854775808]}, "candidates": {"item": [9223372036854775807]}})",
      "r");
  CHECK(request.history[0].ids.front() == INT64_MIN);
  CHECK(request.candidates[0].ids.front() == INT64_MAX);
}

TEST_CASE("Labels, scores and attention are read by candidate and behaviour", "[requests]") {
  Line line;
  line.more = R"(, "label": 1, "scores": [0.25], "attention": [[[0.5, 0.25]], [[1, 2, 3]]])";
  const Request request = parse_request(every_kind(), line.text(), "r");
  CHECK(request.labels == std::vector<double>{1});
  CHECK(request.scores == std::vector<double>{0.25});
  CHECK(request.attention == Attention<double>{{0.5, 0.25}, {1, 2, 3}});
}

TEST_CASE("Attention of the only interest has no list around it", "[requests]") {
  const Request request = parse_request(
      items_only(),
      R"({"history": {"item": [1, 2]}, "candidates": {"item": [3, 4]}, "attention": [[0.1, 0.2], [0.3, 0.4]]})", "r");
  CHECK(request.attention == Attention<double>{{0.1, 0.2, 0.3, 0.4}});
}

TEST_CASE("A line that is no JSON object is refused with its place", "[requests]") {
  CHECK(error_of("") == "r.jsonl:3: an empty line; a request is a JSON object");
  CHECK(error_of(" \t\r") == "r.jsonl:3: an empty line; a request is a JSON object");
  CHECK(error_of("[1]") == "r.jsonl:3: a request is a JSON object, got a list of 1");
  CHECK(error_of(R"({"user": )").starts_with("r.jsonl:3: not valid JSON: column 10: syntax error"));
  CHECK(error_of(R"({"user": NaN})").starts_with("r.jsonl:3: not valid JSON: column 10: syntax error"));
  CHECK(error_of("{} {}").starts_with("r.jsonl:3: not valid JSON: column 4: syntax error"));
  CHECK(error_of(std::string(100000, '[')).starts_with("r.jsonl:3: nests deeper than 64 lists and objects"));
  CHECK(error_of(R"({"user": 1e999})") == "r.jsonl:3: not valid JSON: number overflow parsing '1e999'");
  CHECK(error_of("{\"\xff\": 1}").starts_with("r.jsonl:3: not valid JSON"));
}

TEST_CASE("A key that is given twice is refused, the same key in two objects is not", "[requests]") {
  CHECK(error_of(R"({"user": {"user_id": 1, "tags": [], "user_id": 2}})") ==
        "r.jsonl:3: the key \"user_id\" is given twice");
  CHECK(error_of(R"({"user": {}, "user": {}})") == "r.jsonl:3: the key \"user\" is given twice");
  CHECK(error_of(R"({"history": {"item": []}, "candidates": {"item": []}})", items_only()) == "no error");
}

TEST_CASE("An unknown key is refused, and the known ones are offered", "[requests]") {
  CHECK(error_of(R"({"candidate": {}})") ==
        "r.jsonl:3: unknown key \"candidate\" (did you mean \"candidates\"?); a request has the keys user, context, "
        "history, candidates, label, scores, attention");
  CHECK(error_of(R"({"a\nb": 1})").starts_with("r.jsonl:3: unknown key \"a\\u000ab\"; a request has the keys"));
}

TEST_CASE("Features must be exactly the model's", "[requests]") {
  Line line;
  SECTION("a missing section") {
    CHECK(error_of(R"({"user": {"user_id": 1, "tags": []}, "context": {"hour": 1}})") ==
          "r.jsonl:3: no \"history\"; this model has there: item_id, brand, picture, query");
  }
  SECTION("a section that is no object") {
    line.user = "7";
    CHECK(error_of(line.text()) == "r.jsonl:3: \"user\" is an object by feature names, got 7");
  }
  SECTION("a missing feature") {
    line.user = R"({"user_id": 7})";
    CHECK(error_of(line.text()) == "r.jsonl:3: no \"tags\" in \"user\"; this model has there: user_id, tags");
  }
  SECTION("a misspelt feature") {
    line.user = R"({"userid": 7, "tags": []})";
    CHECK(error_of(line.text()) ==
          "r.jsonl:3: unknown feature \"userid\" in \"user\" (did you mean \"user_id\"?); this model has there: "
          "user_id, tags");
  }
  SECTION("a feature in the wrong section") {
    line.user = R"({"user_id": 7, "tags": [], "hour": 0.5})";
    CHECK(error_of(line.text()) == "r.jsonl:3: unknown feature \"hour\" in \"user\"; it belongs into \"context\"");
  }
}

TEST_CASE("A value of the wrong type or range is refused with its feature and row", "[requests]") {
  Line line;
  const auto expect = [&line](const std::string& message) { CHECK(error_of(line.text()) == "r.jsonl:3: " + message); };
  SECTION("an id that is a fraction") {
    line.user = R"({"user_id": 7.0, "tags": []})";
    expect("user.user_id: an integer id expected, got 7.0");
  }
  SECTION("an id that is a string") {
    line.user = R"({"user_id": "7", "tags": []})";
    expect("user.user_id: an integer id expected, got \"7\"");
  }
  SECTION("an id that is missing") {
    line.user = R"({"user_id": null, "tags": []})";
    expect("user.user_id: an integer id expected, got null");
  }
  SECTION("an id of more than 63 bits") {
    line.user = R"({"user_id": 9223372036854775808, "tags": []})";
    expect("user.user_id: an id of at most 64 bits with sign expected, got 9223372036854775808");
  }
  SECTION("an id of more than 64 bits") {
    line.user = R"({"user_id": 18446744073709551616, "tags": []})";
    expect("user.user_id: an integer id expected, got 1.8446744073709552e+19");
  }
  SECTION("a list where one value is meant") {
    line.user = R"({"user_id": [7], "tags": []})";
    expect("user.user_id: an integer id expected, got a list of 1");
  }
  SECTION("one value where a list is meant") {
    line.candidates = R"({"item_id": 4, "brand": ["b"], "picture": [[0, 1]]})";
    expect("candidates.item_id: a list with one value for each row expected, got 4");
  }
  SECTION("an integer where strings are keys") {
    line.candidates = R"({"item_id": [4], "brand": [5], "picture": [[0, 1]]})";
    expect("candidates.brand[0]: a string id expected (the table has string keys), got 5");
  }
  SECTION("a bag that is no list") {
    line.user = R"({"user_id": 7, "tags": 1})";
    expect("user.tags: a list of ids expected, got 1");
  }
  SECTION("a bag with something else than ids") {
    line.history = R"({"item_id": [3], "brand": ["a"], "picture": [[1, 2]], "query": [[5], [{}]]})";
    expect("history.query[1]: an integer id expected, got an object");
  }
  SECTION("a number that is none") {
    line.context = R"({"hour": "12"})";
    expect("context.hour: a number expected, got \"12\"");
  }
  SECTION("a number beyond a float") {
    line.context = R"({"hour": 1e39})";
    expect("context.hour: a number within the range of a 32-bit float expected, got 1e+39");
  }
  SECTION("numbers of the wrong width") {
    line.candidates = R"({"item_id": [4], "brand": ["b"], "picture": [[1, 2, 3]]})";
    expect("candidates.picture[0]: a list of 2 numbers expected, got a list of 3");
  }
}

TEST_CASE("Columns of one history, and of the candidates, have one length", "[requests]") {
  Line line;
  SECTION("history") {
    line.history = R"({"item_id": [3, 9], "brand": ["a"], "picture": [[1, 2], [3, 4]], "query": []})";
    CHECK(error_of(line.text()) == "r.jsonl:3: history.brand has 1 values, history.item_id has 2; they must agree");
  }
  SECTION("candidates") {
    line.candidates = R"({"item_id": [4, 5], "brand": ["b", "c"], "picture": [[1, 2]]})";
    CHECK(error_of(line.text()) ==
          "r.jsonl:3: candidates.picture has 1 values, candidates.item_id has 2; they must agree");
  }
}

TEST_CASE("Expected results must fit the request", "[requests]") {
  const auto with = [](const std::string& more) {
    return R"({"history": {"item": [1, 2]}, "candidates": {"item": [3, 4]}, )" + more + "}";
  };
  const RequestShape shape = items_only();
  CHECK(error_of(with(R"("label": 1)"), shape) ==
        "r.jsonl:3: \"label\" has one number for each candidate, here 2, got 1");
  CHECK(error_of(with(R"("label": [1])"), shape) ==
        "r.jsonl:3: \"label\" has one number for each candidate, here 2, got a list of 1");
  CHECK(error_of(with(R"("scores": [1, "x"])"), shape) == "r.jsonl:3: \"scores\": a number expected, got \"x\"");
  CHECK(error_of(with(R"("attention": [[1, 2]])"), shape) ==
        "r.jsonl:3: \"attention\" has one list for each candidate, here 2, got a list of 1");
  CHECK(error_of(with(R"("attention": [[1, 2], [1]])"), shape) ==
        "r.jsonl:3: \"attention\" has for each candidate one weight for each behaviour, here 2, got a list of 1");
}

TEST_CASE("A reader gives the lines of a text in order and names the line of an error", "[requests]") {
  const std::string good = R"({"history": {"item": []}, "candidates": {"item": [3]}})";
  RequestReader reader(items_only(), good + "\n" + good + "\r\n{}", "golden");
  Request request;
  REQUIRE(reader.next(request));
  CHECK(request.where == "golden:1");
  REQUIRE(reader.next(request));
  CHECK(request.where == "golden:2");
  CHECK_THROWS_MATCHES(reader.next(request), Error, Message("golden:3: no \"history\"; this model has there: item"));
  CHECK_FALSE(reader.next(request));
  CHECK(reader.lines() == 3);
}

TEST_CASE("A reader of a file knows how much of it is read", "[requests]") {
  const TemporaryFolder folder;
  const std::string line = R"({"history": {"item": []}, "candidates": {"item": [3]}})";
  const std::string path = folder.write("r.jsonl", line + "\n");
  RequestReader reader(items_only(), path);
  Request request;
  CHECK(reader.total_bytes() == line.size() + 1);
  REQUIRE(reader.next(request));
  CHECK(reader.bytes() == line.size() + 1);
  CHECK_FALSE(reader.next(request));
}

TEST_CASE("A file of requests that cannot be read is an error with its name", "[requests]") {
  CHECK_THROWS_MATCHES(RequestReader(items_only(), std::string("/no/such/file")), Error,
                       Message("/no/such/file: cannot be opened: No such file or directory; "
                               "give a file of JSON lines, or - for standard input"));
  CHECK_THROWS_MATCHES(RequestReader(items_only(), std::string("/")), Error,
                       Message("/: is a folder; give a file of JSON lines, or - for standard input"));
}

}  // namespace dinghy::converter
