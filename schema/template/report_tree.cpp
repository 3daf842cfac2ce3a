// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/template/report_tree.h"

#include <algorithm>
#include <map>
#include <set>

namespace satchel {

namespace {

constexpr std::size_t kIndentMax = 12;  // deeper ones stand no further to the right

std::optional<ArchiveId> archive_in(const ReportCell& cell) {
  const auto* ref = std::get_if<Ref>(&cell.value);
  if (ref == nullptr) return std::nullopt;
  return ArchiveId::of(ref->id);
}

class Tree {
 public:
  Tree(ReportResult& result, std::size_t name, std::size_t by) : result_(result), name_(name) {
    for (std::size_t i = 0; i < result.lines.size(); ++i) {
      const auto& line = result.lines[i];
      lines_[line.row.archive].push_back(i);
      if (const auto parent = archive_in(line.cells[by])) {
        children_[*parent].push_back(i);
        named_.push_back(*parent);
      } else {
        roots_.push_back(line.row.archive);
      }
    }
  }

  std::vector<ReportLine> grow(const RefNames& names) {
    // Those without anybody before them first, as the lines stood; then who is only named; then circles.
    for (const auto& root : roots_) stand(root);
    for (const auto& parent : named_) {
      if (lines_.contains(parent) || stood_.contains(parent)) continue;
      ReportLine line{{parent, {}}, false, std::vector<ReportCell>(result_.columns.size())};
      const Ref ref{parent.bytes};
      line.cells[name_] = {ref, names.archive ? names.archive(ref) : parent.hex()};
      put(std::move(line), 0);
    }
    for (const auto& [archive, at] : lines_) stand(archive);
    return std::move(out_);
  }

 private:
  void stand(const ArchiveId& archive) {
    if (stood_.contains(archive)) return;
    for (const auto i : lines_.at(archive)) put(result_.lines[i], 0);
  }

  // The line, and below it, once, all that its archive brought. Returns how many those are.
  std::size_t put(ReportLine line, std::size_t depth) {
    const ArchiveId archive = line.row.archive;
    if (depth > 0) {
      const auto indent = std::min(depth, kIndentMax);
      std::string before;
      for (std::size_t i = 1; i < indent; ++i) before += "　";
      line.cells[name_].text = before + "└ " + line.cells[name_].text;
    }
    const std::size_t at = out_.size();
    out_.push_back(std::move(line));
    std::size_t direct = 0, all = 0;
    if (stood_.insert(archive).second && depth < kDepthMax) {
      const auto brought = children_.find(archive);
      for (const auto i : brought == children_.end() ? std::vector<std::size_t>{} : brought->second) {
        ++direct;
        all += 1 + put(result_.lines[i], depth + 1);
      }
    }
    for (const auto count : {direct, all})
      out_[at].cells.push_back({static_cast<std::int64_t>(count), std::to_string(count)});
    return all;
  }

  static constexpr std::size_t kDepthMax = 1'000;

  ReportResult& result_;
  std::size_t name_;
  std::map<ArchiveId, std::vector<std::size_t>> lines_;     // of an archive, in their order
  std::map<ArchiveId, std::vector<std::size_t>> children_;  // lines that name it
  std::vector<ArchiveId> roots_, named_;
  std::set<ArchiveId> stood_;
  std::vector<ReportLine> out_;
};

}  // namespace

void put_tree(const ReportDef& report, const ReportContext& context, ReportResult& result) {
  const auto column = [&](std::string_view id) {
    return static_cast<std::size_t>(std::ranges::find(result.columns, id, &ReportColumn::id) - result.columns.begin());
  };
  const std::size_t name = column("archive"), by = column(report.tree);
  if (name == result.columns.size() || by == result.columns.size()) return;  // lint says so
  result.lines = Tree(result, name, by).grow(context.names);
  const bool zh = context.lang == Lang::zh;
  result.columns.push_back({"tree.direct", zh ? "直接带来" : "Brought", FieldType::integer, {}});
  result.columns.push_back({"tree.all", zh ? "共带来" : "Brought in all", FieldType::integer, {}});
}

}  // namespace satchel
