// SPDX-License-Identifier: AGPL-3.0-or-later
// destroy: two persons do away with archives; what stands against it, who has let go, and the certificate.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "client/cli/book_view.h"
#include "client/cli/destroy_view.h"
#include "client/cli/told.h"
#include "schema/base/exit_code.h"
#include "sync/holder/disk_file.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using holder::Book;

// Nothing is destroyed by leaving a word out: without --yes it is only shown.
Consent consent_of(bool yes) { return yes ? Consent::go_on : Consent::shown; }

int only_shown(const Frame& frame, json::object out, bool refused) {
  out["applied"] = false;
  frame.print(out);
  frame.say(
      refused ? frame.tr("有事未了，不能销毁；没有改变任何东西。", "Something stands against it; nothing has changed.")
              : frame.tr("这是试运行，什么也没有改变。确认后加 --yes。",
                         "This was a dry run; nothing has changed. Add --yes to do it."));
  return refused ? static_cast<int>(ExitCode::conflict) : kOk;
}

struct ProposeOptions {
  std::vector<std::string> archives;
  std::string reason;
  bool yes = false;
};

Result<int> propose(const Frame& frame, Book& book, const ProposeOptions& options) {
  const auto reason = field::destroy_reason(options.reason);
  if (!reason) return fail(ErrorKind::usage, "destroy.reason", options.reason);
  SATCHEL_GET(plan, field::plan_destruction(book, options.archives, *reason));
  frame.say(frame.tr("提议销毁，理由：", "To be destroyed, because: ") + reason_word(frame, *reason));
  for (const auto& one : plan.archives) frame.say(examined_text(frame, one, *reason));
  json::object out{{"reason", field::name_of(*reason)},
                   {"archives", examined_json(plan.archives, *reason)},
                   {"overridden", obstacles_json(plan.overridden)}};
  if (consent_of(options.yes) != Consent::go_on) return only_shown(frame, std::move(out), !plan.against.empty());
  SATCHEL_GET(said, field::propose_destruction(book, plan, *reason));
  out["applied"] = true;
  out["proposal"] = said.id.hex();
  return tell_said(
      frame, said,
      frame.tr("已提议；还没有销毁任何东西，须另一人会签：satchel destroy countersign ",
               "Proposed. Nothing is destroyed yet; another person has to sign: satchel destroy countersign ") +
          holder::short_id(said.id),
      std::move(out));
}

Result<int> list_destructions(const Frame& frame, Book& book) {
  SATCHEL_GET(all, field::list_proposals(book));
  json::array out;
  for (const auto& one : all.list) {
    out.push_back(proposal_json(book, one));
    frame.say(proposal_text(frame, book, one));
  }
  frame.print(json::object{{"proposals", std::move(out)}});
  if (all.list.empty()) frame.say(frame.tr("没有销毁提议。", "No proposals."));
  return kOk;
}

Result<int> countersign(const Frame& frame, Book& book, const std::string& id, bool yes) {
  SATCHEL_GET(all, field::list_proposals(book));
  SATCHEL_GET(proposal, field::find_proposal(all, id));
  if (proposal.proposal.carried_out)
    return fail(ErrorKind::conflict, "directory.destroyed", holder::short_id(proposal.id));
  SATCHEL_TRY(field::may_countersign(book, proposal));
  frame.say(proposal_text(frame, book, proposal));
  frame.say(
      frame.tr("会签以后，所有设备和枢纽永远打不开这些档案，旧设备和旧备份也不再被接受。",
               "Once signed no device or hub ever opens these archives again, and nothing of them is taken from old "
               "devices or backups."));
  auto out = proposal_json(book, proposal);
  const bool against = !field::standing_against(proposal.archives, proposal.proposal.reason).empty();
  if (consent_of(yes) != Consent::go_on) return only_shown(frame, std::move(out), against);
  SATCHEL_GET(said, field::countersign(book, proposal));
  out["applied"] = true;
  return tell_said(frame, said,
                   frame.tr("已会签：档案已销毁。谁已清除，见 satchel destroy status ",
                            "Signed: the archives are destroyed. Who has let go of them: satchel destroy status ") +
                       holder::short_id(proposal.id),
                   std::move(out));
}

