// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/crash/node_marks.h"

#include <sstream>
#include <stdexcept>

namespace satchel::crash {

namespace {

std::string print(const EntryMark& entry) {
  return entry.archive.hex() + " " + entry.chain.node.hex() + " " + std::to_string(entry.chain.incarnation) + " " +
         std::to_string(entry.seq);
}

template <class T>
T read_id(std::istream& in) {
  std::string digits;
  in >> digits;
  const auto id = T::parse(digits);
  if (!id) throw std::runtime_error("mark without an id: " + digits);
  return *id;
}

EntryMark read_entry(std::istream& in) {
  EntryMark entry;
  entry.archive = read_id<ArchiveId>(in);
  entry.chain.node = read_id<NodeId>(in);
  in >> entry.chain.incarnation >> entry.seq;
  return entry;
}

WhoMark read_who(std::istream& in) {
  WhoMark who;
  int role = 0;
  std::string identity, key;
  who.org = read_id<OrgId>(in);
  in >> role >> identity >> key;
  who.role = static_cast<wire::Role>(role);
  const Bytes identity_bytes = unhex(identity);
  Reader reader(identity_bytes);
  who.identity = read_identity(reader);
  const Bytes key_bytes = unhex(key);
  if (!reader.done() || key_bytes.size() != who.vault_key.view().size()) throw std::runtime_error("mark without keys");
  who.vault_key = Secret32::of(key_bytes);
  return who;
}

}  // namespace

std::string to_text(const std::string& node, const WhoMark& mark) {
  Writer identity;
  write_identity(identity, mark.identity);
  return "who " + node + " " + mark.org.hex() + " " + std::to_string(static_cast<int>(mark.role)) + " " +
         hex(identity.bytes()) + " " + hex(mark.vault_key.view());
}

std::string to_text(const std::string& node, const CommitMark& mark) {
  return "commit " + node + " " + std::to_string(mark.digest);
}

std::string to_text(const std::string& node, const SavedMark& mark) {
  return "saved " + node + " " + print(mark.entry);
}

std::string to_text(const std::string& node, const TookMark& mark) { return "took " + node + " " + print(mark.entry); }

std::string to_text(const std::string& node, const PromisedMark& mark) {
  return "promised " + node + " " + mark.follower.hex() + " " + mark.audience.hex() + " " + std::to_string(mark.up_to) +
         " " + print(mark.entry);
}

Mark read_mark(const std::string& text) {
  std::istringstream in(text);
  std::string kind;
  Mark mark;
  in >> kind >> mark.node;
  if (kind == "who") {
    mark.who = read_who(in);
  } else if (kind == "commit") {
    in >> mark.commit.emplace().digest;
  } else if (kind == "saved") {
    mark.saved = SavedMark{read_entry(in)};
  } else if (kind == "took") {
    mark.took = TookMark{read_entry(in)};
  } else if (kind == "promised") {
    PromisedMark promised;
    promised.follower = read_id<NodeId>(in);
    promised.audience = read_id<AudienceId>(in);
    in >> promised.up_to;
    promised.entry = read_entry(in);
    mark.promised = promised;
  } else {
    throw std::runtime_error("unknown mark: " + text);
  }
  if (!in) throw std::runtime_error("mark cut short: " + text);
  return mark;
}

}  // namespace satchel::crash
