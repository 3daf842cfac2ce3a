// SPDX-License-Identifier: AGPL-3.0-or-later
// How this room waits: an error is a value beside the result, never an exception.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace satchel {

inline constexpr auto kToken = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace satchel
