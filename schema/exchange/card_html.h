// SPDX-License-Identifier: AGPL-3.0-or-later
// A card (a customer's, or one record) as one HTML page for A4 paper, within the frame of html_page.h. What stands on
// it was chosen, masked and worded by whoever made the card: this only sets it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "schema/base/label.h"

namespace satchel {

// A value, and in small print who gave it and when, or what is to be said of it.
struct CardValue {
  std::string text;  // may have several lines
  std::string aside;
};

// A field with its values, or a record in short: its heading and what it says.
struct CardLine {
  std::string label;
  std::string mark;  // under the label: in conflict, corrected, withdrawn
  std::vector<CardValue> values;
};

struct CardSection {
  std::string title;  // may be empty
  std::vector<CardLine> lines;
};

struct PrintedCard {
  std::string title;
  std::vector<std::pair<std::string, std::string>> facts;  // label and text, under the title
  std::vector<CardSection> sections;                       // those without lines are left out
  std::string footer;                                      // line by line
};

std::string card_html(const PrintedCard& card, Lang lang);

}  // namespace satchel
