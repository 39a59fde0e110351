// Requests as JSON lines: one user with a behaviour history and the candidates to score, by the model's feature names.
//
//   {"user": {"user_id": 7}, "context": {"hour": 20}, "history": {"item_id": [3, 9]}, "candidates": {"item_id": [5]}}
//
// A user or context feature has one value, a history or candidate feature a list with one value for each behaviour or
// candidate. A value is an id (an integer, or a string where the table has string keys), for a bag a list of ids, for
// a dense feature a number, or a list of numbers when it is wider than one. "label", "scores" and "attention" may
// follow, for evaluations and checks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "converter/requests/request_column.h"
#include "converter/text/text_lines.h"
#include "dinghy/model.h"

namespace dinghy::converter {

struct Network;

/// What a model asks of a request: its features, and the behaviour histories that they are columns of.
struct RequestShape {
  struct Feature {
    std::string name;
    Role role = Role::candidate;
    bool in_history = false;
    FeatureKind kind = FeatureKind::id;
    std::uint32_t dense_width = 0;
    bool string_ids = false;
    int sequence = -1;  // the history that it is a column of; an index in `sequences`
  };
  struct Sequence {
    std::string name;
    bool keeps_last = true;        // of a history that is too long; else the first behaviours
    std::uint32_t max_length = 0;  // behaviours that the model keeps at most; 0: no limit
  };

  std::vector<Feature> features;  // in the model's order: the position is the number of the feature
  std::vector<Sequence> sequences;
  std::vector<std::uint32_t> interest_sequences;  // for each interest the history that it reads
};

RequestShape request_shape(const Model& model);
/// The same of a network that is not a file yet.
RequestShape request_shape(const Network& network);

/// Attention weights: for each interest a matrix [candidate][behaviour], behaviours as in the request, oldest first.
template <class Number>
using Attention = std::vector<std::vector<Number>>;

struct Request {
  std::string where;                    // "requests.jsonl:12", for errors
  std::vector<RequestColumn> features;  // user and context features, one row each
  std::vector<RequestColumn> history;
  std::vector<RequestColumn> candidates;
  std::size_t candidate_count = 0;
  std::vector<std::size_t> history_lengths;  // for each of the model's sequences
  std::vector<double> labels;                // one for each candidate, or none when the line has no "label"
  std::vector<double> scores;                // expected; as labels
  Attention<double> attention;               // expected; empty when the line has no "attention"
};

/// Parses one line. Throws Error at `where` for anything that is not exactly a request of this shape.
Request parse_request(const RequestShape& shape, std::string_view line, const std::string& where);

/// Reads requests line by line, from a stream of any length.
class RequestReader {
 public:
  /// Opens a file or a pipe, which is read once, or standard input for "-". Throws Error as InputFile.
  RequestReader(RequestShape shape, const std::string& path);
  /// Reads lines that are in memory already; `name` stands for the file in errors.
  RequestReader(RequestShape shape, std::string text, std::string name);

  /// The next request; false at the end. Throws Error that names file and line.
  bool next(Request& request);

  const RequestShape& shape() const { return shape_; }
  std::uint64_t lines() const { return lines_.number(); }
  std::uint64_t bytes() const { return bytes_; }              // read so far
  std::uint64_t total_bytes() const { return total_bytes_; }  // 0 where nobody knows: a pipe

 private:
  RequestShape shape_;
  std::string text_;
  std::uint64_t bytes_ = 0;
  std::uint64_t total_bytes_ = 0;
  TextLines lines_;
};

}  // namespace dinghy::converter
