#include "converter/presets/codes/onnx/expression.h"

#include <algorithm>
#include <tuple>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

constexpr std::size_t kMaxDepth = 1000;  // a DIN's longest way is about a hundred

}  // namespace

bool Expressions::Before::operator()(const std::unique_ptr<Expression>& a, const std::unique_ptr<Expression>& b) const {
  const auto key = [](const Expression& e) {
    return std::tie(e.kind, e.args, e.width, e.time, e.begin, e.name, e.operation, e.numbers, e.weight.values);
  };
  return key(*a) < key(*b);
}

const Expression* Expressions::add(Expression expression) {
  for (const Expression* arg : expression.args) expression.depth = std::max(expression.depth, arg->depth + 1);
  if (expression.depth > kMaxDepth) throw Error(where_, "its graph is deeper than any Deep Interest Network");
  auto owned = std::make_unique<Expression>(std::move(expression));
  const Expression* pointer = owned.get();
  return known_.try_emplace(std::move(owned), pointer).first->second;
}

const Expression* Expressions::input(const std::string& name, std::size_t begin, std::size_t width, std::size_t time) {
  Expression e;
  e.kind = ExpressionKind::input;
  e.name = name;
  e.begin = begin;
  e.width = width;
  e.time = time;
  return add(std::move(e));
}

const Expression* Expressions::constant(Vector numbers, std::size_t width, std::size_t time) {
  Expression e;
  e.numbers = std::move(numbers);
  e.width = width;
  e.time = time;
  return add(std::move(e));
}

const Expression* Expressions::rows(const std::string& table, std::size_t width, const Expression* ids) {
  Expression e;
  e.kind = ExpressionKind::rows;
  e.args = {ids};
  e.name = table;
  e.width = width;
  e.time = ids->time;
  return add(std::move(e));
}

const Expression* Expressions::concat(const std::vector<const Expression*>& args) {
  Expression e;
  e.kind = ExpressionKind::concat;
  e.width = 0;
  const auto append = [&](const Expression* arg) {
    const Expression* last = e.args.empty() ? nullptr : e.args.back();
    const bool continues = last && last->kind == ExpressionKind::slice && arg->kind == ExpressionKind::slice &&
                           last->args == arg->args && last->begin + last->width == arg->begin;
    if (continues) {
      e.args.back() = slice(arg->args[0], last->begin, last->width + arg->width);
    } else {
      e.args.push_back(arg);
    }
  };
  for (const Expression* arg : args) {
    e.width += arg->width;
    e.time = std::max(e.time, arg->time);
    if (arg->kind != ExpressionKind::concat) {
      append(arg);
    } else {
      for (const Expression* inner : arg->args) append(inner);
    }
  }
  return e.args.size() == 1 ? e.args[0] : add(std::move(e));
}

const Expression* Expressions::slice(const Expression* of, std::size_t begin, std::size_t width) {
  if (begin == 0 && width == of->width) return of;
  if (of->kind == ExpressionKind::slice) return slice(of->args[0], of->begin + begin, width);
  if (of->kind == ExpressionKind::input) return input(of->name, of->begin + begin, width, 0);
  if (of->kind == ExpressionKind::concat) {
    std::vector<const Expression*> parts;
    std::size_t at = 0;
    for (const Expression* arg : of->args) {
      const std::size_t first = std::max(begin, at), last = std::min(begin + width, at + arg->width);
      if (first < last) parts.push_back(slice(arg, first - at, last - first));
      at += arg->width;
    }
    return concat(parts);
  }
  Expression e;
  e.kind = ExpressionKind::slice;
  e.args = {of};
  e.begin = begin;
  e.width = width;
  e.time = of->time;
  return add(std::move(e));
}

const Expression* Expressions::linear(const Expression* of, Matrix weight) {
  Expression e;
  e.kind = ExpressionKind::linear;
  e.args = {of};
  e.width = weight.cols;
  e.time = of->time;
  e.weight = std::move(weight);
  return add(std::move(e));
}

const Expression* Expressions::elementwise(const ScalarOperation* operation, std::vector<const Expression*> args) {
  Expression e;
  e.kind = ExpressionKind::elementwise;
  e.operation = operation;
  for (const Expression* arg : args) {
    e.width = std::max(e.width, arg->width);
    e.time = std::max(e.time, arg->time);
  }
  e.args = std::move(args);
  return add(std::move(e));
}

const Expression* Expressions::of_one(ExpressionKind kind, const Expression* of, std::size_t width, std::size_t time) {
  Expression e;
  e.kind = kind;
  e.args = {of};
  e.width = width;
  e.time = time;
  return add(std::move(e));
}

}  // namespace dinghy::converter
