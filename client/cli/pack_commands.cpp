// SPDX-License-Identifier: AGPL-3.0-or-later
// pack publish|lint|diff|history|available|list: forms, rules and reports from files into force.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/commands.h"
#include "client/field/packs.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"
#include "sync/holder/book.h"

namespace satchel::cli {

namespace {

constexpr std::size_t kDifferencesShown = 20;

boost::json::array findings_json(const std::vector<field::CheckedPack>& packs) {
  boost::json::array out;
  for (const auto& checked : packs) {
    for (const auto& f : checked.findings) {
      out.push_back({{"source", checked.source},
                     {"severity", f.severity == LintSeverity::error ? "error" : "warning"},
                     {"where", f.where},
                     {"code", f.code},
                     {"message_zh", f.message.zh},
                     {"message_en", f.message.en}});
    }
  }
  return out;
}

boost::json::array packs_json(const std::vector<field::CheckedPack>& packs) {
  boost::json::array out;
  for (const auto& checked : packs) {
    out.push_back({{"pack", checked.pack.id},
                   {"version", checked.pack.version},
                   {"in_force", checked.in_force},
                   {"unchanged", checked.unchanged},
                   {"differences", boost::json::value_from(checked.differences)}});
  }
  return out;
}

void tell(const Frame& frame, const field::CheckedPack& checked) {
  std::string line = checked.source + ": " + checked.pack.label.in(frame.globals().lang) + " (" + checked.pack.id +
                     " " + std::to_string(checked.pack.version) + ")";
  if (checked.unchanged) line += frame.tr("，已经有效，没有变化", ", in force already, unchanged");
  if (!checked.unchanged && checked.in_force > 0)
    line += frame.tr("，现行版本 ", ", in force ") + std::to_string(checked.in_force);
  frame.say(line);
  if (!checked.unchanged && checked.in_force > 0) {
    for (std::size_t i = 0; i < checked.differences.size() && i < kDifferencesShown; ++i)
      frame.say("  " + checked.differences[i]);
    if (checked.differences.size() > kDifferencesShown)
      frame.say("  … " + std::to_string(checked.differences.size() - kDifferencesShown));
  }
  for (const auto& f : checked.findings) {
    const std::string severity =
        f.severity == LintSeverity::error ? frame.tr("错误", "error") : frame.tr("提醒", "warning");
    frame.note("  " + severity + " " + f.where + ": " + f.message.in(frame.globals().lang) + " [" + f.code + "]");
  }
}

std::string faulty(const std::vector<field::CheckedPack>& packs) {
  std::string out;
  for (const auto& checked : packs) {
    if (has_errors(checked.findings)) out += (out.empty() ? "" : ", ") + checked.source;
  }
  return out;
}

int lint(const Frame& frame, const std::string& source) {
  const Lang lang = frame.globals().lang;
  std::unique_ptr<field::Device> device;
  if (!frame.globals().vault.empty()) {
    int code = kOk;
    device = frame.open_any(code);
    if (!device) return code;
  }
  const auto packs = device ? field::check_packs(*device, source, lang) : field::check_packs_alone(source, lang);
  if (!packs) return frame.explain(packs.error());
  const std::string faults = faulty(*packs);
  frame.print(boost::json::object{
      {"packs", packs_json(*packs)}, {"findings", findings_json(*packs)}, {"publishable", faults.empty()}});
  for (const auto& checked : *packs) tell(frame, checked);
  if (faults.empty()) {
    frame.say(frame.tr("检查通过，可以发布。", "No errors: it can be published."));
    return kOk;
  }
  if (!frame.globals().json) frame.explain({ErrorKind::usage, "pack.lint", faults});
  return static_cast<int>(ExitCode::failed);
}

Result<std::vector<PersonId>> people_named(const Frame& frame, field::Device& device,
                                           const std::vector<std::string>& names) {
  holder::Book book(device, frame.globals().lang);
  std::vector<PersonId> out;
  for (const auto& name : names) {
    SATCHEL_GET(person, book.find_person(name));
    out.push_back(person);
  }
  return out;
}

int publish(const Frame& frame, const std::string& source, const std::vector<std::string>& group) {
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const auto test_group = people_named(frame, *device, group);
  if (!test_group) return frame.explain(test_group.error());
  const auto packs = field::check_packs(*device, source, frame.globals().lang);
  if (!packs) return frame.explain(packs.error());
  for (const auto& checked : *packs) tell(frame, checked);
  const auto published = field::publish_packs(*device, *packs, *test_group);
  if (!published)
    return frame.explain({published.error().kind, published.error().code,
                          published.error().code == "pack.lint" ? faulty(*packs) : published.error().detail});
  frame.print(boost::json::object{{"packs", packs_json(*packs)},
                                  {"findings", findings_json(*packs)},
                                  {"state", published->pending ? "pending" : "ordered"}});
  if (published->pending) {
    frame.say(frame.tr("待总部处理：已保存在本机，下次同步时自动送出。",
                       "Pending at HQ: kept here and sent with the next sync."));
    return static_cast<int>(ExitCode::offline);
  }
  std::string list;
  for (const auto& [id, version] : published->packs)
    list += (list.empty() ? "" : ", ") + id + " " + std::to_string(version);
  frame.say(list.empty()
                ? frame.tr("没有变化，不必发布。", "Nothing has changed, nothing to publish.")
                : frame.tr("已发布：", "Published: ") + list +
                      (group.empty()
                           ? frame.tr("。各设备下次同步后生效。", ". In force on every device after its next sync.")
                           : frame.tr("。先由试用的人使用，下一个版本再给所有人。",
                                      ". Its test group works by it; the next version is for all.")));
  return kOk;
}

int list_packs(const Frame& frame) {
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const Lang lang = frame.globals().lang;
  const auto& packs = device->deriver().packs();
  boost::json::array out;
  TextTable table({{frame.tr("模板包", "pack")},
                   {frame.tr("版本", "version"), true},
                   {frame.tr("名称", "name")},
                   {frame.tr("表单", "forms")},
                   {frame.tr("报表", "reports")}});
  for (const Pack* pack : packs.catalogue.packs()) {
    std::string forms;
    std::string reports;
    for (const auto& t : pack->templates) forms += (forms.empty() ? "" : ", ") + t.id;
    for (const auto& r : pack->reports) reports += (reports.empty() ? "" : ", ") + r.id;
    table.row({pack->id, std::to_string(pack->version), pack->label.in(lang), forms, reports});
    out.push_back({{"pack", pack->id},
                   {"version", pack->version},
                   {"label", pack->label.in(lang)},
                   {"forms", forms},
                   {"reports", reports}});
  }
  frame.print(out);
  frame.say(table.text());
  for (const auto& broken : packs.broken) frame.note(frame.tr("本程序读不了：", "This program cannot read: ") + broken);
  return kOk;
}

int available(const Frame& frame) {
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const Lang lang = frame.globals().lang;
  boost::json::array out;
  TextTable table({{frame.tr("文件", "file")}, {frame.tr("版本", "version"), true}, {frame.tr("名称", "name")}});
  for (const auto& [file, pack] : field::available_packs(device->deriver().packs().catalogue, lang)) {
    table.row({file, std::to_string(pack.version), pack.label.in(lang)});
    out.push_back({{"file", file}, {"pack", pack.id}, {"version", pack.version}, {"label", pack.label.in(lang)}});
  }
  frame.say(out.empty() ? frame.tr("内置的模板包都已有效。", "All built-in packs are in force.") : table.text());
  frame.print(out);
  return kOk;
}

std::string signed_off(const SignOff& sign) {
  return sign.name.empty() ? "-" : sign.name + (sign.on ? " " + format_date(*sign.on) : "");
}

int history(const Frame& frame, const std::string& id) {
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const auto releases = field::pack_history(*device, id);
  if (!releases) return frame.explain(releases.error());
  holder::Book book(*device, frame.globals().lang);
  boost::json::array out;
  for (const auto& r : *releases) {
    boost::json::array group;
    std::string names;
    for (const auto& person : r.test_group) {
      names += (names.empty() ? "" : ", ") + book.person_name(person);
      group.push_back(boost::json::value(book.person_name(person)));
    }
    out.push_back({{"version", r.version},
                   {"place", r.place},
                   {"in_force", r.in_force},
                   {"bytes", r.bytes},
                   {"test_group", std::move(group)},
                   {"made", signed_off(r.made)},
                   {"reviewed", signed_off(r.reviewed)},
                   {"approved", signed_off(r.approved)},
                   {"differences", boost::json::value_from(r.differences)}});
    frame.say(r.id + " " + std::to_string(r.version) + (r.in_force ? frame.tr("  现行", "  in force") : "") +
              (names.empty() ? "" : frame.tr("  试用：", "  test group: ") + names) + frame.tr("  制定 ", "  made ") +
              signed_off(r.made) + frame.tr("  审核 ", "  reviewed ") + signed_off(r.reviewed) +
              frame.tr("  批准 ", "  approved ") + signed_off(r.approved));
    for (std::size_t i = 0; i < r.differences.size() && i < kDifferencesShown && out.size() > 1; ++i)
      frame.say("  " + r.differences[i]);
  }
  frame.print(out);
  return kOk;
}

}  // namespace

void add_pack_commands(CLI::App& app, Frame& frame) {
  auto* pack = app.add_subcommand("pack", frame.tr("模板包：检查、比较、发布、历史、列出",
                                                   "Packs: lint, diff, publish, history, list"))
                   ->require_subcommand(1);
  const auto source = std::make_shared<std::string>();
  const auto group = std::make_shared<std::vector<std::string>>();
  const std::string what = frame.tr("一个 .toml 文件、装有它们的文件夹，或内置的模板包（s06、s06,s13、systems）",
                                    "A .toml file, a folder of them, or built-in packs (s06, s06,s13, systems)");
  auto* publish_app = pack->add_subcommand(
      "publish",
      frame.tr("检查后发布，各设备同步后生效", "Lint, then publish; in force on every device after its next sync"));
  publish_app->add_option("source", *source, what)->required();
  publish_app->add_option("--for", *group,
                          frame.tr("先给这些人试用，可多次给出", "For these people first, may be repeated"));
  publish_app->footer(frame.example("satchel --vault admin pack publish visits.toml"));
  publish_app->callback([=, &frame] { frame.choose([=, &frame] { return publish(frame, *source, *group); }); });
  auto* lint_app = pack->add_subcommand("lint", frame.tr("只检查；给出 --vault 时与现行版本比较",
                                                         "Only check; with --vault, against the version in force"));
  lint_app->add_option("source", *source, what)->required();
  lint_app->footer(frame.example("satchel pack lint visits.toml"));
  lint_app->callback([=, &frame] { frame.choose([=, &frame] { return lint(frame, *source); }); });
  auto* diff_app = pack->add_subcommand(
      "diff", frame.tr("与现行版本有什么不同（同 lint）", "What differs from the version in force (as lint)"));
  diff_app->add_option("source", *source, what)->required();
  diff_app->footer(frame.example("satchel --vault admin pack diff visits.toml"));
  diff_app->callback([=, &frame] { frame.choose([=, &frame] { return lint(frame, *source); }); });
  auto* history_app = pack->add_subcommand("history", frame.tr("一个模板包的全部版本", "Every version of a pack"));
  history_app->add_option("pack", *source, frame.tr("模板包代码", "The pack's id"))->required();
  history_app->footer(frame.example("satchel --vault admin pack history visits"));
  history_app->callback([=, &frame] { frame.choose([=, &frame] { return history(frame, *source); }); });
  auto* available_app =
      pack->add_subcommand("available", frame.tr("内置而尚未发布的模板包", "Built-in packs that are not in force"));
  available_app->footer(frame.example("satchel --vault admin pack available"));
  available_app->callback([&frame] { frame.choose([&frame] { return available(frame); }); });
  auto* list_app = pack->add_subcommand("list", frame.tr("列出有效的模板包", "List the packs in force"));
  list_app->footer(frame.example("satchel --vault rep pack list"));
  list_app->callback([&frame] { frame.choose([&frame] { return list_packs(frame); }); });
}

}  // namespace satchel::cli
