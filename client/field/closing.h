// SPDX-License-Identifier: AGPL-3.0-or-later
// Closing a customer's archive, and opening it again: a record of the pack `closing`, whose workflow has the state that
// closes (schema/template/workflow.h). Whoever may agree to it closes at once, others ask.
#pragma once

#include "client/field/matters.h"
#include "sync/holder/duties.h"

namespace satchel::field {

struct CloseWish {
  CustomerRef customer;
  FieldMap fields;  // of the form `closing`; `on` is today when it is missing
  std::string comment;
  bool anyway = false;  // though matters are open
};

struct Closing {
  Saved saved;
  bool asked = false;  // a manager has to agree
};
// What is still to be done in the archive.
Result<std::vector<holder::Duty>> open_matters(Book& book, const ArchiveId& archive);
// conflict "close.closed", "close.asked" when it is so already; usage "close.open-matters" (detail: how many).
Result<Closing> close_archive(Book& book, const CloseWish& wish);
// conflict "close.not-closed"; those of Desk::step.
Result<Saved> reopen_archive(Book& book, const CustomerRef& customer, const std::string& comment);

}  // namespace satchel::field
