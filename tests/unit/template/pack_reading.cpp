// SPDX-License-Identifier: AGPL-3.0-or-later
#include <rapidcheck.h>

#include "schema/template/pack_diff.h"
#include "tests/unit/template/packs.h"

using namespace satchel;
using namespace satchel::test;

namespace {

const std::string kHead = "id = \"p\"\nversion = 1\nlabel = { zh = \"包\", en = \"Pack\" }\n";
const std::string kTemplate =
    kHead +
    "[[template]]\nid = \"card\"\nlabel = { zh = \"卡\", en = \"Card\" }\nscope = [\"customer\"]\nsheet = true\n";

std::string field(const std::string& id, const std::string& more = {}) {
  return "[[template.field]]\nid = \"" + id + "\"\nlabel = { zh = \"栏\", en = \"Field\" }\n" + more + "\n";
}

Error refused(const std::string& toml, Lang lang = Lang::en) {
  const auto pack = parse_pack(toml, lang);
  REQUIRE_FALSE(pack.has_value());
  return pack.error();
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("pack: a mistake is named with its line and what to do", "[pack]") {
  const auto e = refused(kTemplate + field("colour", "type = \"paint\""));
  REQUIRE(e.kind == ErrorKind::invalid);
  REQUIRE(e.code == "pack.invalid");
  REQUIRE(contains(e.detail, "line 12: card.colour: type = 'paint'"));
  REQUIRE(contains(e.detail, "long_text"));
  REQUIRE(contains(refused(kTemplate + field("colour", "type = \"paint\""), Lang::zh).detail, "第12行"));
  REQUIRE(contains(refused("id = \"p\"\nversion = = 2\n").detail, "line 2"));
}

TEST_CASE("pack: what a device could not rely on is refused", "[pack]") {
  REQUIRE(refused("").code == "pack.invalid");
  REQUIRE(contains(refused("id = \"Bad Id\"\nversion = 1\n").detail, "Bad Id"));
  REQUIRE(contains(refused("id = \"p\"\n").detail, "version"));
  REQUIRE(contains(refused(kTemplate + field("a") + field("a")).detail, "'a' stands twice"));
  REQUIRE(contains(refused(kTemplate + field("a", "type = \"choice\"")).detail, "choices"));
  REQUIRE(
      contains(refused(kTemplate + field("a", "type = \"choice\"\nchoices = [{ id = \"x\" }, { id = \"x\" }]")).detail,
               "'x' stands twice"));
  REQUIRE(contains(refused(kTemplate + field("a", "merge = \"newest\"")).detail, "latest, review"));
  REQUIRE(contains(refused(kTemplate + field("a", "required = 1")).detail, "true or false"));
  REQUIRE(contains(refused(kHead + "template = 5\n").detail, "takes a list"));
  REQUIRE(contains(refused(kHead + "[[template]]\nid = \"t\"\n").detail, "scope"));
  REQUIRE(contains(refused(kHead + "[[report]]\nid = \"r\"\nsource = \"t\"\n").detail, "columns or measures"));
  REQUIRE(contains(
      refused(kHead + "[[report]]\nid = \"r\"\nsource = \"t\"\ncolumns = [\"a\"]\nfilter = [{ column = \"a\" }]\n")
          .detail,
      "is_not"));
  REQUIRE(contains(refused(std::string(kPackBytesMax + 1, '#')).detail, "256 KiB"));
}

TEST_CASE("pack: one made for a newer program is told apart, so that the earlier version stays", "[pack]") {
  REQUIRE(refused("format = 2\nid = 5\nwhatever = true\n").code == "pack.newer");
}

TEST_CASE("pack: template defaults reach every field that says nothing else", "[pack]") {
  const Pack pack =
      pack_of(kHead +
              "made = { name = \"甲\", on = 2026-11-22 }\n"
              "[[template]]\nid = \"t\"\nlabel = { zh = \"表\", en = \"Form\" }\nscope = [\"customer\", \"branch\"]\n"
              "permission = \"fixed\"\nmerge = \"review\"\nsheet = true\n" +
              field("a") + field("b", "permission = \"anyone\"\nmerge = \"latest\"\nsheet = false"));
  const Template& t = pack.templates.at(0);
  REQUIRE(pack.made.name == "甲");
  REQUIRE(format_date(*pack.made.on) == "2026-11-22");
  REQUIRE(t.version == 1);
  REQUIRE(t.lives_in(RecordScope::branch));
  REQUIRE(t.field("a")->permission == Permission::fixed);
  REQUIRE(t.field("a")->merge == MergePolicy::review);
  REQUIRE(t.field("a")->sheet);
  REQUIRE(t.field("b")->permission == Permission::anyone);
  REQUIRE(t.field("b")->merge == MergePolicy::latest);
  REQUIRE_FALSE(t.field("b")->sheet);
}

TEST_CASE("lint: a misspelt key is found, not ignored", "[lint]") {
  const auto findings = lint_pack(pack_of(kTemplate + field("a", "requird = true")));
  REQUIRE(found(findings, "lint.unknown-key"));
  REQUIRE(has_errors(findings));
  REQUIRE(contains(findings[0].message.en, "line 12: requird"));
}

TEST_CASE("lint: finds what is well formed but would hurt", "[lint]") {
  const auto lint = [](const std::string& fields, const std::string& more = {}) {
    return lint_pack(pack_of(kTemplate + more + fields));
  };
  REQUIRE(lint(field("a")).empty());
  REQUIRE(found(lint("[[template.field]]\nid = \"a\"\nlabel = { zh = \"栏\" }\n"), "lint.label-incomplete", "card.a"));
  REQUIRE(found(lint(field("a", "type = \"choice\"\nchoices = [{ id = \"x\", zh = \"甲\" }]")), "lint.label-incomplete",
                "card.a x"));
  REQUIRE(found(lint(field("a"), "date_field = \"day\"\n"), "lint.date-field"));
  REQUIRE(found(lint(field("a"), "date_field = \"a\"\n"), "lint.date-field"));
  REQUIRE(found(lint(field("a"), "title_field = \"b\"\n"), "lint.no-such-field"));
  REQUIRE(found(lint(field("a", "group = \"g\"")), "lint.no-such-group"));
  REQUIRE(found(lint(field("author")), "lint.reserved-id"));
  REQUIRE(found(lint(field("a", "required = true\nretired = true")), "lint.required-unreachable"));
  REQUIRE(found(lint(field("a", "required = true\nwhen = { field = \"gone\", is = [\"x\"] }")),
                "lint.required-unreachable"));
  REQUIRE(found(lint(field("k", "type = \"choice\"\nchoices = [{ id = \"x\", zh = \"甲\", en = \"X\" }]") +
                     field("a", "when = { field = \"k\", is = [\"y\"] }")),
                "lint.when-unfit"));
  REQUIRE(found(lint(field("a", "merge = \"set\"")), "lint.merge-unfit"));
  REQUIRE(found(lint(field("a", "merge = \"max\"")), "lint.merge-unfit"));
  REQUIRE(found(lint(field("a", "sheet = false\nsearch = \"text\"")), "lint.search-unfit"));
  REQUIRE(found(lint(field("a", "type = \"money\"")), "lint.currency"));
  REQUIRE(found(lint(field("a", "type = \"integer\"\nleast = 3\nmost = 2")), "lint.bounds"));
}

TEST_CASE("lint: what is required can be filled, and every word has both languages", "[lint]") {
  const auto lint = [](const std::string& fields) { return lint_pack(pack_of(kTemplate + fields)); };
  const std::string retired = R"(choices = [{ id = "x", zh = "甲", en = "X", retired = true }])";
  CHECK(
      found(lint(field("a", "type = \"choice\"\nrequired = true\n" + retired)), "lint.required-unreachable", "card.a"));
  CHECK_FALSE(found(lint(field("a", "type = \"choice\"\n" + retired)), "lint.required-unreachable"));
  CHECK_FALSE(found(lint(field("a", "type = \"choice\"\nopen = true\nrequired = true\n" + retired)),
                    "lint.required-unreachable"));
  CHECK(found(lint(field("a", "help = { zh = \"说明\" }")), "lint.label-incomplete", "card.a help"));
  CHECK(found(lint_pack(pack_of(kTemplate + "help = { zh = \"说明\" }\n" + field("a"))), "lint.label-incomplete",
              "card help"));
  const auto groups = [&](const std::string& choice) {
    return lint(field("a", "type = \"groups\"") +
                "[[template.field.parts]]\nid = \"p\"\nlabel = { zh = \"部分\", en = \"Part\" }\ntype = "
                "\"choice\"\nchoices = [" +
                choice + "]\n");
  };
  CHECK(groups(R"({ id = "x", zh = "甲", en = "X" })").empty());
  CHECK(found(groups(R"({ id = "x", zh = "甲" })"), "lint.label-incomplete", "card.a.p x"));
}

TEST_CASE("pack: what a version changes is told by every key", "[pack]") {
  const auto at = std::ranges::find(system_packs(), "s06_complaints.toml", &BuiltInPack::first);
  REQUIRE(at != system_packs().end());
  const std::string text(at->second);
  CHECK(pack_differences(text, text).empty());
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string now = text;
    REQUIRE(now.find(from) != std::string::npos);
    now.replace(now.find(from), from.size(), to);
    return pack_differences(text, now);
  };
  CHECK(changed("limit = \"24h\"", "limit = \"99h\"").size() == 1);
  CHECK(contains(changed("limit = \"24h\"", "limit = \"99h\"").at(0), ".limit: 24h → 99h"));
  CHECK(contains(changed("retention = \"", "retention = \"1").at(0), "~ complaint.retention: "));
  const auto before = kTemplate + field("a", "length = 10") + field("b");
  const std::string after = kTemplate + field("a", "length = 4\nrequired = true") + field("c") +
                            "[[report]]\nid = \"r\"\nlabel = { zh = \"表\", en = \"R\" }\n";
  CHECK(pack_differences(before, after) == std::vector<std::string>{"+ report r", "~ card.a.length: 10 → 4",
                                                                    "~ card.a.required: – → true", "+ card.c",
                                                                    "- card.b"});
  CHECK(pack_differences(before, kTemplate + field("b") + field("a", "length = 10")) ==
        std::vector<std::string>{"~ card.field: another order"});
  CHECK(pack_differences("", before) == std::vector<std::string>{"+ card"});
  CHECK(pack_differences("= =", before).empty());
}

TEST_CASE("lint: a newer version that takes less says so", "[lint]") {
  const auto lint = [](const std::string& before, const std::string& now) {
    const Pack old = pack_of(kTemplate + field("a", before));
    std::string text = kTemplate + field("a", now);
    text.replace(text.find("version = 1"), 11, "version = 2");
    return lint_pack(pack_of(text), &old);
  };
  CHECK(lint("length = 10", "length = 20").empty());
  CHECK(found(lint("length = 20", "length = 10"), "lint.narrowed", "card.a"));
  CHECK(found(lint("", "length = 10"), "lint.narrowed"));
  CHECK(found(lint("type = \"integer\"", "type = \"integer\"\nleast = 1"), "lint.narrowed"));
  CHECK(found(lint("type = \"integer\"\nmost = 9", "type = \"integer\"\nmost = 8"), "lint.narrowed"));
  CHECK(lint("type = \"integer\"\nmost = 9", "type = \"integer\"").empty());
  const std::string choice = "type = \"choice\"\nchoices = [{ id = \"x\", zh = \"甲\", en = \"X\" }]\n";
  CHECK(found(lint(choice + "open = true", choice), "lint.narrowed"));
  CHECK(lint(choice, choice + "open = true").empty());
  CHECK(found(lint("type = \"money\"\ncurrency = \"CNY\"", "type = \"money\"\ncurrency = \"USD\""),
              "lint.currency-changed"));
}

TEST_CASE("lint: only customers' archives are closed and change owners, by those who may say so", "[lint]") {
  const auto lint = [](const std::string& step, const std::string& state = {}, const std::string& scope = "customer") {
    std::string text(kTemplate);
    text.replace(text.find("scope"), text.find('\n', text.find("scope")) - text.find("scope"),
                 "scope = [\"" + scope + "\"]");
    return lint_pack(pack_of(text + field("who", "type = \"person\"") + R"(
[[workflow]]
id = "w"
label = { zh = "流程", en = "Workflow" }
source = "card"
start = "a"
  [[workflow.state]]
  id = "a"
  label = { zh = "始", en = "Start" }
  [[workflow.state]]
  id = "b"
  label = { zh = "终", en = "End" }
  final = true
)" + state + R"(
  [[workflow.step]]
  id = "s"
  label = { zh = "办", en = "Go" }
  from = ["a"]
  to = "b"
)" + step));
  };
  const std::string manager = "by = [\"manager\", \"role:general_manager\"]\n", gives = "owners = [\"field:who\"]\n";
  CHECK(lint(manager + gives, "closes = true").empty());
  CHECK(found(lint("by = [\"manager\", \"owner\"]\n" + gives), "lint.flow-owners"));
  CHECK(found(lint("by = [\"function:会计\"]\n" + gives), "lint.flow-owners"));
  CHECK(found(lint(manager + gives, {}, "branch"), "lint.flow-owners"));
  CHECK(found(lint(manager, "closes = true", "branch"), "lint.flow-closes"));
  CHECK(found(lint(manager + "owners = [\"field:gone\"]\n"), "lint.no-such-field"));
}

TEST_CASE("lint: reports may use only what sheets hold and parameters they declare", "[lint]") {
  const auto lint = [](const std::string& report) {
    return lint_pack(pack_of(kTemplate + field("a") + field("hidden", "sheet = false") +
                             field("n", "type = \"integer\"") +
                             "[[report]]\nid = \"r-1\"\nlabel = { zh = \"表\", en = \"Report\" }\n" + report));
  };
  REQUIRE(lint("source = \"card\"\ncolumns = [\"a\", \"author\"]\n").empty());
  REQUIRE(found(lint("source = \"gone\"\ncolumns = [\"a\"]\n"), "lint.report-source"));
  REQUIRE(found(lint("source = \"card\"\ncolumns = [\"b\"]\n"), "lint.report-column"));
  REQUIRE(found(lint("source = \"card\"\ncolumns = [\"archive.name\"]\n"), "lint.report-column"));
  REQUIRE(found(lint("source = \"card\"\ncolumns = [\"hidden\"]\n"), "lint.report-sheet"));
  REQUIRE(found(lint("source = \"card\"\ncolumns = [\"a\"]\nfilter = [{ any = [{ column = \"a\", is = \"$p\" }] }]\n"),
                "lint.report-parameter"));
  REQUIRE(found(lint("source = \"card\"\nmeasures = [{ id = \"m\", of = \"sum\", column = \"a\", label = \"和\" }]\n"),
                "lint.report-measure"));
  REQUIRE(found(lint("source = \"card\"\ncolumns = [\"a\"]\norder = [\"-n\"]\n"), "lint.report-order"));
}

TEST_CASE("lint: between versions nothing changes that records depend on", "[lint]") {
  const std::string choices =
      "type = \"choice\"\nchoices = [{ id = \"x\", zh = \"甲\", en = \"X\" }, { id = \"y\", zh = \"乙\", en = \"Y\" }]";
  const Pack before = pack_of(kTemplate + field("a") + field("b") + field("c", choices));
  const auto after = [&](std::string toml, const std::string& from = {}, const std::string& to = {}) {
    if (const auto at = toml.find(from); !from.empty() && at != std::string::npos) toml.replace(at, from.size(), to);
    return lint_pack(pack_of(toml), &before);
  };
  const std::string next = "id = \"p\"\nversion = 2" + kTemplate.substr(kTemplate.find("\nlabel"));
  REQUIRE(after(next + field("a") + field("b") + field("c", choices) + field("d")).empty());
  REQUIRE(found(after(kTemplate + field("a") + field("b") + field("c", choices)), "lint.version-not-greater"));
  REQUIRE(found(after(next + field("a", "type = \"date\"") + field("b") + field("c", choices)), "lint.type-changed",
                "card.a"));
  REQUIRE(
      found(after(next + field("a", "merge = \"review\"") + field("b") + field("c", choices)), "lint.merge-changed"));
  const auto removed = after(next + field("a") + field("c", choices));
  REQUIRE(found(removed, "lint.field-removed", "card.b"));
  REQUIRE_FALSE(has_errors(removed));
  REQUIRE(found(after(next + field("a", "required = true") + field("b") + field("c", choices)), "lint.required-added"));
  REQUIRE(
      found(after(next + field("a") + field("b") + field("c", choices), ", { id = \"y\", zh = \"乙\", en = \"Y\" }"),
            "lint.choice-removed"));
  REQUIRE(found(after(next + field("a") + field("b") + field("c", choices), "\"customer\"", "\"person\""),
                "lint.scope-changed"));
  REQUIRE(found(after(next + field("a") + field("b") + field("c", choices), "id = \"card\"", "id = \"other\""),
                "lint.template-removed"));
}

TEST_CASE("pack: retention is days, months, years or long term, and nothing else", "[pack]") {
  REQUIRE(parse_retention("90d") == Retention{90, false});
  REQUIRE(parse_retention("18m") == Retention{549, false});
  REQUIRE(parse_retention("3y") == Retention{1096, false});
  REQUIRE(parse_retention("1y") == Retention{366, false});
  REQUIRE(parse_retention("long-term") == Retention{0, true});
  for (const auto wrong :
       {"", "y", "3", "0y", "-3y", "+3y", "3 y", "3w", "3.5y", "99999999999999999999y", "201y", "long", "3yy"}) {
    INFO(wrong);
    REQUIRE_FALSE(parse_retention(wrong));
  }
  REQUIRE(contains(refused(kTemplate + "retention = \"for ever\"\n" + field("a")).detail, "long-term"));
  REQUIRE(pack_of(kTemplate + "retention = \"2y\"\n" + field("a")).templates[0].retention == Retention{731, false});
}

TEST_CASE("catalogue: the highest version is in force and the earlier ones stay readable", "[catalogue]") {
  const std::string second =
      "id = \"p\"\nversion = 2" + kTemplate.substr(kTemplate.find("\nlabel")) + field("a") + field("b");
  Catalogue forward, backward;
  forward.add(pack_of(kTemplate + field("a")));
  const Template* held = forward.find_template("card");
  forward.add(pack_of(second));
  backward.add(pack_of(second));
  backward.add(pack_of(kTemplate + field("a")));
  for (const Catalogue* c : {&forward, &backward}) {
    REQUIRE(c->find_template("card")->version == 2);
    REQUIRE(c->find_template("card", 1)->fields.size() == 1);
    REQUIRE(c->find_template("card", 3) == nullptr);
  }
  REQUIRE(held == forward.find_template("card", 1));  // pointers handed out stay good
  const Catalogue copy = forward;
  REQUIRE(copy.find_template("card") == forward.find_template("card"));
  REQUIRE(lint_pack(pack_of("id = \"q\"" + second.substr(8)), nullptr, &forward).size() == 1);  // template-elsewhere
}

TEST_CASE("pack: no mutated text crashes the reader or the linter", "[pack][hostile]") {
  REQUIRE(rc::check("mutated packs", [] {
    const auto packs = standard_packs();
    std::string text(packs[*rc::gen::inRange<std::size_t>(0, packs.size())].second);
    const int edits = *rc::gen::inRange(1, 12);
    for (int i = 0; i < edits && !text.empty(); ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      switch (*rc::gen::inRange(0, 4)) {
        case 0:
          text[at] = static_cast<char>(*rc::gen::inRange(0, 256));
          break;
        case 1:
          text.erase(at, *rc::gen::inRange<std::size_t>(1, 40));
          break;
        case 2:
          text.insert(at, *rc::gen::element<std::string>("[", "]", "{", "=", "\"", "'''", "\n", "[[template]]\n",
                                                         "9e999", "= [[[["));
          break;
        default:
          text.resize(at);
          break;
      }
    }
    const auto pack = parse_pack(text);
    if (pack) lint_pack(*pack);
    RC_ASSERT(pack.has_value() || !pack.error().detail.empty());
  }));
}

TEST_CASE("pack: nesting and floods of values end in an error", "[pack][hostile]") {
  std::string deep = "a = ";
  for (int i = 0; i < 100'000; ++i) deep += "[";
  REQUIRE(refused(deep).code == "pack.invalid");
  std::string many = "a = [";
  for (int i = 0; i < 100'000; ++i) many += "1,";
  REQUIRE(refused(many + "]").code == "pack.invalid");
  std::string any = kHead + "[[report]]\nid = \"r\"\nsource = \"t\"\ncolumns = [\"a\"]\nfilter = [";
  for (int i = 0; i < 50; ++i) any += "{ any = [";
  any += "{ column = \"a\", is = \"b\" }";
  for (int i = 0; i < 50; ++i) any += "] }";
  REQUIRE(contains(refused(any + "]\n").detail, "too deep"));
}
