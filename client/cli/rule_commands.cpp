// SPDX-License-Identifier: AGPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "client/cli/duty_view.h"
#include "schema/base/exit_code.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

struct RuleOptions {
  std::string rule, on;
  bool all = false;
  bool list = false;
};

Result<int> list_rules(const Frame& frame, Book& book) {
  json::array out;
  std::string text;
  for (const auto* rule : book.catalogue().rules()) {
    const auto kind = kRuleKindNames[static_cast<std::size_t>(rule->kind)];
    out.push_back(
        {{"rule", rule->id}, {"label", rule->label.in(book.lang())}, {"kind", kind}, {"source", rule->source}});
    text +=
        (text.empty() ? "" : "\n") + rule->id + " — " + rule->label.in(book.lang()) + " (" + std::string(kind) + ")";
  }
  frame.print(json::object{{"rules", std::move(out)}});
  frame.say(text.empty() ? frame.tr("没有规则。", "There are no rules.") : text);
  return kOk;
}

Result<int> find(const Frame& frame, Book& book, const RuleOptions& options) {
  holder::FindingFilter filter{options.rule, options.all, {}};
  if (!options.on.empty()) {
    SATCHEL_GET(day, parse_day(book, options.on));
    filter.on = day;
  }
  SATCHEL_GET(findings, holder::list_findings(book, filter));
  json::array out;
  if (frame.globals().json)
    for (const auto& finding : findings) out.push_back(finding_json(book, finding));
  frame.print(json::object{{"findings", std::move(out)}});
  frame.say(findings.empty() ? frame.tr("没有发现。", "Nothing found.") : findings_text(frame, book, findings));
  return kOk;
}

}  // namespace

void add_rule_commands(CLI::App& app, Frame& frame) {
  auto options = std::make_shared<RuleOptions>();
  auto* rules = app.add_subcommand(
      "rules", frame.tr("规则：到期的、不全的、不一致的、要关注的、重复的、抽样的",
                        "Rules: what is due, incomplete, in disagreement, to be watched, double, sampled"));
  rules->add_option("rule", options->rule, frame.tr("规则代码；不写则全部", "The rule's id; none: all of them"));
  rules->add_option("--on", options->on,
                    frame.tr("按此日期（2026-12-01、今天、+7）", "As of this day (2026-12-01, today, +7)"));
  rules->add_flag("--all", options->all,
                  frame.tr("可见的全部，不只自己的", "All that can be read, not only one's own"));
  rules->add_flag("--list", options->list, frame.tr("列出有哪些规则", "List the rules there are"));
  rules->footer(frame.example("satchel --vault manager rules --all --on +7"));
  rules->callback([&frame, options] {
    frame.choose([&frame, options] {
      return with_book(frame, [&](Book& book) -> Result<int> {
        SATCHEL_TRY(book.refresh());
        return options->list ? list_rules(frame, book) : find(frame, book, *options);
      });
    });
  });
}

}  // namespace satchel::cli
