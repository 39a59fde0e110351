#include "converter/model_file/writer.h"

#include <algorithm>
#include <array>
#include <bit>

#include "converter/error.h"
#include "converter/model_file/row_encoder.h"
#include "converter/model_file/table_rows.h"
#include "converter/model_file/tower_order.h"
#include "converter/packed_rows.h"
#include "converter/table_form.h"
#include "schema/hash.h"
#include "schema/header.h"

namespace dinghy::converter {
namespace {

static_assert(std::endian::native == std::endian::little, "the segments are written as they lie in memory");

std::uint64_t align_segment(std::uint64_t offset) {
  return (offset + format::kSegmentAlignment - 1) / format::kSegmentAlignment * format::kSegmentAlignment;
}

std::uint64_t table_bytes(const Table& table) {
  return static_cast<std::uint64_t>(table.source.shape.at(0)) * row_stride(table);
}

void require_matrix(const Table& table, const std::string& where) {
  const std::vector<std::int64_t>& shape = table.source.shape;
  if (shape.size() == 2 && shape[0] > 0 && shape[1] > 0) return;
  throw Error(where + ": " + table.source.name,
              "has the shape " + table.source.shape_text() + "; a table needs rows and columns, [rows, width]");
}

// Which table's rows each table uses: its own, or those of an earlier one that has the same elements.
std::vector<std::size_t> owners_of_rows(const std::vector<Table>& tables) {
  std::vector<std::size_t> owners;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const auto same =
        std::find_if(tables.begin(), tables.begin() + static_cast<std::ptrdiff_t>(i), [&](const Table& other) {
          return other.source.same_elements(tables[i].source) && other.encoding == tables[i].encoding &&
                 other.scale_type == tables[i].scale_type;
        });
    owners.push_back(static_cast<std::size_t>(same - tables.begin()));
  }
  return owners;
}

std::uint32_t add_segment(SegmentPlan& plan, format::SegmentKind kind, std::uint64_t size) {
  // Any offset will do for a draft, but not 0, the default that FlatBuffers would leave out.
  plan.segments.push_back({.kind = kind, .offset = format::kSegmentAlignment, .size = size});
  return static_cast<std::uint32_t>(plan.segments.size() - 1);
}

// Small things first, so that the pages of a large table do not lie between what opening reads.
SegmentPlan plan_segments(const Network& network, const GoldenRows& golden,
                          const std::vector<VocabularySegment>& vocabularies) {
  SegmentPlan plan;
  add_segment(plan, format::SegmentKind::dense, 1);
  for (const VocabularySegment& vocabulary : vocabularies) {
    plan.vocabulary_segments.push_back(add_segment(plan, format::SegmentKind::vocabulary, vocabulary.bytes.size()));
  }
  if (golden.count > 0) plan.golden_segment = add_segment(plan, format::SegmentKind::golden, golden.lines.size());
  if (!golden.columns.empty()) {
    plan.golden_columns_segment = add_segment(plan, format::SegmentKind::golden, golden.columns.size());
  }
  const std::vector<std::size_t> owners = owners_of_rows(network.tables);
  for (std::size_t i = 0; i < network.tables.size(); ++i) {
    plan.table_segments.push_back(owners[i] == i
                                      ? add_segment(plan, format::SegmentKind::table, table_bytes(network.tables[i]))
                                      : plan.table_segments[owners[i]]);
  }
  return plan;
}

void place_segments(SegmentPlan& plan, std::uint64_t metadata_size) {
  std::uint64_t end = format::kHeaderSize + metadata_size;
  for (PlacedSegment& segment : plan.segments) {
    segment.offset = align_segment(end);
    end = segment.offset + segment.size;
  }
}

std::uint64_t file_size_of(const SegmentPlan& plan) { return plan.segments.back().offset + plan.segments.back().size; }

void write_front(OutputFile& out, const std::vector<std::uint8_t>& metadata, const SegmentPlan& plan) {
  const format::Header header = {format::kFormatVersion, format::kHeaderSize, metadata.size(), file_size_of(plan),
                                 format::fnv1a64(metadata.data(), metadata.size())};
  std::array<unsigned char, format::kHeaderSize> bytes;
  format::write_header(header, bytes.data());
  std::vector<std::byte> front(bytes.size() + metadata.size());
  std::ranges::copy(std::as_bytes(std::span(bytes)), front.begin());
  std::ranges::copy(std::as_bytes(std::span(metadata)), front.begin() + format::kHeaderSize);
  out.write_front(front);
}

/// Appends to a segment, or begins it. Segments are written one behind the other.
void write(OutputFile& out, PlacedSegment& segment, std::span<const std::byte> bytes) {
  out.pad_to(segment.offset);
  out.write(bytes);
  segment.hash.add(bytes);
}

void write_table(OutputFile& out, PlacedSegment& segment, const Table& table, const std::string& where,
                 std::uint64_t file_size, const WriteProgress& progress) {
  const format::RowForm form = form_of(table);
  const bool as_it_came = packed_form(table.source) == form;
  const std::size_t stride = row_stride(table);
  std::vector<std::byte> encoded;
  for_table_rows(table, where, [&](const TableRows& rows) {
    const std::size_t width = rows.numbers.size() / rows.count;
    encoded.resize(rows.count * stride);
    if (as_it_came) read_packed_rows(table.source, rows.first, rows.count, encoded);
    for (std::uint64_t r = 0; !as_it_came && r < rows.count; ++r) {
      encode_row(form, rows.numbers.subspan(r * width, width), encoded.data() + r * stride);
    }
    write(out, segment, encoded);
    if (progress) progress(out.size(), file_size);
  });
}

WrittenSizes sizes_of(const SegmentPlan& plan, std::uint64_t metadata_size, std::uint64_t file_size) {
  WrittenSizes sizes;
  for (const PlacedSegment& segment : plan.segments) {
    switch (segment.kind) {
      case format::SegmentKind::dense:
        sizes.dense += segment.size;
        break;
      case format::SegmentKind::table:
        sizes.tables += segment.size;
        break;
      case format::SegmentKind::vocabulary:
        sizes.vocabularies += segment.size;
        break;
      case format::SegmentKind::golden:
        sizes.golden += segment.size;
        break;
    }
  }
  sizes.metadata = metadata_size;
  sizes.file = file_size;
  return sizes;
}

/// Everything about a file that is known before a table is read: all but the hashes of its segments.
struct Layout {
  Layout(const Network& network, const Provenance& provenance, const GoldenRows& golden)
      : ordered(network), dense(provenance.checkpoint) {
    for (const Table& table : network.tables) require_matrix(table, provenance.checkpoint);
    move_user_parts_first(ordered);
    for (const Vocabulary& vocabulary : network.vocabularies) vocabularies.push_back(build_vocabulary(vocabulary));
    plan = plan_segments(ordered, golden, vocabularies);
    // The metadata states where the segments lie, and they lie behind it: so a draft tells its size first.
    const std::size_t metadata_size = build_metadata(ordered, provenance, golden, plan, vocabularies, dense).size();
    plan.segments[0].size = dense.numbers().size() * sizeof(float);
    place_segments(plan, metadata_size);
  }

