// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/remarks.h"

namespace satchel::field {

namespace {

// A set or a log holds several.
std::vector<std::string> words_in(const Value& value) {
  if (const auto* one = std::get_if<std::string>(&value); one != nullptr && !one->empty()) return {*one};
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return *list;
  return {};
}

std::string signed_by(Book& book, const GivenValue& given) {
  const auto signers = words_in(given.value);
  if (signers.empty()) return {};
  const Person* author = book.directory()->person(given.person);
  const std::string by = book.person_name(given.person);
  const bool own = author != nullptr && std::ranges::all_of(signers, [&](const std::string& signer) {
                     return fold_typed(signer) == fold_typed(author->name);
                   });
  const bool zh = book.lang() == Lang::zh;
  if (own) return zh ? by + " 签名" : "signed by " + by;
  const std::string whom = join_list(signers, book.lang());
  return zh ? "由 " + by + " 代记 " + whom + " 的签名" : "written down by " + by + " for " + whom;
}

}  // namespace

std::vector<std::string> unattached(const ShownRecord& record, const Field& field, const GivenValue& given) {
  std::vector<std::string> out;
  if (field.type != FieldType::attachment) return out;
  for (auto& name : words_in(given.value)) {
    const std::string safe = blob::safe_name(trim_blanks(name));  // as attaching names it
    const bool there =
        std::ranges::any_of(record.attachments, [&](const Attached& a) { return a.value.manifest.name == safe; });
    if (!there) out.push_back(std::move(name));
  }
  return out;
}

std::string remark_on(Book& book, const ShownRecord& record, const Field& field, const GivenValue& given) {
  if (field.type == FieldType::signature) return signed_by(book, given);
  const auto missing = unattached(record, field, given);
  if (missing.empty()) return {};
  return (book.lang() == Lang::zh ? "没有名为此的附件：" : "names no attached file: ") +
         join_list(missing, book.lang());
}

}  // namespace satchel::field
