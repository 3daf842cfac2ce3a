// SPDX-License-Identifier: AGPL-3.0-or-later
// branch add|list, person add|list|change.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/commands.h"
#include "client/cli/told.h"
#include "client/cli/words.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"
#include "schema/template/field_text.h"

namespace satchel::cli {

namespace {

int explain_role(const Frame& frame, const std::string& word) {
  return frame.explain({ErrorKind::usage, "usage.role",
                        word + frame.tr("（可用：", " (") + role_words(frame.globals().lang) + frame.tr("）", ")")});
}

// ---- branch ----

int add_branch(const Frame& frame, const std::string& name, const std::string& code_word) {
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const auto said = field::add_branch(*device, name, code_word);
  if (!said) return frame.explain(said.error());
  return tell_said(frame, *said, frame.tr("已增加分支：", "Branch added: ") + name,
                   {{"branch", name}, {"code", code_word}});
}

int list_branches(const Frame& frame) {
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const auto directory = device->directory();
  boost::json::array list;
  TextTable table({{frame.tr("分支", "branch")},
                   {frame.tr("代码", "code")},
                   {frame.tr("在职人数", "people"), true},
                   {frame.tr("枢纽", "hub")}});
  for (const auto& [id, branch] : directory->branches()) {
    const auto people = std::ranges::count_if(
        directory->people(), [&](const auto& p) { return p.second.active() && p.second.branch() == id; });
    std::string hubs;
    for (const KnownNode* hub : directory->hubs(id)) {
      if (hub->branch == id) hubs += (hubs.empty() ? "" : ", ") + hub->address;
    }
    table.row({branch.name, branch.code, std::to_string(people), hubs});
    list.push_back(
        {{"id", id.hex()}, {"name", branch.name}, {"code", branch.code}, {"people", people}, {"hubs", hubs}});
  }
  frame.print(list);
  frame.say(directory->branches().empty() ? frame.tr("还没有分支。`satchel branch add 名称` 增加。",
                                                     "No branches yet. Add one with `satchel branch add NAME`.")
                                          : table.text());
  return kOk;
}

// ---- person ----

struct PersonOptions {
  std::string name;
  std::string role;
  std::string branch;
  std::vector<std::string> functions;
  std::vector<std::string> deputies;
  bool leave = false;
  bool back = false;
};

int add_person(const Frame& frame, const PersonOptions& options) {
  const auto role = role_of_word(options.role);
  if (!role) return explain_role(frame, options.role);
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const auto said = field::add_person(*device, {options.name, *role, options.branch, options.functions});
  if (!said) return frame.explain(said.error());
  const std::string where = options.branch.empty() ? frame.tr("总部", "headquarters") : options.branch;
  const std::string done = frame.tr("已增加人员：", "Person added: ") + options.name + frame.tr("，", ", ") +
                           role_word(*role, frame.globals().lang) + frame.tr("，", ", ") + where +
                           frame.tr("。接着运行 `satchel invite ", ". Next: `satchel invite ") + options.name +
                           frame.tr(" --out 文件` 邀请其设备。", " --out FILE` to invite a device.");
  return tell_said(frame, *said, done,
                   {{"person", options.name}, {"role", role_name(*role)}, {"branch", options.branch}});
}

int list_people(const Frame& frame) {
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const auto directory = device->directory();
  const Lang lang = frame.globals().lang;
  boost::json::array list;
  TextTable table({{frame.tr("姓名", "name")},
                   {frame.tr("角色", "role")},
                   {frame.tr("分支", "branch")},
                   {frame.tr("职能", "functions")},
                   {frame.tr("代理人", "deputies")},
                   {frame.tr("设备", "devices"), true},
                   {frame.tr("状态", "state")}});
  for (const auto& [id, person] : directory->people()) {
    const Branch* branch = directory->branch(person.branch());
    const std::string where = branch != nullptr ? branch->name : std::string{};
    std::vector<std::string> deputies;
    for (const auto& deputy : person.deputies) {
      if (const auto* found = directory->person(deputy)) deputies.push_back(found->name);
    }
    const auto nodes = directory->nodes_of(id);
    const auto devices =
        std::ranges::count_if(nodes, [](const KnownNode* n) { return n->state() == NodeState::confirmed; });
    table.row({person.name, role_word(person.role(), lang), where.empty() ? frame.tr("总部", "headquarters") : where,
               join_list(person.functions, lang), join_list(deputies, lang), std::to_string(devices),
               person.active() ? frame.tr("在职", "active") : frame.tr("已离开", "left")});
    list.push_back({{"id", id.hex()},
                    {"name", person.name},
                    {"role", role_name(person.role())},
                    {"branch", where},
                    {"functions", boost::json::value_from(person.functions)},
                    {"deputies", boost::json::value_from(deputies)},
                    {"devices", devices},
                    {"active", person.active()}});
  }
  frame.print(list);
  frame.say(table.text());
  return kOk;
}

int change_person(const Frame& frame, const PersonOptions& options, bool branch_given) {
  if (options.leave && options.back) return frame.explain({ErrorKind::usage, "usage.leave-and-return", {}});
  if (options.role.empty() && !branch_given && !options.leave && !options.back && options.functions.empty() &&
      options.deputies.empty()) {
    return frame.explain({ErrorKind::usage, "usage.nothing-to-change", {}});
  }
  field::PersonChange change{options.name, {}, {}, {}, {}, {}};
  if (!options.role.empty()) {
    change.role = role_of_word(options.role);
    if (!change.role) return explain_role(frame, options.role);
  }
  if (branch_given) change.branch = options.branch;
  if (options.leave || options.back) change.active = options.back;
  if (!options.functions.empty()) {
    change.functions = options.functions;
    std::erase(*change.functions, std::string());  // "" alone: none any more
  }
  if (!options.deputies.empty()) {
    change.deputies = options.deputies;
    std::erase(*change.deputies, std::string());
  }
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const auto said = field::change_person(*device, change);
  if (!said) return frame.explain(said.error());
  return tell_said(frame, *said, frame.tr("已变更：", "Changed: ") + options.name, {{"person", options.name}});
}

void add_branch_commands(CLI::App& app, Frame& frame) {
  auto* branch =
      app.add_subcommand("branch", frame.tr("分支：增加、列出", "Branches: add, list"))->require_subcommand(1);
  auto* add = branch->add_subcommand("add", frame.tr("增加一个分支", "Add a branch"));
  const auto name = std::make_shared<std::string>();
  const auto code = std::make_shared<std::string>();
  add->add_option("name", *name, frame.tr("名称", "Name"))->required();
  add->add_option("--code", *code, frame.tr("短代码", "Short code"));
  add->footer(frame.example("satchel --vault admin branch add 深圳 --code SZ"));
  add->callback([=, &frame] { frame.choose([=, &frame] { return add_branch(frame, *name, *code); }); });
  auto* list = branch->add_subcommand("list", frame.tr("列出全部分支", "List all branches"));
  list->footer(frame.example("satchel --vault admin branch list"));
  list->callback([&frame] { frame.choose([&frame] { return list_branches(frame); }); });
}

void add_person_commands(CLI::App& app, Frame& frame) {
  auto* person = app.add_subcommand("person", frame.tr("人员：增加、列出、变更", "People: add, list, change"))
                     ->require_subcommand(1);
  const std::string role_help = frame.tr("角色：", "Role: ") + role_words(frame.globals().lang);
  const std::string branch_help =
      frame.tr("分支的名称或代码；不写就是总部", "Branch, by name or code; none: headquarters");

  auto* add = person->add_subcommand("add", frame.tr("增加一个人", "Add a person"));
  const auto added = std::make_shared<PersonOptions>();
  add->add_option("--name", added->name, frame.tr("姓名，在职人员中不得重复", "Name, unique among active people"))
      ->required();
  add->add_option("--role", added->role, role_help)->required();
  add->add_option("--branch", added->branch, branch_help);
  add->add_option("--function", added->functions, frame.tr("职能，可多次给出", "Function, may be repeated"))
      ->expected(1)
      ->take_all();
  add->footer(frame.example("satchel --vault admin person add --name 甲 --role salesperson --branch 深圳"));
  add->callback([=, &frame] { frame.choose([=, &frame] { return add_person(frame, *added); }); });

  auto* list = person->add_subcommand("list", frame.tr("列出全部人员", "List everybody"));
  list->footer(frame.example("satchel --vault admin person list"));
  list->callback([&frame] { frame.choose([&frame] { return list_people(frame); }); });

  auto* change = person->add_subcommand(
      "change", frame.tr("变更角色、分支，离开或返回", "Change role or branch, leave or return"));
  const auto changed = std::make_shared<PersonOptions>();
  change->add_option("name", changed->name, frame.tr("姓名", "Name"))->required();
  change->add_option("--role", changed->role, role_help);
  auto* branch =
      change->add_option("--branch", changed->branch,
                         frame.tr("分支的名称或代码；\"\" 为总部", "Branch, by name or code; \"\": headquarters"));
  change
      ->add_option(
          "--function", changed->functions,
          frame.tr("今后的全部职能，可多次给出；\"\" 为没有", "All functions from now on, may be repeated; \"\": none"))
      ->expected(1)
      ->take_all();
  change
      ->add_option("--deputy", changed->deputies,
                   frame.tr("今后的全部代理人（可代其办理流程步骤），可多次给出；\"\" 为没有",
                            "Who may take his steps in workflows from now on, may be repeated; \"\": nobody"))
      ->expected(1)
      ->take_all();
  change->add_flag("--leave", changed->leave, frame.tr("离开：不再有任何权限", "Leaves: no rights any more"));
  change->add_flag("--return", changed->back, frame.tr("返回", "Returns"));
  change->footer(frame.example("satchel --vault admin person change 甲 --leave"));
  change->callback(
      [=, &frame] { frame.choose([=, &frame] { return change_person(frame, *changed, branch->count() > 0); }); });
}

}  // namespace

void add_people_commands(CLI::App& app, Frame& frame) {
  add_branch_commands(app, frame);
  add_person_commands(app, frame);
}

}  // namespace satchel::cli
