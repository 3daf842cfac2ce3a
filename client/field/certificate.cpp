// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/certificate.h"

#include <boost/json.hpp>
#include <charconv>
#include <sstream>

namespace satchel::field {

namespace json = boost::json;

namespace {

constexpr DomainLabel kCertificateLabel{"satchel certific"};
constexpr std::string_view kFactsMark = "SATCHEL-CERTIFICATE: ";
constexpr std::string_view kSignatureMark = "SATCHEL-SIGNATURE: ";
constexpr std::string_view kBackupDays = "backup-days";  // policy: how long a device's backup opens; 0: for ever
constexpr std::uint32_t kBackupDaysUsual = 30;

std::uint32_t backup_days(const Directory& directory) {
  const auto said = directory.policy(std::string(kBackupDays));
  std::uint32_t days = kBackupDaysUsual;
  if (said && !said->empty()) {
    const auto read = std::from_chars(said->data(), said->data() + said->size(), days);
    if (read.ec != std::errc{} || read.ptr != said->data() + said->size()) return 0;
  }
  return days;
}

NodeWord word_of(const Directory& directory, const KnownNode& node, const Position& executed, WallTime now) {
  NodeWord word{node.id, node.name, node.kind, node.person, node.state(), {}, !node.freezes.empty(), {}, false};
  const auto receipt = directory.drop_receipts().find(node.id);
  if (receipt == directory.drop_receipts().end()) return word;
  if (covers(directory, node, receipt->second, executed)) word.receipt = receipt->second;
  // A hub's backup has neither keys nor wraps in it.
  if (node.kind == NodeKind::hub || receipt->second.backup.ms == 0) return word;
  const auto days = backup_days(directory);
  word.backup_for_ever = days == 0;
  const WallTime until = receipt->second.backup + std::chrono::duration_cast<Millis>(std::chrono::hours{24} * days);
  if (days > 0 && until > now) word.backup_until = until;
  return word;
}

json::array node_list(Book& book, const std::vector<const NodeWord*>& words) {
  json::array out;
  for (const auto* word : words) {
    json::object one{{"node", word->node.hex()}, {"name", word->name}, {"kind", node_kind_name(word->kind)}};
    if (!word->person.none()) one["person"] = book.person_name(word->person);
    if (word->receipt)
      one["receipt"] = json::object{{"time", format_time(word->receipt->time, kChinaZoneMinutes)},
                                    {"position", word->receipt->executed.n},
                                    {"unsent", word->receipt->unsent}};
    if (word->copied) one["copied"] = true;
    if (word->backup_until) one["backup_until"] = format_time(*word->backup_until, kChinaZoneMinutes);
    if (word->backup_for_ever) one["backup_until"] = "never";
    out.push_back(std::move(one));
  }
  return out;
}

json::object facts_of(Book& book, const DestructionStatus& status, WallTime made) {
  const auto& device = book.device();
  json::array archives, heard;
  for (const auto& archive : status.archives) archives.emplace_back(archive.hex());
  std::vector<const NodeWord*> said;
  for (const auto& word : status.nodes) {
    if (!word.silent()) said.push_back(&word);
  }
  return {{"version", 1},
          {"organisation", device.config().org.hex()},
          {"organisation_name", book.directory()->name()},
          {"proposal", status.proposal.hex()},
          {"archives", std::move(archives)},
          {"reason", name_of(status.reason)},
          {"overridden", status.overridden},
          {"proposed_by", book.person_name(status.proposed_by)},
          {"signed_by", book.person_name(status.signed_by)},
          {"proposed", format_time(status.proposed, kChinaZoneMinutes)},
          {"ordered", format_time(status.ordered, kChinaZoneMinutes)},
          {"receipts", node_list(book, said)},
          {"silent", node_list(book, status.silent())},
          {"backups", node_list(book, status.backups())},
          {"everywhere", status.everywhere()},
          {"directory", book.directory()->position().n},
          {"made", made.ms},
          {"made_by", book.person_name(book.me())},
          {"node", device.identity().id.hex()}};
}

// A node's name is what its owner typed: no line of it may look like one of ours.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return out;
}

std::string prose(Book& book, const DestructionStatus& status, WallTime made) {
  std::ostringstream out;
  const auto person = [&](const PersonId& id) { return one_line(book.person_name(id)); };
  const auto list = [&](std::string_view title, const std::vector<const NodeWord*>& words) {
    out << title << "（" << words.size() << "）\n";
    for (const auto* word : words) {
      out << "  " << word->node.hex().substr(0, 8) << "  " << one_line(word->name);
      if (!word->person.none()) out << "  " << person(word->person);
      if (word->receipt) out << "  " << format_time(word->receipt->time, kChinaZoneMinutes);
      if (word->copied) out << "  曾被复制 copied";
      if (word->backup_until) out << "  → " << format_time(*word->backup_until, kChinaZoneMinutes);
      out << "\n";
    }
  };
  out << "档案销毁证明 Certificate of destruction\n"
      << "单位 Organisation: " << one_line(book.directory()->name()) << "\n"
      << "提议 Proposed by: " << person(status.proposed_by) << "  " << format_time(status.proposed, kChinaZoneMinutes)
      << "\n"
      << "会签 Signed by: " << person(status.signed_by) << "  " << format_time(status.ordered, kChinaZoneMinutes)
      << "\n"
      << "档案 Archives（" << status.archives.size() << "）\n";
  for (const auto& archive : status.archives) out << "  " << archive.hex() << "\n";
  std::vector<const NodeWord*> said;
  for (const auto& word : status.nodes) {
    if (!word.silent()) said.push_back(&word);
  }
  list("已回执的设备 Nodes that have let go of it", said);
  list("尚未回执的设备 Silent nodes", status.silent());
  list("尚未到期的备份 Unexpired backups", status.backups());
  out << (status.everywhere() ? "结论：凡曾持有者均已销毁。 Destroyed everywhere.\n"
                              : "结论：已销毁，但上列设备或备份尚未确认。 Destroyed; the nodes or backups above are "
                                "not confirmed yet.\n")
      << "出具 Made: " << format_time(made, kChinaZoneMinutes) << "  " << person(book.me()) << "\n\n";
  return out.str();
}

}  // namespace

