// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/hub_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "schema/template/toml_tree.h"
#include "sync/store/lmdb_store.h"

namespace satchel::hub {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kConfigNodesMax = 100;
constexpr std::uintmax_t kConfigBytesMax = 64 * 1024;

std::unexpected<Error> file_error(const char* code, const fs::path& file) {
  return fail(ErrorKind::storage, code, file.string() + ": " + std::strerror(errno));
}

std::unexpected<Error> bad_config(const HubFolder& folder, int line, std::string_view why) {
  return fail(ErrorKind::invalid, "hub.config",
              folder.config().string() + ":" + std::to_string(line) + ": " + std::string(why));
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

Result<void> sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool good = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!good) return file_error("hub.file", folder);
  return {};
}

// One text value after the other, each at most once; what is not known is told, because a misspelt key does nothing.
class ConfigReader {
 public:
  ConfigReader(const HubFolder& folder, const TomlNode& root) : folder_(folder), root_(root) {}

  Result<HubConfig> run() {
    SATCHEL_TRY(known_keys(root_, {"organisation", "name", "listen", "upstream"}));
    HubConfig config;
    SATCHEL_GET(org, id<OrgId>(root_, "organisation"));
    config.org = org;
    SATCHEL_GET(name, text(root_, "name"));
    config.name = name;
    SATCHEL_GET(listen, address(root_, "listen"));
    config.listen = listen;
    const TomlNode* upstream = root_.find("upstream");
    if (upstream == nullptr) return config;
    SATCHEL_TRY(known_keys(*upstream, {"hub", "address", "pin", "address_override"}));
    HubPlace place;
    SATCHEL_GET(hub, id<NodeId>(*upstream, "hub"));
    place.hub = hub;
    SATCHEL_GET(at, address(*upstream, "address"));
    place.address = format_address(at);
    SATCHEL_GET(pin, id<Digest>(*upstream, "pin"));
    place.pins = {pin};
    config.headquarters = place;
    if (upstream->find("address_override") == nullptr) return config;
    SATCHEL_GET(other, address(*upstream, "address_override"));
    config.upstream_address = format_address(other);
    return config;
  }

 private:
  Result<void> known_keys(const TomlNode& table, std::initializer_list<std::string_view> known) const {
    for (const auto& key : table.keys) {
      if (std::ranges::find(known, key) == known.end())
        return bad_config(folder_, table.find(key)->line, "unknown key " + key);
    }
    return {};
  }
  Result<std::string> text(const TomlNode& table, std::string_view key) const {
    const TomlNode* node = table.find(key);
    if (node == nullptr) return bad_config(folder_, table.line, std::string(key) + " is missing");
    if (node->kind != TomlNode::Kind::text || node->text.empty())
      return bad_config(folder_, node->line, std::string(key) + " is not a text");
    return node->text;
  }
  template <class AnyId>
  Result<AnyId> id(const TomlNode& table, std::string_view key) const {
    SATCHEL_GET(digits, text(table, key));
    const auto parsed = AnyId::parse(digits);
    if (!parsed) return bad_config(folder_, table.find(key)->line, std::string(key) + " is not an id");
    return *parsed;
  }
  Result<HostPort> address(const TomlNode& table, std::string_view key) const {
    SATCHEL_GET(written, text(table, key));
    const auto parsed = parse_address(written);
    if (!parsed) return bad_config(folder_, table.find(key)->line, std::string(key) + " is not host:port");
    return *parsed;
  }

  const HubFolder& folder_;
  const TomlNode& root_;
};

}  // namespace

Result<void> HubFolder::make() const {
  std::error_code error;
  const fs::path parent = fs::absolute(root, error).lexically_normal().parent_path();
  if (!error) fs::create_directories(parent, error);
  if (error) return fail(ErrorKind::storage, "hub.folder", parent.string() + ": " + error.message());
  if (::mkdir(root.c_str(), 0700) != 0 && errno != EEXIST) return file_error("hub.folder", root);
  if (::chmod(root.c_str(), 0700) != 0) return file_error("hub.folder", root);
  return {};
}

