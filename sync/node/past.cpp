// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/past.h"

#include <algorithm>
#include <map>
#include <set>

#include "schema/template/field_text.h"
#include "schema/template/pack.h"
#include "sync/node/records.h"

namespace satchel::node {

namespace {

constexpr std::size_t kLooksMax = 20'000;  // of one record and condition; the earliest moments are looked at first

using Ends = std::function<bool(const merge::FieldValue& replacer, const merge::FieldValue& replaced)>;

// When a hub first had one that replaces it, by the dot of what is replaced.
std::map<Dot, WallTime> ends_of(const std::vector<const merge::FieldValue*>& values, const Ends& ends) {
  std::map<Dot, const merge::FieldValue*> by_dot;
  for (const auto* value : values) by_dot.emplace(value->dot, value);
  std::map<Dot, WallTime> out;
  for (const auto* replacer : values) {
    if (!replacer->stamped) continue;
    for (const auto& dot : replacer->replaces) {
      const auto replaced = by_dot.find(dot);
      if (replaced == by_dot.end() || (ends && !ends(*replacer, *replaced->second))) continue;
      const auto at = out.try_emplace(dot, *replacer->stamped).first;
      at->second = std::min(at->second, *replacer->stamped);
    }
  }
  return out;
}

class Once {
 public:
  Once(const merge::RecordState& state, const When& when, const Template* form) : when_(when) {
    for (const auto& test : when.all) add(state, test.field, form);
    moments_.insert(state.created());
  }

  bool held() {
    return std::ranges::any_of(moments_, [&](WallTime moment) { return look(moment, fields_.begin()); });
  }

 private:
  struct Stood {
    const Value* value = nullptr;
    WallTime from;
    std::optional<WallTime> until;
    Dot dot;
    std::vector<Dot> replacers;
  };
  using Fields = std::map<std::string, std::vector<Stood>>;

  // A computed field is what others were that it is computed from; lint keeps it from going round.
  void add(const merge::RecordState& state, const std::string& field, const Template* form) {
    if (!fields_.try_emplace(field).second) return;
    const Field* shape = form != nullptr ? form->field(field) : nullptr;
    if (shape != nullptr && shape->formula) {
      fields_.erase(field);
      if (!computed_.insert(field).second) return;
      form_ = form;
      for (const auto& from : shape->formula->fields()) add(state, from, form);
      return;
    }
    const auto values = state.values(field);
    const auto ends = ends_of(values, {});
    std::map<Dot, std::vector<Dot>> replacers;
    for (const auto* value : values)
      for (const auto& dot : value->replaces) replacers[dot].push_back(value->dot);
    for (const auto* value : values) {
      const auto end = ends.find(value->dot);
      fields_[field].push_back({&value->value, value->effective,
                                end != ends.end() ? std::optional(end->second) : std::nullopt, value->dot,
                                replacers[value->dot]});
      moments_.insert(value->effective);
    }
  }

  // Whoever saw the other had seen this one replaced: a chain is read from its beginning.
  static bool was_over(const Stood& one, const Stood& other) {
    return std::ranges::any_of(one.replacers, [&](const Dot& replacer) {
      return replacer.chain == other.dot.chain && replacer.seq <= other.dot.seq;
    });
  }

  bool goes_with_chosen(const Stood& stood) const {
    return std::ranges::none_of(chosen_,
                                [&](const Stood* other) { return was_over(stood, *other) || was_over(*other, stood); });
  }

  bool look(WallTime moment, Fields::const_iterator field) {
    if (looks_ >= kLooksMax) return false;
    if (field == fields_.end()) {
      ++looks_;
      return applies_now();
    }
    bool none = true;
    const auto next = std::next(field);
    for (const auto& stood : field->second) {
      const bool stands = stood.from <= moment && (stood.from == moment || !stood.until || *stood.until > moment);
      if (!stands) continue;
      none = false;
      if (!goes_with_chosen(stood)) continue;
      record_.insert_or_assign(field->first, *stood.value);
      chosen_.push_back(&stood);
      if (look(moment, next)) return true;
      chosen_.pop_back();
    }
    record_.erase(field->first);
    return none && look(moment, next);
  }

  bool applies_now() {
    if (form_ == nullptr) return applies(when_, record_);
    FieldMap whole = record_;
    fill_computed(*form_, whole);
    return applies(when_, whole);
  }

  const When& when_;
  const Template* form_ = nullptr;  // where something is computed
  Fields fields_;
  std::set<std::string> computed_;
  std::set<WallTime> moments_;
  std::vector<const Stood*> chosen_;
  FieldMap record_;
  std::size_t looks_ = 0;
};

void put_people(const Value& value, std::vector<PersonId>& into) {
  if (const auto* ref = std::get_if<Ref>(&value)) into.push_back(PersonId{ref->id});
  const auto* texts = std::get_if<std::vector<std::string>>(&value);
  for (const auto& text : texts != nullptr ? *texts : std::vector<std::string>{})
    if (const auto id = PersonId::parse(text)) into.push_back(*id);  // what is none names an outsider
}

}  // namespace

bool was_so(const merge::RecordState& state, const When& when, const Template* form) {
  return when.always() || Once(state, when, form).held();
}

std::vector<Naming> named_in(const merge::RecordState& state, std::string_view field, const Template* form,
                             const Directory& directory) {
  const Field* shape = form != nullptr ? form->field(field) : nullptr;
  const auto permission = shape != nullptr ? shape->permission : Permission::anyone;
  const auto ends = [&](const merge::FieldValue& replacer, const merge::FieldValue& replaced) {
    return permission == Permission::anyone ||
           (permission == Permission::fixed && may_correct(directory, replacer.person, replaced.person));
  };
  const auto values = state.values(field);
  const auto ended = ends_of(values, ends);
  std::vector<Naming> out;
  for (const auto* value : values) {
    Naming naming{{}, value->effective, {}};
    if (!value->replaces.empty() && value->stamped) naming.from = std::max(naming.from, *value->stamped);
    if (const auto end = ended.find(value->dot); end != ended.end()) naming.until = end->second;
    put_people(value->value, naming.who);
    out.push_back(std::move(naming));
  }
  return out;
}

bool may_turn(const merge::RecordState& state, std::string_view field) {
  return std::ranges::any_of(state.values(field), [](const merge::FieldValue* value) {
    return !value->stamped || value->effective < value->claimed;
  });
}

bool may_turn(const merge::RecordState& state, const When& when, const Template* form) {
  std::vector<std::string> fields;
  for (const auto& test : when.all) fields.push_back(test.field);
  for (std::size_t i = 0; i < fields.size() && i < kFieldsMax; ++i) {
    const Field* shape = form != nullptr ? form->field(fields[i]) : nullptr;
    if (shape == nullptr || !shape->formula) continue;
    for (const auto& from : shape->formula->fields()) fields.push_back(from);
  }
  // One field alone is looked at value by value, whenever that was.
  return fields.size() > 1 && std::ranges::any_of(fields, [&](const auto& field) { return may_turn(state, field); });
}

}  // namespace satchel::node