// A proposal's id, or an archive's.
Result<field::ListedProposal> meant(const field::ListedProposals& all, const std::string& text) {
  auto by_id = field::find_proposal(all, text);
  if (by_id || by_id.error().kind == ErrorKind::conflict) return by_id;
  for (const auto& one : all.list) {
    for (const auto& archive : one.proposal.archives) {
      if (text.size() >= 4 && archive.hex().starts_with(text) && one.proposal.carried_out) return one;
    }
  }
  return fail(ErrorKind::not_found, "destroy.nothing-known", text);
}

Result<int> status(const Frame& frame, Book& book, const std::string& text) {
  SATCHEL_GET(all, field::list_proposals(book));
  json::array out;
  bool everywhere = true;
  const auto show = [&](const field::ListedProposal& one) -> Result<void> {
    SATCHEL_GET(now, field::status_of(book, one));
    everywhere = everywhere && now.everywhere();
    out.push_back(status_json(book, now));
    frame.say(status_text(frame, book, now));
    return {};
  };
  if (!text.empty()) {
    SATCHEL_GET(one, meant(all, text));
    SATCHEL_TRY(show(one));
  } else {
    for (const auto& one : all.list) {
      if (one.proposal.carried_out) SATCHEL_TRY(show(one));
    }
  }
  if (out.empty()) frame.say(frame.tr("没有销毁过档案。", "Nothing was destroyed."));
  frame.print(json::object{{"destroyed", std::move(out)}, {"everywhere", everywhere}});
  return kOk;
}

Result<int> check(const Frame& frame, Book& book, const std::string& path) {
  const auto bytes = holder::read_all(path, field::kCertificateBytesMax);
  if (!bytes && bytes.error().code == "file.too-large") return fail(ErrorKind::invalid, "certificate.none");
  if (!bytes) return std::unexpected(bytes.error());
  SATCHEL_GET(checked, field::check_certificate(book, text(*bytes)));
  frame.print(json::object{{"valid", true},
                           {"person", book.person_name(checked.person)},
                           {"node", checked.node.hex()},
                           {"proposal", checked.proposal.hex()},
                           {"archives", checked.archives},
                           {"made", moment(checked.made)},
                           {"everywhere", checked.everywhere}});
  frame.say(frame.tr("证明属实：由 ", "The certificate is genuine: signed by ") + book.person_name(checked.person) +
            frame.tr(" 的设备于 ", "'s device on ") + moment(checked.made) + frame.tr(" 签发；档案 ", "; archives: ") +
            std::to_string(checked.archives) +
            (checked.everywhere
                 ? frame.tr("，已在各处销毁。", ", destroyed everywhere.")
                 : frame.tr("，尚有未回执的设备或未到期的备份。", "; nodes were silent or backups unexpired.")));
  return kOk;
}

struct CertificateOptions {
  std::string proposal, out, check;
};

Result<int> certificate(const Frame& frame, Book& book, const CertificateOptions& options) {
  if (!options.check.empty()) return check(frame, book, options.check);
  if (options.proposal.empty())
    return fail(ErrorKind::usage, "usage.command-line", frame.tr("缺少提议号", "the proposal's id is missing"));
  SATCHEL_GET(all, field::list_proposals(book));
  SATCHEL_GET(one, meant(all, options.proposal));
  SATCHEL_GET(now, field::status_of(book, one));
  SATCHEL_GET(text, field::write_certificate(book, now));
  if (!options.out.empty()) {
    SATCHEL_GET(file, holder::AsideFile::make(options.out, book.device().entropy()));
    SATCHEL_TRY(file.write(view(text)));
    SATCHEL_TRY(file.keep(false));
  }
  auto out = status_json(book, now);
  if (options.out.empty()) {
    out["certificate"] = text;
    frame.say(text);
  } else {
    out["file"] = options.out;
    frame.say(frame.tr("证明已写入：", "Certificate written: ") + options.out);
  }
  frame.print(out);
  return kOk;
}

