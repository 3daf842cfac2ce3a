// SPDX-License-Identifier: AGPL-3.0-or-later
// attach, attachments, fetch.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <set>

#include "client/cli/attachment_view.h"
#include "client/cli/book_view.h"
#include "client/cli/words.h"
#include "client/field/masking.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"
#include "sync/holder/exchange.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;
using holder::Book;

struct AttachOptions {
  std::string record, name, media, as, reason, to = ".";
  std::vector<std::string> files, which;
  std::size_t strike = 0;
  bool force = false;
  bool only_here = false;
};

// A record by the beginning of its id; a customer stands for its card.
Result<holder::RecordPlace> place_of(Book& book, const std::string& text) {
  auto found = book.find_record(text);
  if (found || found.error().kind != ErrorKind::not_found) return found;
  const auto customer = book.find_customer(text);
  if (!customer) return customer.error().kind == ErrorKind::not_found ? found : std::unexpected(customer.error());
  if (customer->locked) return fail(ErrorKind::permission, "customer.card-locked", customer->number);
  return book.find_record(customer->card.hex());
}

node::Progress progress_of(const Frame& frame, const std::string& what) {
  return [&frame, what](std::uint64_t done, std::uint64_t of) { frame.progress(what + " " + progress_word(done, of)); };
}

// ---- attach ----

Result<int> attach(const Frame& frame, Book& book, const AttachOptions& options) {
  SATCHEL_GET(place, place_of(book, options.record));
  if (options.files.size() > 1 && !options.name.empty()) return fail(ErrorKind::usage, "attach.one-name");
  if (options.files.size() > 1 && !options.as.empty()) return fail(ErrorKind::usage, "attach.one-field");
  json::array out;
  for (const auto& file : options.files) {
    field::Attaching what{
        place, file, {}, options.name, options.media, options.as, progress_of(frame, printable(file))};
    auto done = field::attach(book, what);
    frame.progress({});
    if (!done) return std::unexpected(done.error());
    const std::string name = printable(done->manifest.name) + "  " + size_word(done->manifest.size);
    frame.say(done->saved.unchanged ? frame.tr("已有这个附件：", "It has this attachment already: ") + name
                                    : frame.tr("已加附件：", "Attached: ") + name);
    if (!done->saved.unchanged) remark_saved(frame, done->saved);
    json::object one{{"name", done->manifest.name},       {"size", done->manifest.size},
                     {"media", done->manifest.media},     {"digest", done->manifest.digest.hex()},
                     {"root", done->manifest.root.hex()}, {"held", done->saved.held},
                     {"unchanged", done->saved.unchanged}};
    out.push_back(std::move(one));
    // The place's index has moved on.
    SATCHEL_TRY(book.refresh());
    SATCHEL_GET(fresh, book.find_record(place.record.hex()));
    place = fresh;
  }
  frame.print(json::object{
      {"ok", true}, {"record", place.record.hex()}, {"archive", place.info.id.hex()}, {"attached", std::move(out)}});
  return kOk;
}

// ---- attachments ----

Result<int> list_attachments(const Frame& frame, Book& book, const AttachOptions& options) {
  SATCHEL_GET(place, place_of(book, options.record));
  SATCHEL_GET(attachments, field::attachments_of(book, place));
  if (options.strike > 0) {
    if (options.strike > attachments.size())
      return fail(ErrorKind::not_found, "attachment.none", std::to_string(options.strike));
    SATCHEL_GET(saved, field::detach(book, place, attachments[options.strike - 1], options.reason));
    frame.print(saved_json(saved));
    frame.say(frame.tr("已划掉附件：", "Struck out: ") +
              printable(attachments[options.strike - 1].value.manifest.name));
    remark_saved(frame, saved);
    return kOk;
  }
  json::array out;
  for (const auto& a : attachments) out.push_back(attachment_json(book, a));
  frame.print(
      json::object{{"record", place.record.hex()}, {"archive", place.info.id.hex()}, {"attachments", std::move(out)}});
  if (attachments.empty()) {
    frame.say(frame.tr("没有附件。用 `satchel attach 记录号 文件` 添加。",
                       "No attachments. Add one with `satchel attach RECORD FILE`."));
    return kOk;
  }
  std::string text = attachments_text(frame, book, attachments);
  text.pop_back();
  frame.say(text);
  return kOk;
}

