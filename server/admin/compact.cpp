// SPDX-License-Identifier: AGPL-3.0-or-later
// satcheld compact: rewrites a hub's store without what was erased, while it is not served. After a destruction a hub
// does it by itself, a large one at its next start; this is for whoever does not want to wait, or wants the disk back.
#include "server/admin/program.h"
#include "server/hub/hub_folder.h"
#include "sync/node/shredding.h"

namespace satchel::admin {

namespace {

constexpr Text kCompactHelp{"整理枢纽的数据库：去掉已销毁内容的残留（先停止枢纽）",
                            "Rewrite the hub's store without the remains of what was destroyed (stop the hub first)"};
constexpr Text kFrom{"已整理，字节数 ", "Compacted, bytes: "};
constexpr Text kReceipt{"；此前欠下的销毁回执已写好，下次与总部交换时送出",
                        "; the receipt it owed is written and goes with the next exchange"};

Result<int> compact(const Program& program, const std::string& data) {
  const hub::HubFolder folder{data};
  SATCHEL_TRY(hub::read_config(folder));
  const auto lock = hub::ServeLock::take(folder);
  if (!lock) return std::unexpected(lock.error());
  SATCHEL_GET(open, hub::open_hub(folder));
  node::Self self{open.identity, open.config.org, wire::Role::hub};
  SATCHEL_GET(replica, node::Replica::open(*open.store, program.clock, program.entropy, std::move(self)));
  const std::uint64_t before = open.store->bytes_at_most();
  SATCHEL_GET(shredded, node::shred(*replica, nullptr));
  if (!shredded) {
    SATCHEL_GET(sole, open.store->sole_use());
    if (!sole) return fail(ErrorKind::conflict, "hub.in-use", data);
    SATCHEL_GET(done, open.store->compact(*sole));
    if (!done) return fail(ErrorKind::conflict, "hub.in-use", data);
  }
  const std::uint64_t after = open.store->bytes_at_most();
  program.say(program.tr(kFrom) + std::to_string(before) + " → " + std::to_string(after) +
              (shredded ? program.tr(kReceipt) : std::string()));
  program.print({{"before", before}, {"after", after}, {"receipt", shredded}});
  return kOk;
}

}  // namespace

Command compact_command() {
  auto data = std::make_shared<std::string>();
  return {"compact",
          kCompactHelp,
          "satcheld compact --data hq",
          {{"--data", kDataFolder, data.get(), true}},
          [data](Program& program) {
            const auto done = compact(program, *data);
            return done ? *done : program.explain(done.error());
          }};
}

}  // namespace satchel::admin