void add_propose(CLI::App& destroy, Frame& frame) {
  auto options = std::make_shared<ProposeOptions>();
  auto* command = destroy.add_subcommand(
      "propose", frame.tr("提议销毁档案（第一个人）；不加 --yes 只检查",
                          "Propose to destroy archives, as the first person; without --yes it only looks"));
  command
      ->add_option("archive", options->archives,
                   frame.tr("客户名称、编号或档案号，可多个", "Customers: names, numbers or ids"))
      ->required();
  command
      ->add_option(
          "--reason", options->reason,
          frame.tr("理由：retention_over 保管期满，person_asked 客户依法要求，authority 机关或法院要求，mistake 误建",
                   "Why: retention_over, person_asked (a lawful demand), authority (an order), mistake"))
      ->required();
  command->add_flag("--yes", options->yes, frame.tr("真的提议", "Really propose"));
  command->footer(frame.example("satchel --vault manager destroy propose 福田百货 --reason person_asked --yes"));
  command->callback([&frame, options] {
    frame.choose([&frame, options] { return with_book(frame, [&](Book& b) { return propose(frame, b, *options); }); });
  });
}

void add_countersign(CLI::App& destroy, Frame& frame) {
  struct Options {
    std::string id;
    bool yes = false;
  };
  auto options = std::make_shared<Options>();
  auto* command = destroy.add_subcommand(
      "countersign", frame.tr("会签（第二个人）：档案就此销毁；不加 --yes 只检查",
                              "Sign as the second person: the archives are destroyed; without --yes it only looks"));
  command->add_option("proposal", options->id, frame.tr("提议号的开头", "The beginning of the proposal's id"))
      ->required();
  command->add_flag("--yes", options->yes, frame.tr("真的销毁", "Really destroy"));
  command->footer(frame.example("satchel --vault admin destroy countersign 3f2a91c0 --yes"));
  command->callback([&frame, options] {
    frame.choose([&frame, options] {
      return with_book(frame, [&](Book& b) { return countersign(frame, b, options->id, options->yes); });
    });
  });
}

void add_certificate(CLI::App& destroy, Frame& frame) {
  auto options = std::make_shared<CertificateOptions>();
  auto* command = destroy.add_subcommand(
      "certificate", frame.tr("出具或核对销毁证明", "Write a certificate of destruction, or check one"));
  command->add_option("proposal", options->proposal,
                      frame.tr("提议号或档案号的开头", "The beginning of the proposal's or archive's id"));
  command->add_option("--out", options->out, frame.tr("写入文件", "Write it to this file"));
  command->add_option("--check", options->check,
                      frame.tr("核对这个文件（不需要网络）", "Check this file (no network needed)"));
  command->footer(frame.example("satchel --vault admin destroy certificate 3f2a91c0 --out proof.txt"));
  command->callback([&frame, options] {
    frame.choose(
        [&frame, options] { return with_book(frame, [&](Book& b) { return certificate(frame, b, *options); }); });
  });
}

}  // namespace

void add_destroy_commands(CLI::App& app, Frame& frame) {
  auto* destroy =
      app.add_subcommand("destroy", frame.tr("销毁档案：两人签名，各处清除，出具证明",
                                             "Destroy archives: two persons sign, every node lets go, a certificate"));
  destroy->require_subcommand(1);
  add_propose(*destroy, frame);
  add_countersign(*destroy, frame);
  auto* listed = destroy->add_subcommand("list", frame.tr("列出提议", "List proposals"));
  listed->footer(frame.example("satchel --vault admin destroy list"));
  listed->callback([&frame] {
    frame.choose([&frame] { return with_book(frame, [&](Book& b) { return list_destructions(frame, b); }); });
  });
  auto id = std::make_shared<std::string>();
  auto* told = destroy->add_subcommand(
      "status", frame.tr("哪些设备已清除，哪些还没有回音", "Which nodes have let go, which are silent"));
  told->add_option("archive", *id, frame.tr("提议号或档案号的开头", "The beginning of the proposal's or archive's id"));
  told->footer(frame.example("satchel --vault admin destroy status"));
  told->callback([&frame, id] {
    frame.choose([&frame, id] { return with_book(frame, [&](Book& b) { return status(frame, b, *id); }); });
  });
  add_certificate(*destroy, frame);
}

}  // namespace satchel::cli
