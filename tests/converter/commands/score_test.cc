// dinghy score, as a user runs it.
#include <catch2/catch_test_macros.hpp>

#include "tests/converter/arithmetic_model.h"
#include "tests/converter/commands/command.h"

namespace dinghy::converter {
namespace {

struct Fixture {
  Fixture() { write_arithmetic_model(model); }

  TemporaryFolder folder;
  std::string model = folder.path("m.dinghy");
};

std::string request(const std::string& history, const std::string& items, const std::string& brands) {
  return R"({"user": {"user_id": 2}, "context": {"hour": 0.5}, "history": {"item_id": )" + history +
         R"(}, "candidates": {"item_id": )" + items + R"(, "brand": )" + brands + "}}\n";
}

}  // namespace

TEST_CASE("score answers each request with a line, in order", "[commands]") {
  const Fixture test;
  // 2/16 + 0.5/4 = 0.25; then item/16 + brand/8 + mean(history)/32.
  const std::string requests =
      test.folder.write("r.jsonl", request("[2, 6]", "[1, 4]", R"(["acme", "zeta"])") +
                                       request("[]", "[0]", R"(["unknown"])") + request("[1]", "[]", "[]"));
  const CommandResult result = run_dinghy("score " + test.model + " --requests " + requests);
  CHECK(result.errors == "");
  CHECK(result.output == "{\"scores\": [0.5625, 0.875]}\n{\"scores\": [0.25]}\n{\"scores\": []}\n");
  CHECK(result.status == 0);
}

TEST_CASE("score reads requests from standard input", "[commands]") {
  const Fixture test;
  const CommandResult result =
      run_dinghy("score " + test.model + " --requests - --isa reference", request("[4]", "[1]", R"(["acme"])"));
  CHECK(result.output == "{\"scores\": [0.5625]}\n");
  CHECK(result.status == 0);
}

TEST_CASE("score prints attention over the behaviours of the request, the dropped ones with weight 0", "[commands]") {
  const Fixture test;
  const CommandResult result = run_dinghy("score " + test.model + " --requests - --attention",
                                          request("[7, 7, 1, 2, 3, 2]", "[0, 1]", R"(["acme", "acme"])") +
                                              request("[4, 4]", "[0]", R"([""])") + request("[]", "[0]", R"([""])"));
  CHECK(result.output ==
        "{\"scores\": [0.4375, 0.5], \"attention\": [[0, 0, 0.25, 0.25, 0.25, 0.25], [0, 0, 0.25, 0.25, 0.25, "
        "0.25]]}\n{\"scores\": [0.375], \"attention\": [[0.5, 0.5]]}\n{\"scores\": [0.25], \"attention\": [[]]}\n");
  CHECK(result.status == 0);
}

TEST_CASE("score grows with the requests", "[commands]") {
  const Fixture test;
  std::string items = "[0", brands = R"(["")", expected = "{\"scores\": [0.25";
  for (int i = 1; i < 500; ++i) {
    items += ", 0";
    brands += R"(, "")";
    expected += ", 0.25";
  }
  const CommandResult result = run_dinghy("score " + test.model + " --requests -",
                                          request("[]", "[0]", R"([""])") + request("[]", items + "]", brands + "]"));
  CHECK(result.output == "{\"scores\": [0.25]}\n" + expected + "]}\n");
}

TEST_CASE("score writes to a file", "[commands]") {
  const Fixture test;
  const std::string output = test.folder.path("out.jsonl");
  const CommandResult result =
      run_dinghy("score " + test.model + " --requests - -o " + output, request("[]", "[0]", R"([""])"));
  CHECK(result.output == "");
  CHECK(result.status == 0);
  CHECK(read_file(output) == "{\"scores\": [0.25]}\n");
}

TEST_CASE("score names file and line of a bad request after it answered the lines before", "[commands]") {
  const Fixture test;
  const std::string requests = test.folder.write(
      "r.jsonl", request("[]", "[0]", R"([""])") + request("[]", "[0]", "[1]") + request("[]", "[0]", R"([""])"));
  const CommandResult result = run_dinghy("score " + test.model + " --requests " + requests);
  CHECK(result.output == "{\"scores\": [0.25]}\n");
  CHECK(result.errors ==
        "dinghy: " + requests + ":2: candidates.brand[0]: a string id expected (the table has string keys), got 1\n");
  CHECK(result.status == 1);
}

TEST_CASE("score names the line of an id without a row", "[commands]") {
  const Fixture test;
  const CommandResult result = run_dinghy("score " + test.model + " --requests -", request("[]", "[8]", R"([""])"));
  CHECK(result.errors.starts_with("dinghy: standard input:1: "));
  CHECK(result.errors.find("item_id") != std::string::npos);
  CHECK(result.status == 1);
}

TEST_CASE("score refuses to write over what it reads", "[commands]") {
  const Fixture test;
  const std::string requests = test.folder.write("r.jsonl", request("[]", "[0]", R"([""])"));
  for (const std::string& input : {test.model, requests}) {
    const std::string before = read_file(input);
    const CommandResult result = run_dinghy("score " + test.model + " --requests " + requests + " -o " + input);
    CHECK(result.errors == "dinghy: " + input + ": is read by this command; choose another output file\n");
    CHECK(result.status == 1);
    CHECK(read_file(input) == before);
  }
}

TEST_CASE("score says what it cannot open, and writes nothing then", "[commands]") {
  const Fixture test;
  const std::string output = test.folder.path("out.jsonl");
  const CommandResult no_requests = run_dinghy("score " + test.model + " --requests /no/such -o " + output);
  CHECK(no_requests.errors ==
        "dinghy: /no/such: cannot be opened: No such file or directory; give a file of JSON lines, or - for standard "
        "input\n");
  CHECK(no_requests.status == 1);
  CHECK(read_file(output) == "");
  const CommandResult no_model = run_dinghy("score /no/such.dinghy --requests -");
  CHECK(no_model.errors.starts_with("dinghy: /no/such.dinghy: "));
  CHECK(no_model.status == 1);
  const CommandResult no_output = run_dinghy("score " + test.model + " --requests - -o /no/such/out");
  CHECK(no_output.errors == "dinghy: /no/such/out: cannot be written: No such file or directory\n");
  CHECK(no_output.status == 1);
}

TEST_CASE("score fails when its output cannot take what it writes", "[commands]") {
  const Fixture test;
  const CommandResult result =
      run_dinghy("score " + test.model + " --requests - -o /dev/full", request("[]", "[0]", R"([""])"));
  CHECK(result.errors == "dinghy: /dev/full: cannot be written: No space left on device\n");
  CHECK(result.status == 1);
}

TEST_CASE("A command line that is wrong ends with status 2", "[commands]") {
  const Fixture test;
  for (const std::string& arguments :
       {std::string(""), std::string("fly"), std::string("score"), "score " + test.model,
        "score " + test.model + " --requests - --isa avx1024", "score " + test.model + " --requests - --fast"}) {
    CAPTURE(arguments);
    const CommandResult result = run_dinghy(arguments);
    CHECK(result.status == 2);
    CHECK(result.errors.starts_with("dinghy: "));
    CHECK(result.errors.find('\n') == result.errors.size() - 1);
    CHECK(result.output == "");
  }
}

TEST_CASE("Help and version go to standard output with status 0", "[commands]") {
  CHECK(run_dinghy("--version").output.starts_with("dinghy 0."));
  const CommandResult help = run_dinghy("--help");
  CHECK(help.status == 0);
  for (const char* command : {"convert", "inspect", "selftest", "score", "eval", "predict"}) {
    CHECK(help.output.find(command) != std::string::npos);
  }
  CHECK(run_dinghy("score --help").output.find("--attention") != std::string::npos);
}

}  // namespace dinghy::converter