// ---- fetch ----

Result<std::vector<field::Attached>> choose(const std::vector<field::Attached>& all,
                                            const std::vector<std::string>& which) {
  if (all.empty()) return fail(ErrorKind::not_found, "attachment.none", {});
  if (which.empty()) return all;
  std::vector<field::Attached> out;
  for (const auto& wanted : which) {
    const auto before = out.size();
    for (const auto& a : all) {
      if (std::to_string(a.number) == wanted || a.value.manifest.name == wanted) out.push_back(a);
    }
    if (out.size() == before) return fail(ErrorKind::not_found, "attachment.none", wanted);
  }
  return out;
}

// What is not here comes from the hubs; what stops it is told after what is here was written.
Result<void> bring(const Frame& frame, Book& book, const holder::RecordPlace& place,
                   std::vector<field::Attached>& chosen) {
  const bool lacking = std::ranges::any_of(chosen, [](const field::Attached& a) { return !a.whole(); });
  if (!lacking) return {};
  SATCHEL_TRY(field::want(book, place, chosen));
  holder::ExchangeOptions exchange;
  exchange.every_hub = true;
  exchange.progress = [&frame](const session::SyncReport& report) {
    frame.progress(frame.tr("取附件 ", "fetching ") + progress_word(report.blob_bytes_down, report.blob_bytes_wanted));
  };
  auto done = holder::exchange(book.device(), exchange);
  frame.progress({});
  SATCHEL_GET(now, field::attachments_of(book, place));
  for (auto& a : chosen) {
    for (const auto& fresh : now) {
      if (fresh.value.dot == a.value.dot) a = fresh;
    }
  }
  if (!done) return std::unexpected(done.error());
  return {};
}

// Two of one name, or one that is there: told apart by a number.
fs::path free_name(const fs::path& folder, const std::string& name, bool force, std::set<fs::path>& taken) {
  const fs::path plain(blob::safe_name(name));
  fs::path out = folder / plain;
  std::error_code ignored;
  for (int i = 2; taken.contains(out) || (i > 2 && !force && fs::exists(fs::symlink_status(out, ignored))); ++i)
    out = folder / (plain.stem().string() + " (" + std::to_string(i) + ")" + plain.extension().string());
  taken.insert(out);
  return out;
}

Result<int> fetch(const Frame& frame, Book& book, const AttachOptions& options) {
  SATCHEL_GET(place, place_of(book, options.record));
  SATCHEL_GET(all, field::attachments_of(book, place));
  SATCHEL_GET(chosen, choose(all, options.which));
  std::vector<std::string> names;
  for (const auto& a : chosen) names.push_back(a.value.manifest.name);
  SATCHEL_TRY(field::note_files(book, place, names));
  const auto brought = bring(frame, book, place, chosen);
  json::array out;
  std::size_t missing = 0;
  std::set<fs::path> taken;
  std::error_code ignored;
  const bool folder = fs::is_directory(options.to, ignored);
  if (!folder && chosen.size() > 1 && !options.only_here) return fail(ErrorKind::usage, "attach.no-folder", options.to);
  for (const auto& a : chosen) {
    auto one = attachment_json(book, a);
    if (!a.whole()) {
      ++missing;
    } else if (!options.only_here) {
      const fs::path to =
          folder ? free_name(options.to, a.value.manifest.name, options.force, taken) : fs::path(options.to);
      auto written =
          field::write_out(book, place, a, {to, options.force, progress_of(frame, frame.tr("写出", "writing"))});
      frame.progress({});
      if (!written) return std::unexpected(written.error());
      one["file"] = written->string();
      frame.say(frame.tr("已写出：", "Written: ") + printable(written->string()) + "  " +
                size_word(a.value.manifest.size));
    } else {
      frame.say(frame.tr("已在本机：", "Here: ") + printable(a.value.manifest.name));
    }
    out.push_back(std::move(one));
  }
  if (missing > 0 && !brought) return std::unexpected(brought.error());
  frame.print(json::object{{"record", place.record.hex()}, {"attachments", std::move(out)}, {"missing", missing}});
  if (missing == 0) return kOk;
  frame.note(frame.tr("枢纽上还没有的附件：", "Attachments that the hubs have not got yet: ") +
             std::to_string(missing) +
             frame.tr("。附上它的设备同步之后，下次同步会自动取回。",
                      ". They come with the next sync, once the device that attached them has synced."));
  return static_cast<int>(ExitCode::partial);
}

