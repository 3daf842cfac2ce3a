// SPDX-License-Identifier: AGPL-3.0-or-later
// What this node holds against hubs, with names, for people: hubs that broke their word (hub_word.h), and two histories
// of the directory (directory_log.h). Evidence against others, no damage here: nothing saved is affected by it.
#pragma once

#include <functional>

#include "schema/template/template.h"
#include "sync/node/hub_word.h"

namespace satchel::node {

struct HubFinding {
  std::string code;  // hub.kept-back, hub.not-handed-up, hub.denied, hub.two-histories, hub.other-history
  ChainId hub;
  std::string hub_name;
  ArchiveId archive;  // none: of the directory
  std::uint64_t seq = 0;
  std::string author;
  WallTime stamped;  // by the hub's time
  WallTime through;  // what it had said that it had shown or handed up
  WallTime noticed;  // by this node's clock
  std::string shown_by;
  Position at;        // of the directory, where that is what it is about
  SignedBytes proof;  // the stamp; of two histories headquarters' head of the other one, with its signature in it
};

// Its fields for machines, under the names that `--json` of every program gives them: put(name, value).
template <class Put>
void put_fields(const HubFinding& finding, Put&& put) {
  put("code", finding.code);
  put("hub", finding.hub_name);
  put("hub_node", finding.hub.node.hex());
  put("archive", finding.archive.none() ? std::string{} : finding.archive.hex());
  put("author", finding.author);
  put("seq", finding.seq);
  put("stamped_ms", finding.stamped.ms);
  put("through_ms", finding.through.ms);
  put("noticed_ms", finding.noticed.ms);
  put("shown_by", finding.shown_by);
  put("proof", hex(finding.proof.bytes));
  put("proof_signature", finding.proof.signature.hex());
}

Result<std::vector<HubFinding>> hub_findings(const ReadTxn& txn, const Directory& directory);
// One sentence, what to do included. `time`: as the program spells times.
std::string told(const HubFinding& finding, Lang lang, const std::function<std::string(WallTime)>& time);

}  // namespace satchel::node
