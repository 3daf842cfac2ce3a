// SPDX-License-Identifier: AGPL-3.0-or-later
// Customers as a salesperson sees them: the list, one customer's card with contacts, visits and timeline, and the hints
// that keep one customer from being opened twice.
#pragma once

#include "client/field/history.h"

namespace satchel::field {

struct CustomerRow {
  CustomerRef customer;
  RecordPlace card;
  std::string kind;  // as shown
  std::string phone;
  std::vector<PersonId> owners;
  std::optional<Date> last_visit;
  std::optional<WallTime> closed;  // since when
  node::Reached reached = node::Reached::here_only;
  bool contested = false;
};

struct CustomerListOptions {
  std::string kind;       // a choice by id or label
  std::size_t limit = 0;  // 0: all
  bool closed = false;    // those whose archives are closed, instead of those that are not
};

struct CustomerList {
  std::vector<CustomerRow> rows;  // by name, as Chinese lists are ordered
  std::size_t total = 0;
  std::size_t closed = 0;  // left out, because closed
};

Result<CustomerList> list_customers(Book& book, const CustomerListOptions& options);
// The rows of some customers, in the order given.
Result<std::vector<CustomerRow>> customer_rows(Book& book, const std::vector<CustomerRef>& customers);

struct CustomerCard {
  CustomerRef customer;
  BranchId branch;
  std::vector<PersonId> owners;
  std::optional<WallTime> closed;  // since when
  ShownRecord card;
  std::vector<ShownRecord> contacts;
  std::vector<ShownRecord> visits;  // newest first
  std::size_t visit_count = 0;
  std::vector<ShownRecord> others;  // of other templates, newest first
  std::size_t other_count = 0;
  std::vector<Event> timeline;  // the latest, oldest first
  // Archives shown within this one; their contacts, visits and events are among those above.
  struct Part {
    CustomerRef customer;
    ShownRecord card;
  };
  std::vector<Part> parts;
};

struct CardOptions {
  std::size_t visits = 5;
  std::size_t others = 5;
  std::size_t events = 20;
};
Result<CustomerCard> show_customer(Book& book, const CustomerRef& customer, const CardOptions& options = {});

// Customers a new one may already be.
struct Twins {
  std::vector<CustomerRef> same_phone;  // surely looked at before opening another
  std::vector<CustomerRef> same_name;
  bool any() const { return !same_phone.empty() || !same_name.empty(); }
};
Result<Twins> find_twins(Book& book, const FieldMap& card);

}  // namespace satchel::field