  Network ordered;
  std::vector<VocabularySegment> vocabularies;
  SegmentPlan plan;
  DenseSegment dense;
};

void write_segments(OutputFile& out, Layout& layout, const GoldenRows& golden, const std::string& where,
                    const WriteProgress& progress) {
  SegmentPlan& plan = layout.plan;
  write(out, plan.segments[0], std::as_bytes(std::span(layout.dense.numbers())));
  for (std::size_t i = 0; i < layout.vocabularies.size(); ++i) {
    write(out, plan.segments[plan.vocabulary_segments[i]], layout.vocabularies[i].bytes);
  }
  if (golden.count > 0) write(out, plan.segments[plan.golden_segment], std::as_bytes(std::span(golden.lines)));
  if (plan.golden_columns_segment) {
    write(out, plan.segments[*plan.golden_columns_segment], std::as_bytes(std::span(golden.columns)));
  }
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < layout.ordered.tables.size(); ++i) {
    const std::uint32_t segment = plan.table_segments[i];
    if (segment <= last) continue;  // the rows of an earlier table
    last = segment;
    write_table(out, plan.segments[segment], layout.ordered.tables[i], where, file_size_of(plan), progress);
  }
}

}  // namespace

WrittenSizes write_model(const Network& network, const Provenance& provenance, const GoldenRows& golden,
                         OutputFile& out, const WriteProgress& progress) {
  Layout layout(network, provenance, golden);
  write_segments(out, layout, golden, provenance.checkpoint, progress);
  // The metadata has the hashes of the segments that lie behind it: it is written last.
  DenseSegment same(provenance.checkpoint);
  const std::vector<std::uint8_t> metadata =
      build_metadata(layout.ordered, provenance, golden, layout.plan, layout.vocabularies, same);
  write_front(out, metadata, layout.plan);
  return sizes_of(layout.plan, metadata.size(), out.size());
}

std::uint64_t model_size(const Network& network, const Provenance& provenance, const GoldenRows& golden) {
  return file_size_of(Layout(network, provenance, golden).plan);
}

void write_model(const Network& network, const Provenance& provenance, const GoldenRows& golden,
                 const std::string& path) {
  OutputFile out(path);
  write_model(network, provenance, golden, out);
  out.commit();
}

}  // namespace dinghy::converter