void add_attach(CLI::App& app, Frame& frame) {
  auto options = std::make_shared<AttachOptions>();
  auto* command = app.add_subcommand(
      "attach", frame.tr("给一条记录加附件；不需要网络", "Attach files to a record; needs no network"));
  command
      ->add_option("record", options->record,
                   frame.tr("记录号的开头，或客户名称、编号（加到客户卡片）",
                            "The beginning of a record's id, or a customer's name or number (for its card)"))
      ->required();
  command->add_option("file", options->files, frame.tr("文件，可多个", "One file or more"))->required();
  command->add_option("--name", options->name, frame.tr("另取的名称", "Another name for it"));
  command->add_option("--media", options->media, frame.tr("类型，如 image/jpeg", "Its type, as image/jpeg"));
  command->add_option("--as", options->as,
                      frame.tr("并把它的名称填入这个附件字段（须为空）",
                               "Also puts its name into this attachment field, which has to be empty"));
  command->footer(frame.example("satchel --vault rep attach 3f2a91c0 照片.jpg"));
  command->callback([&frame, options] {
    frame.choose([&frame, options] { return with_book(frame, [&](Book& b) { return attach(frame, b, *options); }); });
  });
}

void add_attachment_list(CLI::App& app, Frame& frame) {
  auto options = std::make_shared<AttachOptions>();
  auto* command = app.add_subcommand(
      "attachments", frame.tr("一条记录的附件，以及各在哪里", "A record's attachments, and where each is"));
  command
      ->add_option("record", options->record,
                   frame.tr("记录号的开头，或客户", "The beginning of its id, or a customer"))
      ->required();
  command->add_option("--strike", options->strike, frame.tr("划掉第几个", "Strike out this number"));
  command->add_option("--reason", options->reason, frame.tr("划掉的原因", "Why it is struck out"));
  command->footer(frame.example("satchel --vault rep attachments 3f2a91c0"));
  command->callback([&frame, options] {
    frame.choose(
        [&frame, options] { return with_book(frame, [&](Book& b) { return list_attachments(frame, b, *options); }); });
  });
}

void add_fetch(CLI::App& app, Frame& frame) {
  auto options = std::make_shared<AttachOptions>();
  auto* command =
      app.add_subcommand("fetch", frame.tr("取回附件并写成文件；不在本机的先从枢纽取",
                                           "Write attachments out, fetching from the hubs what is not here"));
  command
      ->add_option("record", options->record,
                   frame.tr("记录号的开头，或客户", "The beginning of its id, or a customer"))
      ->required();
  command->add_option("which", options->which, frame.tr("第几个或名称；不写则全部", "Numbers or names; all without"));
  command->add_option(
      "--to", options->to,
      frame.tr("写到的文件夹或文件，默认当前文件夹", "Folder or file to write to; the current folder by default"));
  command->add_flag("--force", options->force, frame.tr("覆盖已有的文件", "Write over a file that is there"));
  command->add_flag("--only-here", options->only_here,
                    frame.tr("只取到本机，不写成文件", "Only bring them here, write no files"));
  command->footer(frame.example("satchel --vault boss fetch 3f2a91c0 1 --to 下载"));
  command->callback([&frame, options] {
    frame.choose([&frame, options] { return with_book(frame, [&](Book& b) { return fetch(frame, b, *options); }); });
  });
}

}  // namespace

void add_attach_commands(CLI::App& app, Frame& frame) {
  add_attach(app, frame);
  add_attachment_list(app, frame);
  add_fetch(app, frame);
}

}  // namespace satchel::cli