bool covers(const Directory& directory, const KnownNode& node, const DropReceipt& receipt, const Position& executed) {
  if (receipt.executed >= executed) return true;
  return node.kind != NodeKind::hub && directory.let_go(node.id) && receipt.unsent == 0;
}

std::vector<const NodeWord*> DestructionStatus::silent() const {
  std::vector<const NodeWord*> out;
  for (const auto& word : nodes) {
    if (word.silent()) out.push_back(&word);
  }
  return out;
}

std::vector<const NodeWord*> DestructionStatus::backups() const {
  std::vector<const NodeWord*> out;
  for (const auto& word : nodes) {
    if (word.backup_until || word.backup_for_ever) out.push_back(&word);
  }
  return out;
}

Result<DestructionStatus> status_of(Book& book, const ListedProposal& listed) {
  const auto directory = book.directory();
  const Destroyed* destroyed = directory->destroyed(listed.proposal.archives.front());
  if (!listed.proposal.carried_out || destroyed == nullptr)
    return fail(ErrorKind::conflict, "destroy.not-signed", holder::short_id(listed.id));
  DestructionStatus out;
  out.proposal = listed.id;
  out.archives = listed.proposal.archives;
  out.reason = listed.proposal.reason;
  out.overridden = listed.proposal.overridden;
  out.proposed_by = listed.proposal.by;
  out.proposed = listed.proposal.time;
  out.signed_by = destroyed->signed_by;
  out.ordered = destroyed->time;
  const Position at = listed.proposal.carried_out->at;
  const WallTime now = std::max(book.device().clock().wall(), directory->last_hub_time());
  for (const auto& [id, node] : directory->nodes()) {
    // Whoever came later has never been given it; whoever was never confirmed had no right at all.
    if (node.confirmed && node.enrolled.at < at) out.nodes.push_back(word_of(*directory, node, at, now));
  }
  std::ranges::stable_sort(out.nodes, {}, [](const NodeWord& w) { return !w.silent(); });
  return out;
}

Result<std::string> write_certificate(Book& book, const DestructionStatus& status) {
  const auto& device = book.device();
  const WallTime made = book.device().clock().wall();
  std::string text = prose(book, status, made);
  text += kFactsMark;
  text += json::serialize(facts_of(book, status, made)) + "\n";
  const Signature signature = sign(device.identity().sign, kCertificateLabel, view(text));
  text += kSignatureMark;
  text += device.identity().id.hex() + " " + hex(signature.view()) + "\n";
  return text;
}

Result<CheckedCertificate> check_certificate(Book& book, std::string_view text) {
  const auto none = fail(ErrorKind::invalid, "certificate.none");
  const auto at = text.size() > kCertificateBytesMax ? std::string_view::npos : text.rfind(kSignatureMark);
  if (at == std::string_view::npos || (at > 0 && text[at - 1] != '\n')) return none;
  const std::string_view message = text.substr(0, at);
  std::istringstream last(std::string(text.substr(at + kSignatureMark.size())));
  std::string node_text, signature_text, rest;
  last >> node_text >> signature_text >> rest;
  const auto node_id = NodeId::parse(node_text);
  const auto signature = Signature::parse(signature_text);
  const auto begin = message.rfind(kFactsMark);
  if (!node_id || !signature || !rest.empty() || begin == std::string_view::npos) return none;
  const auto directory = book.directory();
  const KnownNode* node = directory->node(*node_id);
  if (node == nullptr) return fail(ErrorKind::not_found, "certificate.unknown-node", node_text);
  if (!verify(node->sign, kCertificateLabel, view(message), *signature))
    return fail(ErrorKind::integrity, "certificate.bad-signature", book.person_name(node->person) + " " + node->name);
  boost::system::error_code error;
  const auto facts = json::parse(message.substr(begin + kFactsMark.size()), error);
  if (error || !facts.is_object()) return none;
  CheckedCertificate out;
  out.node = *node_id;
  out.person = node->person;
  const auto word = [&](std::string_view key) -> std::string {
    const auto* value = facts.as_object().if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string().c_str()) : std::string{};
  };
  const auto* everywhere = facts.as_object().if_contains("everywhere");
  const auto* archives = facts.as_object().if_contains("archives");
  const auto* made = facts.as_object().if_contains("made");
  const auto proposal = Digest::parse(word("proposal"));
  if (!proposal || everywhere == nullptr || !everywhere->is_bool() || archives == nullptr || !archives->is_array() ||
      made == nullptr || !made->is_int64())
    return none;
  out.proposal = *proposal;
  out.everywhere = everywhere->as_bool();
  out.archives = archives->as_array().size();
  out.made.ms = made->as_int64();
  const auto known = directory->proposals().find(*proposal);
  bool holds = word("organisation") == book.device().config().org.hex() && known != directory->proposals().end() &&
               known->second.carried_out && known->second.archives.size() == out.archives;
  for (std::size_t i = 0; holds && i < out.archives; ++i) {
    const auto& one = archives->as_array()[i];
    holds = one.is_string() && one.as_string().c_str() == known->second.archives[i].hex();
  }
  if (!holds) return fail(ErrorKind::integrity, "certificate.contradicts", holder::short_id(*proposal));
  return out;
}

}  // namespace satchel::field
