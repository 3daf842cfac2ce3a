// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/packs.h"

#include <fstream>
#include <set>
#include <sstream>

#include "schema/packs/standard.h"
#include "schema/template/field_text.h"
#include "schema/template/pack_diff.h"
#include "sync/directory/limits.h"
#include "sync/node/catalogue.h"

namespace satchel::field {

namespace fs = std::filesystem;

namespace {

Result<std::string> read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || !text) return fail(ErrorKind::not_found, "pack.no-file", file.string());
  return std::move(text).str();
}

Result<std::vector<fs::path>> files_of(const fs::path& source) {
  std::error_code error;
  if (fs::is_regular_file(source, error)) return std::vector{source};
  std::vector<fs::path> out;
  for (auto at = fs::directory_iterator(source, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    if (at->path().extension() == ".toml") out.push_back(at->path());
  }
  std::ranges::sort(out);
  if (out.empty()) return fail(ErrorKind::not_found, "pack.no-file", source.string());
  return out;
}

Result<CheckedPack> check(const std::string& source, std::string toml, Lang lang) {
  CheckedPack out;
  auto pack = parse_pack(toml, lang);
  if (!pack) return fail(pack.error().kind, pack.error().code, source + ": " + pack.error().detail);
  out.source = source;
  out.toml = std::move(toml);
  out.pack = std::move(*pack);
  return out;
}

bool is_called(const BuiltInPack& built_in, std::string_view name) {
  const auto stem = built_in.first.substr(0, built_in.first.rfind('.'));
  const auto number = stem.substr(0, stem.find('_'));
  return name == stem || name == built_in.first || (name == number && number != stem) ||
         (number != stem && name == stem.substr(number.size() + 1));
}

// Nothing when one of the names is no pack's.
std::vector<BuiltInPack> built_in_named(std::string_view names) {
  std::vector<BuiltInPack> all(standard_packs().begin(), standard_packs().end());
  all.insert(all.end(), system_packs().begin(), system_packs().end());
  if (names == "systems") return {system_packs().begin(), system_packs().end()};
  std::vector<BuiltInPack> out;
  for (const auto& name : split_list(names)) {
    const auto at = std::ranges::find_if(all, [&](const BuiltInPack& pack) { return is_called(pack, name); });
    if (at == all.end()) return {};
    out.push_back(*at);
  }
  return out;
}

Result<std::vector<CheckedPack>> read_packs(const fs::path& source, Lang lang) {
  std::error_code error;
  const auto built_in = fs::exists(source, error) ? std::vector<BuiltInPack>{} : built_in_named(source.string());
  if (!built_in.empty()) {
    std::vector<CheckedPack> named;
    for (const auto& [file, toml] : built_in) {
      SATCHEL_GET(checked, check(std::string(file), std::string(toml), lang));
      named.push_back(std::move(checked));
    }
    return named;
  }
  SATCHEL_GET(files, files_of(source));
  std::vector<CheckedPack> out;
  for (const auto& file : files) {
    SATCHEL_GET(toml, read_text(file));
    SATCHEL_GET(checked, check(file.filename().string(), std::move(toml), lang));
    out.push_back(std::move(checked));
  }
  return out;
}

// All versions of the pack that were published, for whomever, oldest first; records may stand under any of them.
struct Published {
  std::string toml;
  Pack pack;
};
std::vector<Published> published(const Directory& directory, const std::string& id) {
  std::vector<Published> out;
  const auto found = directory.packs().find(id);
  if (found == directory.packs().end()) return out;
  for (const auto& version : found->second) {
    auto toml = node::unfold_pack(version.coding, version.bytes);
    auto read = toml ? parse_pack(*toml) : std::unexpected(toml.error());
    if (read) out.push_back({std::move(*toml), std::move(*read)});
  }
  return out;
}

void add_findings(std::vector<LintFinding>& all, std::vector<LintFinding> more) {
  for (auto& finding : more) {
    const bool known = std::ranges::any_of(all, [&](const LintFinding& f) {
      return f.code == finding.code && f.where == finding.where && f.message == finding.message;
    });
    if (!known) all.push_back(std::move(finding));
  }
}

// Packs of one call may name each other's templates. Without a directory there is nothing to compare with.
void lint_all(std::vector<CheckedPack>& packs, const Catalogue& in_force, const Directory* directory) {
  for (auto& checked : packs) {
    Catalogue others = in_force;
    for (const auto& other : packs) {
      if (other.pack.id != checked.pack.id) others.add(other.pack);
    }
    const Pack* now = in_force.find_pack(checked.pack.id);
    checked.in_force = now != nullptr ? now->version : 0;
    auto before = directory != nullptr ? published(*directory, checked.pack.id) : std::vector<Published>{};
    checked.differences = pack_differences(before.empty() ? std::string_view() : before.back().toml, checked.toml);
    if (checked.unchanged) continue;
    checked.findings = lint_pack(checked.pack, before.empty() ? nullptr : &before.back().pack, &others);
    // Not those it does not come after: the newest says so.
    std::erase_if(before, [&](const Published& p) { return p.pack.version >= checked.pack.version; });
    for (const auto& version : before) add_findings(checked.findings, lint_pack(checked.pack, &version.pack, &others));
  }
}

bool in_force_already(const Directory& directory, const CheckedPack& checked) {
  const PackVersion* newest = directory.pack_in_force(checked.pack.id);
  if (newest == nullptr) return false;
  const auto toml = node::unfold_pack(newest->coding, newest->bytes);
  return toml && *toml == checked.toml;
}

// Published here already and not yet ordered.
Result<bool> already_said(Device& device) {
  SATCHEL_GET(txn, device.replica().store().begin_read());
  SATCHEL_GET(waiting, holder::waiting_statements(*txn, device.identity().id));
  return std::ranges::any_of(
      waiting, [](const holder::Waiting& w) { return w.kind == StatementKind::pack_published && !w.refused; });
}

}  // namespace

