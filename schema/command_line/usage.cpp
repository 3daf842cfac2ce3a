// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/command_line/usage.h"

#include <algorithm>

#include "schema/exchange/text_table.h"

namespace satchel {

namespace {

std::string between(std::string_view text, std::string_view from, std::string_view to) {
  const auto begin = text.find(from);
  if (begin == std::string_view::npos) return {};
  const auto rest = text.substr(begin + from.size());
  return std::string(rest.substr(0, to.empty() ? rest.size() : rest.find(to)));
}

// Lines as CLI11 makes them, but measured in columns of a terminal, not in bytes.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    return line(make_option_name(option, is_positional) + make_option_opts(option), make_option_desc(option));
  }
  std::string make_subcommand(const CLI::App* command) const override {
    return line(command->get_display_name(true), command->get_description());
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    std::string out;
    // A check appends its own words to the type: "TEXT:{zh,en}", "UINT:UINT in [1 - 100000]".
    const std::string type = option->get_type_size() == 0 ? std::string() : option->get_type_name();
    if (const auto set = between(type, ":{", "}"); !set.empty()) {
      out = " " + set;
      std::replace(out.begin(), out.end(), ',', '|');
    } else if (const auto range = between(type, " in [", "]"); !range.empty()) {
      out = " " + CLI::detail::find_and_replace(range, " - ", "–");
    } else if (!type.empty()) {
      out = " " + get_label(type);
    }
    if (!option->get_default_str().empty()) out += "=" + option->get_default_str();
    if (option->get_expected_max() == CLI::detail::expected_max_vector_size) out += " ...";
    if (option->get_required() && option->get_type_size() != 0) out += " " + get_label("REQUIRED");
    return out;
  }

 private:
  std::string line(const std::string& name, const std::string& about) const {
    std::string out = "  " + name;
    if (about.empty()) return out + "\n";
    auto width = display_width(out);
    if (width >= column_width_) {
      out += "\n";
      width = 0;
    }
    return out + std::string(column_width_ - width, ' ') + about + "\n";
  }
};

// CLI11 lists what it could not place from the last to the first.
std::string forward(const std::string& words) {
  std::string out;
  std::size_t end = words.size();
  while (end != std::string::npos && end > 0) {
    const auto at = words.rfind(' ', end - 1);
    const auto begin = at == std::string::npos ? 0 : at + 1;
    out += (out.empty() ? "" : " ") + words.substr(begin, end - begin);
    end = at;
  }
  return out;
}

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter(Lang lang) {
  auto formatter = std::make_shared<HelpFormatter>();
  if (lang == Lang::en) return formatter;
  for (const auto& [word, zh] : {std::pair{"Usage", "用法"},
                                 {"OPTIONS", "选项"},
                                 {"SUBCOMMAND", "命令"},
                                 {"SUBCOMMANDS", "命令"},
                                 {"REQUIRED", "（必填）"},
                                 {"Positionals", "参数"},
                                 {"TEXT", "文字"},
                                 {"INT", "数"},
                                 {"UINT", "数"}}) {
    formatter->label(word, zh);
  }
  return formatter;
}

std::string usage_fault(const CLI::ParseError& fault, Lang lang) {
  const std::string said = fault.what();
  const bool zh = lang == Lang::zh;
  const auto is = [&](CLI::ExitCodes code) { return fault.get_exit_code() == static_cast<int>(code); };
  if (is(CLI::ExitCodes::ExtrasError))
    return (zh ? "多余或不认识的 " : "not expected here: ") + forward(between(said, "expected: ", ""));
  if (!zh) return said;
  if (is(CLI::ExitCodes::RequiredError) && said.starts_with("A subcommand")) return "还缺命令";
  if (const auto name = between(said, "", " is required");
      is(CLI::ExitCodes::RequiredError) && name.size() < said.size())
    return "还缺 " + name;
  if (is(CLI::ExitCodes::ArgumentMismatch)) return between(said, "", ":") + " 后面的值不对（缺少或太多）";
  if (is(CLI::ExitCodes::ConversionError)) return "值读不懂：" + between(said, "convert: ", "");
  if (const auto name = between(said, "", ": "); is(CLI::ExitCodes::ValidationError) && name.size() < said.size()) {
    if (const auto range = between(said, " not in range ", ""); !range.empty())
      return name + " 的值 " + between(said, ": Value ", " not in range") + " 超出范围（" +
             CLI::detail::find_and_replace(range, " to ", "–") + "）";
    if (const auto set = between(said, " not in {", "}"); !set.empty())
      return name + " 的值 " + between(said, ": ", " not in {") + " 不在可选范围（" + set + "）";
  }
  return said;
}

}  // namespace satchel
