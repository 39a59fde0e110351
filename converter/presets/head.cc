#include "converter/presets/head.h"

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

std::string line_of(format::Link link) { return "link = " + json_string(format::EnumNameLink(link)); }

}  // namespace

void choose_link(Conversion& conversion, format::Link link, Certainty certainty) {
  const auto [chosen, sure] = conversion.decide(conversion.recipe.link, link, certainty);
  conversion.network.head.link = chosen;
  report_link(conversion, {chosen, sure});
}

void report_link(Conversion& conversion, const Sourced<format::Link>& link) {
  conversion.found("score",
                   link.value == format::Link::sigmoid ? "a probability: sigmoid of the logit" : "the logit itself",
                   link.certainty, RecipeLine{"head", line_of(link.value)});
}

void require_link_of_recipe(const Conversion& conversion) {
  const format::Link link = conversion.network.head.link;
  if (!conversion.recipe.link || *conversion.recipe.link == link) return;
  throw Error(conversion.recipe.where(), "[head] " + line_of(*conversion.recipe.link) + ": this code has always " +
                                             line_of(link) + "; leave it out, or use preset = \"generic\"");
}

}  // namespace dinghy::converter