Result<void> HubFolder::must_be_free() const {
  std::error_code ignored;
  if (fs::exists(config(), ignored)) return fail(ErrorKind::conflict, "hub.exists", root.string());
  for (const auto& part : {identity(), tls(), store() / "data.mdb", recovery_kit()}) {
    if (fs::exists(part, ignored)) return fail(ErrorKind::conflict, "hub.unfinished", root.string());
  }
  if (fs::exists(root, ignored) && !fs::is_empty(root, ignored))
    return fail(ErrorKind::conflict, "hub.not-empty", root.string());
  return {};
}

Result<HubConfig> read_config(const HubFolder& folder) {
  std::error_code error;
  const auto size = fs::file_size(folder.config(), error);
  if (error) return fail(ErrorKind::not_found, "hub.no-config", folder.root.string());
  if (size > kConfigBytesMax) return bad_config(folder, 0, "too long");
  std::ostringstream text;
  text << std::ifstream(folder.config(), std::ios::binary).rdbuf();
  const auto tree = parse_toml(text.str(), kConfigNodesMax);
  if (!tree) return bad_config(folder, tree.error().line, tree.error().message);
  return ConfigReader(folder, *tree).run();
}

Result<void> write_config(const HubFolder& folder, const HubConfig& config) {
  std::ostringstream out;
  out << "# Satchel 枢纽的配置；修改后重新启动 `satcheld serve`。\n"
         "# Configuration of a Satchel hub; restart `satcheld serve` after a change.\n\n"
         "# 单位编号，不要修改。 The organisation's id; never change it.\n"
      << "organisation = " << toml_text(config.org.hex()) << "\n\n"
      << "# 名称，用于日志和状态。 The name in logs and status.\n"
      << "name = " << toml_text(config.name) << "\n\n"
      << "# 监听的地址（数字 IP）和端口。 Where it listens: a numeric address and a port.\n"
      << "listen = " << toml_text(format_address(config.listen)) << "\n";
  if (config.headquarters) {
    out << "\n# 总部枢纽，来自邀请；此后以通讯录为准。 Headquarters' hub as the invitation named it; the directory has "
           "the last word.\n"
        << "[upstream]\nhub = " << toml_text(config.headquarters->hub.hex())
        << "\naddress = " << toml_text(config.headquarters->address)
        << "\npin = " << toml_text(config.headquarters->pins.front().hex())
        << "\n# 如需经别的地址到达总部： To reach headquarters by another address:\n# address_override = "
           "\"host:port\"\n";
    if (!config.upstream_address.empty()) out << "address_override = " << toml_text(config.upstream_address) << "\n";
  }
  return write_private(folder.config(), out.str());
}

Result<void> write_private(const fs::path& file, std::string_view text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) return fail(ErrorKind::conflict, "hub.file-exists", file.string());
  if (fd < 0) return file_error("hub.file", file);
  bool good = true;
  while (good && !text.empty()) {
    const auto count = ::write(fd, text.data(), text.size());
    good = count > 0 || (count < 0 && errno == EINTR);
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  good = good && ::fsync(fd) == 0;
  const auto failed = file_error("hub.file", file);
  ::close(fd);
  if (!good) {
    ::unlink(file.c_str());
    return failed;
  }
  return sync_folder(file.parent_path().empty() ? fs::path(".") : file.parent_path());
}

Result<OpenHub> open_hub(const HubFolder& folder, bool read_only) {
  SATCHEL_GET(config, read_config(folder));
  SATCHEL_GET(identity, load_identity_file(folder.identity()));
  SATCHEL_GET(tls, TlsIdentity::load(folder.tls()));
  std::error_code ignored;
  if (!fs::exists(folder.store() / "data.mdb", ignored))
    return fail(ErrorKind::not_found, "store.missing", folder.store().string());
  LmdbOptions options;
  options.read_only = read_only;
  SATCHEL_GET(store, open_lmdb(folder.store(), options));
  return OpenHub{std::move(config), std::move(identity), std::move(tls), std::move(store)};
}

Result<ServeLock> ServeLock::take(const HubFolder& folder) {
  const int fd = ::open(folder.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return file_error("hub.file", folder.lock());
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return fail(ErrorKind::conflict, "hub.running", folder.root.string());
  }
  return ServeLock(fd);
}

bool ServeLock::held(const HubFolder& folder) {
  const int fd = ::open(folder.lock().c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool free = ::flock(fd, LOCK_SH | LOCK_NB) == 0;
  ::close(fd);
  return !free;
}

ServeLock::~ServeLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace satchel::hub
