// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/hub_findings.h"

#include "sync/node/directory_log.h"

namespace satchel::node {

namespace {

std::string name_of(const Directory& directory, const NodeId& id) {
  const KnownNode* node = directory.node(id);
  if (node == nullptr) return id.hex().substr(0, 8);
  const Person* person = directory.person(node->person);
  if (person != nullptr) return person->name;
  return node->name.empty() ? id.hex().substr(0, 8) : node->name;
}

const char* code_of(Breach breach) {
  switch (breach) {
    case Breach::kept_back:
      return "hub.kept-back";
    case Breach::not_handed_up:
      return "hub.not-handed-up";
    case Breach::denied:
      return "hub.denied";
  }
  return "hub.unknown";
}

}  // namespace

Result<std::vector<HubFinding>> hub_findings(const ReadTxn& txn, const Directory& directory) {
  std::vector<HubFinding> out;
  SATCHEL_GET(words, broken_words(txn));
  for (auto& word : words) {
    HubFinding f;
    f.code = code_of(word.breach);
    f.hub = word.hub;
    f.hub_name = name_of(directory, word.hub.node);
    f.archive = word.archive;
    f.seq = word.seq;
    f.author = name_of(directory, word.author.node);
    if (const auto stamp = Stamp::decode(word.stamp.bytes)) f.stamped = stamp->time;
    f.through = word.through;
    f.noticed = word.noticed;
    f.shown_by = name_of(directory, word.shown_by);
    f.at = word.at;
    f.proof = std::move(word.stamp);
    out.push_back(std::move(f));
  }
  SATCHEL_GET(fork, directory_fork(txn));
  if (!fork) return out;
  HubFinding f;
  f.code = fork->proven() ? "hub.two-histories" : "hub.other-history";
  f.hub.node = fork->told_by;
  f.hub_name = f.shown_by = name_of(directory, fork->told_by);
  f.noticed = fork->noticed;
  f.at = fork->at;
  f.proof.bytes = fork->theirs;
  out.push_back(std::move(f));
  return out;
}

std::string told(const HubFinding& f, Lang lang, const std::function<std::string(WallTime)>& time) {
  const bool zh = lang == Lang::zh;
  const std::string place = position_text(f.at);
  if (f.code == "hub.two-histories") {
    return zh ? "总部给出了两种互相矛盾的通讯录（第 " + place + " 条，" + f.shown_by +
                    " 处的与本机不同），有总部的签名为证。已停止采用新的通讯录；已保存的内容不受影响。请立即通知管理员"
                    "。"
              : "Headquarters gave out two contradicting histories of the directory (place " + place + ", that of " +
                    f.shown_by +
                    " is not ours); its own signature proves it. Nothing new of it is believed; what is saved is not "
                    "affected. Tell an administrator now.";
  }
  if (f.code == "hub.other-history") {
    return zh ? f.shown_by + " 出示的通讯录与本机不同（" + time(f.noticed) +
                    "），尚无总部签名为证。请与总部同步一次并通知管理员；已保存的内容不受影响。"
              : f.shown_by + " has another history of the directory than this one (" + time(f.noticed) +
                    "); headquarters' signature on it was not shown. Sync with headquarters and tell an administrator; "
                    "what is saved is not affected.";
  }
  const std::string what = zh ? "档案 " + f.archive.hex().substr(0, 8) + " 中 " + f.author + " 的记录项 " +
                                    std::to_string(f.seq) + "（它在 " + time(f.stamped) + " 盖章）"
                              : "entry " + std::to_string(f.seq) + " of " + f.author + " in archive " +
                                    f.archive.hex().substr(0, 8) + " (which it stamped " + time(f.stamped) + ")";
  if (f.code == "hub.denied") {
    return zh ? "枢纽 " + f.hub_name + " 否认" + what + "。内容仍在本机。请通知管理员。"
              : "Hub " + f.hub_name + " denies " + what + ". It is here. Tell an administrator.";
  }
  if (f.code == "hub.not-handed-up") {
    return zh ? "枢纽 " + f.hub_name + " 称到 " + time(f.through) + " 为止已全部上交，却没有上交" + what + "；由 " +
                    f.shown_by + " 送来。请通知管理员。"
              : "Hub " + f.hub_name + " said that it had handed up everything until " + time(f.through) + ", but not " +
                    what + "; it came from " + f.shown_by + ". Tell an administrator.";
  }
  return zh ? "枢纽 " + f.hub_name + " 称到 " + time(f.through) + " 为止已全部给出，却没有给出" + what + "；由 " +
                  f.shown_by + " 给出。内容现已在本机。请通知管理员。"
            : "Hub " + f.hub_name + " said that it had shown everything until " + time(f.through) + ", but not " +
                  what + "; " + f.shown_by + " showed it. It is here now. Tell an administrator.";
}

}  // namespace satchel::node
