// SPDX-License-Identifier: AGPL-3.0-or-later
// Reports of the packs in force over what this node may read: a salesperson's own, a branch, or everything at
// headquarters' reader; the definition is the same. Only the months a report asks for are read. Every result says how
// fresh it is, because a report is only as complete as what has arrived.
#pragma once

#include "schema/template/report.h"
#include "sync/holder/silence.h"

namespace satchel::holder {

struct ReportRequest {
  std::string id;
  std::vector<std::pair<std::string, std::string>> parameters;  // id, as typed
};

struct Freshness {
  std::size_t only_here = 0;             // own entries no hub has taken yet
  std::size_t held = 0;                  // entries that wait for a verdict and count nowhere
  std::size_t locked = 0;                // archives here without their key: nothing of them is counted
  std::size_t contested = 0;             // records with values a person has to choose between; the latest is shown
  Silence silence;                       // of whose devices nothing came this week
  std::optional<WallTime> newest_stamp;  // when a hub last took something that has arrived here
};

struct BookReport {
  ReportResult result;
  Freshness freshness;
  ReportRequest request;
  bool sensitive = false;  // it shows fields that are sensitive
};

// Errors: not_found "report.unknown" with those there are, usage "report.no-such-parameter", and run_report's.
Result<BookReport> run_report(Book& book, const ReportRequest& request);
Result<Freshness> freshness_of(Book& book);
// As it stands under a report; ends with a line end.
std::string freshness_text(const Freshness& f, Lang lang);

// "text", "csv" (with a byte-order mark), "json" or "html". usage "report.no-such-format"; "report.needs-file" for
// "xlsx", which is no text.
Result<std::string> print_report(const BookReport& report, std::string_view format, Lang lang);
// A reading of it (reading_note.h): due before it is handed out where it shows what is sensitive. `what`: its id, and
// in which way; its parameters are put behind.
Result<void> note_report(Book& book, const BookReport& report, const std::string& what, const std::string& purpose);
struct ReportFile {
  std::string path, what, purpose;
};
// Any of those, "xlsx" too, noted and then written into a new file that its owner alone can read, whole or not at all.
// usage "export.no-purpose", "report.cut" where a CSV would lack lines; failed "file.exists"; storage "file.io".
Result<void> write_report(Book& book, const BookReport& report, std::string_view format, const ReportFile& into);
// "a — name (a, b)" for each report in force, one a line, or as a JSON array.
std::string list_reports(const Catalogue& catalogue, Lang lang, bool json);

}  // namespace satchel::holder
