// What a graph computes, without its shapes: for one user, one candidate and one place in the history a vector, as an
// expression of ids, weights and vectors. Transpositions, reshapes and the like are gone; equal expressions are one.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "converter/network.h"
#include "converter/presets/codes/onnx/scalar_operation.h"

namespace dinghy::converter {

enum class ExpressionKind {
  input,        // columns [begin, begin + width) of a graph's input; by time: one of [begin, begin + time)
  constant,     // numbers
  rows,         // the row of the table `name` that args[0] names
  concat,       // args side by side
  slice,        // numbers [begin, begin + width) of args[0]
  linear,       // args[0] * weight
  elementwise,  // operation on args, an argument of width 1 stands for all channels
  softmax,      // of args[0] over the time
  classes,      // softmax of args[0] over its channels
  time_sum,     // of args[0]
  channel_sum,  // of args[0]
};

struct Expression {
  ExpressionKind kind = ExpressionKind::constant;
  std::vector<const Expression*> args;
  std::size_t width = 1;
  std::size_t time = 0;  // places of the history; 0: the same at all
  std::size_t begin = 0;
  std::string name;  // of an input or a table
  const ScalarOperation* operation = nullptr;
  Vector numbers;  // of a constant: [time or 1][width]
  Matrix weight;   // of a linear layer: [in][out]
  std::size_t depth = 0;
};

/// Makes expressions and owns them. Throws Error at `where` when they nest deeper than any DIN.
class Expressions {
 public:
  explicit Expressions(std::string where) : where_(std::move(where)) {}

  const Expression* input(const std::string& name, std::size_t begin, std::size_t width, std::size_t time);
  const Expression* constant(Vector numbers, std::size_t width, std::size_t time);
  const Expression* rows(const std::string& table, std::size_t width, const Expression* ids);
  const Expression* concat(const std::vector<const Expression*>& args);
  const Expression* slice(const Expression* of, std::size_t begin, std::size_t width);
  const Expression* linear(const Expression* of, Matrix weight);
  const Expression* elementwise(const ScalarOperation* operation, std::vector<const Expression*> args);
  const Expression* softmax(const Expression* of) { return of_one(ExpressionKind::softmax, of, of->width, of->time); }
  const Expression* classes(const Expression* of) { return of_one(ExpressionKind::classes, of, of->width, 0); }
  const Expression* time_sum(const Expression* of) { return of_one(ExpressionKind::time_sum, of, of->width, 0); }
  const Expression* channel_sum(const Expression* of) { return of_one(ExpressionKind::channel_sum, of, 1, of->time); }

 private:
  const Expression* of_one(ExpressionKind kind, const Expression* of, std::size_t width, std::size_t time);
  struct Before {
    bool operator()(const std::unique_ptr<Expression>& a, const std::unique_ptr<Expression>& b) const;
  };

  const Expression* add(Expression expression);

  std::string where_;
  std::map<std::unique_ptr<Expression>, const Expression*, Before> known_;
};

}  // namespace dinghy::converter
