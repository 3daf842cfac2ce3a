// SPDX-License-Identifier: AGPL-3.0-or-later
// satcheld: builds the real clock and the real source of randomness, lists the commands, and hands over.
#include "server/admin/program.h"
#include "server/admin/reader_commands.h"
#include "sync/link/system_clock.h"
#include "sync/seal/seal.h"
#include "sync/seal/system_entropy.h"

int main(int argc, char** argv) {
  using namespace satchel;
  start_crypto();
  SystemClock clock;
  SystemEntropy entropy;
  admin::Program program(clock, entropy);
  return admin::run_command_line(
      program,
      {admin::init_command(), admin::join_command(), admin::serve_command(), admin::status_command(),
       admin::verify_command(), admin::unit_command(), admin::bundle_command(), admin::compact_command(),
       admin::backup_command(), admin::restore_command(), admin::reader_command()},
      argc, argv);
}