Result<std::vector<CheckedPack>> check_packs(Device& device, const fs::path& source, Lang lang) {
  SATCHEL_GET(packs, read_packs(source, lang));
  const auto directory = device.directory();
  for (auto& checked : packs) checked.unchanged = in_force_already(*directory, checked);
  lint_all(packs, device.deriver().packs().catalogue, directory.get());
  return std::move(packs);
}

Result<std::vector<CheckedPack>> check_packs_alone(const fs::path& source, Lang lang) {
  SATCHEL_GET(packs, read_packs(source, lang));
  lint_all(packs, {}, nullptr);
  return std::move(packs);
}

Result<PublishedPacks> publish_packs(Device& device, const std::vector<CheckedPack>& packs,
                                     const std::vector<PersonId>& test_group) {
  for (const auto& checked : packs) {
    if (has_errors(checked.findings)) return fail(ErrorKind::usage, "pack.lint", checked.source);
  }
  PublishedPacks out;
  std::vector<Digest> ids;
  for (const auto& checked : packs) {
    if (checked.unchanged) continue;
    auto published = node::publication_of(checked.pack, checked.toml);
    published.test_group = test_group;
    if (published.bytes.size() > kPublishedPackBytesMax)
      return fail(ErrorKind::usage, "pack.too-large", checked.source);
    SATCHEL_GET(id, device.propose(published));
    ids.push_back(id);
    out.packs.emplace_back(checked.pack.id, checked.pack.version);
  }
  if (ids.empty()) return out;
  SATCHEL_GET(followed, holder::follow(device, ids));
  for (const auto& outcome : followed.outcomes) {
    if (outcome.fate == holder::Fate::refused) return std::unexpected(holder::refusal(outcome.code, {}));
  }
  out.pending = !followed.all(holder::Fate::ordered);
  out.offline = followed.offline;
  return out;
}

std::vector<BuiltIn> available_packs(const Catalogue& in_force, Lang lang) {
  std::vector<BuiltIn> out;
  for (const auto& built_in : {standard_packs(), system_packs()}) {
    for (const auto& [file, toml] : built_in) {
      auto pack = parse_pack(toml, lang);
      const Pack* now = pack ? in_force.find_pack(pack->id) : nullptr;
      if (pack && (now == nullptr || now->version < pack->version))
        out.push_back({std::string(file), std::move(*pack)});
    }
  }
  return out;
}

Result<std::vector<PackRelease>> pack_history(Device& device, const std::string& id) {
  const auto directory = device.directory();
  const auto found = directory->packs().find(id);
  if (found == directory->packs().end()) return fail(ErrorKind::not_found, "pack.unknown", id);
  const Person* me = device.person();
  const PackVersion* now = directory->pack_in_force(id, me != nullptr ? me->id : PersonId{});
  std::vector<PackRelease> out;
  std::string before;
  for (const auto& version : found->second) {
    PackRelease release{id, version.version};
    release.place = version.published.at.n;
    release.test_group = version.test_group;
    release.in_force = now == &version;
    const auto toml = node::unfold_pack(version.coding, version.bytes);
    auto pack = toml ? parse_pack(*toml) : std::unexpected(toml.error());
    release.bytes = toml ? toml->size() : version.bytes.size();
    if (pack) {
      release.made = pack->made;
      release.reviewed = pack->reviewed;
      release.approved = pack->approved;
      release.differences = pack_differences(before, *toml);
      before = *toml;
    }
    out.push_back(std::move(release));
  }
  return out;
}

Result<PublishedPacks> publish_standard_packs(Device& device) {
  if (!device.directory()->packs().empty()) return PublishedPacks{};
  SATCHEL_GET(on_their_way, already_said(device));
  if (on_their_way) return PublishedPacks{};
  std::vector<CheckedPack> packs;
  for (const auto& [name, toml] : standard_packs()) {
    SATCHEL_GET(checked, check(std::string(name), std::string(toml), Lang::zh));
    packs.push_back(std::move(checked));
  }
  return publish_packs(device, packs);
}

}  // namespace satchel::field
