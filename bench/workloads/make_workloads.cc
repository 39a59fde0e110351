// dinghy-make-workloads FOLDER [NAME...] [--tables ROWS] [--npy]: a folder for each workload (without names all but W5)
// with its model, model.dinghy, whose tables are stored as --tables of `dinghy convert` says, and with --npy the same
// numbers and a stream of requests as .npy files, which is what bench/peers gives to other engines, and the model again
// with its attention in integers, model-int16.dinghy and model-int8.dinghy.
//
// FOLDER/W2/weights/*.npy: tables by name, attention.0.weight [in][out], attention.0.bias, and for Dice .scale, .shift
// and .alpha; tower.0.weight …  FOLDER/W2/requests/*.npy: user [requests], item and category [requests][candidates],
// history_item and history_category [requests][behaviours]; the attention's scale is 1 / sqrt(width of a key).
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <vector>

#include "bench/requests/request_drawer.h"
#include "bench/workloads/npy_file.h"
#include "bench/workloads/random_network.h"
#include "bench/workloads/workload.h"
#include "converter/error.h"
#include "converter/model_file/writer.h"
#include "converter/quantization/table_choice.h"
#include "converter/table_form.h"

namespace dinghy::bench {
namespace {

using std::filesystem::path;

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kRequests = 256;

void write_numbers(const path& file, const std::vector<std::size_t>& shape, const converter::Vector& numbers) {
  if (numbers.empty()) return;
  const std::vector<float> rounded(numbers.begin(), numbers.end());  // as the writer of models does
  write_npy(file.string() + ".npy", shape, rounded);
}

void write_layers(const path& prefix, const std::vector<converter::Layer>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string name = prefix.string() + "." + std::to_string(i);
    const converter::Layer& layer = layers[i];
    write_numbers(name + ".weight", {layer.weight.rows, layer.weight.cols}, layer.weight.values);
    write_numbers(name + ".bias", {layer.bias.size()}, layer.bias);
    write_numbers(name + ".scale", {layer.activation.scale.size()}, layer.activation.scale);
    write_numbers(name + ".shift", {layer.activation.shift.size()}, layer.activation.shift);
    write_numbers(name + ".alpha", {layer.activation.alpha.size()}, layer.activation.alpha);
  }
}

void write_weights(const path& folder, const converter::Network& network) {
  std::filesystem::create_directories(folder);
  for (const converter::Table& table : network.tables) {
    const std::vector<std::size_t> shape(table.source.shape.begin(), table.source.shape.end());
    std::vector<float> rows(shape[0] * shape[1]);
    table.source.read_rows(0, shape[0], std::span(rows));
    write_npy((folder / (table.name + ".npy")).string(), shape, rows);
  }
  write_layers(folder / "attention", network.interests[0].layers);
  write_layers(folder / "tower", network.tower);
}

void write_requests(const path& folder, const path& model_path, const Workload& workload) {
  std::filesystem::create_directories(folder);
  auto model = Model::open(model_path.c_str());
  if (!model.ok()) throw converter::Error(model_path.string(), model.status().message());
  RequestDrawer drawer(*model, kSeed);
  std::vector<std::vector<std::int64_t>> history(model->features().size()), others(model->features().size());
  for (std::size_t r = 0; r < kRequests; ++r) {
    const converter::Request request = drawer.draw(workload.candidates, workload.history);
    const auto append = [](auto& columns, const std::vector<converter::RequestColumn>& from) {
      for (const converter::RequestColumn& column : from) {
        columns[column.feature].insert(columns[column.feature].end(), column.ids.begin(), column.ids.end());
      }
    };
    append(history, request.history);
    append(others, request.features);
    append(others, request.candidates);
  }
  for (std::size_t f = 0; f < others.size(); ++f) {
    const auto write = [&](const std::string& name, const std::vector<std::int64_t>& ids) {
      if (!ids.empty()) write_npy((folder / (name + ".npy")).string(), {kRequests, ids.size() / kRequests}, ids);
    };
    write(std::string(model->features()[f].name), others[f]);
    write("history_" + std::string(model->features()[f].name), history[f]);
  }
}

struct Options {
  std::string folder;
  std::vector<std::string> names;
  std::string tables = "f32";
  bool npy = false;
};

void make(const path& folder, const Workload& workload, const Options& options) {
  converter::Network network = random_network(workload.network, kSeed);
  const std::vector<format::RowForm> forms = converter::read_table_choice(options.tables, network.tables);
  for (std::size_t i = 0; i < forms.size(); ++i) converter::set_form(network.tables[i], forms[i]);
  std::filesystem::create_directories(folder);
  const path model = folder / "model.dinghy";
  converter::write_model(network, {}, {}, model.string());
  if (!options.npy) return;
  for (const auto compute : {format::Compute::int16, format::Compute::int8}) {
    network.compute = compute;
    const std::string name = std::string("model-") + format::EnumNameCompute(compute) + ".dinghy";
    converter::write_model(network, {}, {}, (folder / name).string());
  }
  write_weights(folder / "weights", network);
  write_requests(folder / "requests", model, workload);
}

void run(const Options& options) {
  std::vector<const Workload*> chosen;
  for (const std::string& name : options.names) {
    chosen.push_back(find_workload(name));
    if (chosen.back() == nullptr) throw converter::Error(name, "is no workload");
  }
  if (chosen.empty()) {
    for (const Workload& workload : workloads()) chosen.push_back(&workload);
  }
  for (const Workload* workload : chosen) make(path(options.folder) / workload->name, *workload, options);
}

}  // namespace
}  // namespace dinghy::bench

int main(int argc, char** argv) {
  CLI::App app("Writes the models of the workloads that the benchmarks measure.", "dinghy-make-workloads");
  dinghy::bench::Options options;
  app.add_option("folder", options.folder, "Where to write; a folder for each workload")
      ->required()
      ->type_name("FOLDER");
  app.add_option("names", options.names, "W0 to W7; without any all but W5, which has 4.35 GB")->type_name("NAME");
  app.add_option("--tables", options.tables, "How rows are stored, as for dinghy convert")
      ->type_name("ROWS")
      ->capture_default_str();
  app.add_flag("--npy", options.npy, "Write the numbers and 256 requests too, for other engines");
  try {
    app.parse(argc, argv);
    dinghy::bench::run(options);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dinghy-make-workloads: %s\n", error.what());
    return 1;
  }
}
