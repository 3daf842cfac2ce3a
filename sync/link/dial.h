// SPDX-License-Identifier: AGPL-3.0-or-later
// Dialer::dial as a coroutine, for code that already lives on an io_context. Heavier to include than client.h.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "sync/link/client.h"

namespace satchel {

// `dialer` must live until it has returned.
inline boost::asio::awaitable<Result<void>> dial(Dialer& dialer, HostPort to, EndpointFactory factory) {
  const auto begin = [&dialer](auto handler, const HostPort& hub, EndpointFactory made_by) {
    // A std::function must be copyable and the handler is not.
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    dialer.dial(hub, std::move(made_by), [shared](Result<void> result) { (*shared)(std::move(result)); });
  };
  auto wait = boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Result<void>)>(
      begin, boost::asio::use_awaitable, to, std::move(factory));
  Result<void> result = co_await std::move(wait);
  co_return result;
}

}  // namespace satchel
