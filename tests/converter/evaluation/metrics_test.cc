// AUC against a count of all pairs and against values worked out by hand.
#include "converter/evaluation/metrics.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <random>

namespace dinghy::converter {
namespace {

using Catch::Approx;

/// The definition: all pairs of a clicked and a not clicked impression.
double auc_by_pairs(const std::vector<Impression>& impressions) {
  double wins = 0;
  double pairs = 0;
  for (const Impression& clicked : impressions) {
    for (const Impression& other : impressions) {
      if (!clicked.clicked || other.clicked) continue;
      ++pairs;
      wins += clicked.score > other.score ? 1 : clicked.score == other.score ? 0.5 : 0;
    }
  }
  return wins / pairs;
}

}  // namespace

TEST_CASE("AUC is the share of pairs in the right order", "[evaluation]") {
  // Pairs: (0.8 > 0.6), (0.8 > 0.2), (0.4 < 0.6), (0.4 > 0.2).
  const std::vector<Impression> impressions = {{0.8f, true}, {0.6f, false}, {0.4f, true}, {0.2f, false}};
  CHECK(auc(impressions) == 0.75);
}

TEST_CASE("AUC counts equal scores half", "[evaluation]") {
  CHECK(auc(std::vector<Impression>{{0.5f, true}, {0.5f, false}}) == 0.5);
  // (0.5 = 0.5), (0.5 > 0.1), (0.9 > 0.5), (0.9 > 0.1).
  CHECK(auc(std::vector<Impression>{{0.5f, true}, {0.5f, false}, {0.9f, true}, {0.1f, false}}) == 0.875);
}

TEST_CASE("AUC is 1 for a perfect order and 0 for its reverse", "[evaluation]") {
  CHECK(auc(std::vector<Impression>{{0.1f, false}, {0.9f, true}}) == 1.0);
  CHECK(auc(std::vector<Impression>{{0.1f, true}, {0.9f, false}}) == 0.0);
}

TEST_CASE("AUC is undefined without both classes", "[evaluation]") {
  CHECK_FALSE(auc({}));
  CHECK_FALSE(auc(std::vector<Impression>{{0.1f, true}, {0.2f, true}}));
  CHECK_FALSE(auc(std::vector<Impression>{{0.1f, false}}));
}

TEST_CASE("AUC equals a count of all pairs, ties included", "[evaluation]") {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<Impression> impressions = {{0.5f, true}, {0.5f, false}};
    const std::size_t size = 2 + random() % 60;
    // Few distinct scores, so that most runs hold both classes.
    for (std::size_t i = 0; i < size; ++i) {
      impressions.push_back({static_cast<float>(random() % 12) / 12, random() % 3 == 0});
    }
    CHECK(auc(impressions).value() == Approx(auc_by_pairs(impressions)).epsilon(1e-14));
  }
}

TEST_CASE("GAUC weighs users by impressions and leaves out those with one class", "[evaluation]") {
  const std::vector<Impression> impressions = {
      {0.9f, true, 0},  {0.1f, false, 0},                    // 1
      {0.2f, true, 1},  {0.3f, false, 1}, {0.1f, false, 1},  // 1/2
      {0.7f, true, 2},  {0.6f, true, 2},                     // one class
      {0.4f, false, 3},                                      // one class
  };
  const GroupAuc result = group_auc(impressions);
  REQUIRE(result.value);
  CHECK(*result.value == Approx((2 * 1.0 + 3 * 0.5) / 5).epsilon(1e-15));
  CHECK(result.groups == 4);
  CHECK(result.groups_counted == 2);
  CHECK(result.impressions_counted == 5);
}

TEST_CASE("GAUC of one user is the AUC", "[evaluation]") {
  const std::vector<Impression> impressions = {{0.8f, true, 5}, {0.6f, false, 5}, {0.4f, true, 5}, {0.2f, false, 5}};
  CHECK(group_auc(impressions).value == 0.75);
}

TEST_CASE("GAUC is undefined when no user has both classes", "[evaluation]") {
  const GroupAuc result = group_auc(std::vector<Impression>{{0.5f, true, 0}, {0.5f, false, 1}});
  CHECK_FALSE(result.value);
  CHECK(result.groups == 2);
}

TEST_CASE("Log loss is the mean surprise", "[evaluation]") {
  CHECK(log_loss(std::vector<Impression>{{0.25f, true}, {0.25f, false}}) ==
        Approx((std::log(4.0) - std::log(0.75)) / 2).epsilon(1e-12));
}

TEST_CASE("Log loss stays finite for a certain score that was wrong", "[evaluation]") {
  const double loss = log_loss(std::vector<Impression>{{1.0f, false}});
  CHECK(loss == Approx(-std::log(std::pow(2.0, -23))).epsilon(1e-6));
}

TEST_CASE("Calibration compares predicted with real clicks, in all and by ten bins", "[evaluation]") {
  const Calibration result = calibration(
      std::vector<Impression>{{0.0f, false}, {0.0625f, true}, {0.5f, true}, {0.5625f, false}, {1.0f, true}});
  CHECK(result.mean_score == Approx(2.125 / 5));
  CHECK(result.mean_label == Approx(0.6));
  REQUIRE(result.bins.size() == 10);
  CHECK(result.bins[0].impressions == 2);
  CHECK(result.bins[0].mean_score == Approx(0.03125));
  CHECK(result.bins[0].mean_label == Approx(0.5));
  CHECK(result.bins[5].impressions == 2);
  CHECK(result.bins[9].impressions == 1);
  CHECK(result.bins[9].mean_label == 1);
  CHECK(result.bins[1].impressions == 0);
  CHECK(result.bins[5].begin == 0.5);
}

TEST_CASE("Scores beyond 0 and 1 count in the outer bins", "[evaluation]") {
  const Calibration result = calibration(std::vector<Impression>{{-3.0f, false}, {12.0f, true}});
  CHECK(result.bins[0].impressions == 1);
  CHECK(result.bins[9].impressions == 1);
}

}  // namespace dinghy::converter
