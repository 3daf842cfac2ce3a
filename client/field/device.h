// SPDX-License-Identifier: AGPL-3.0-or-later
// The device as the field client knows it. Its code is sync/holder, which the HQ reader uses too.
#pragma once

#include "sync/holder/device.h"

namespace satchel::field {

using holder::Device;
using holder::DeviceConfig;
using holder::KnownHub;

}  // namespace satchel::field
