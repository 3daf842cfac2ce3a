// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/card_html.h"

#include <catch2/catch.hpp>

using namespace satchel;

namespace {

bool stands_in(std::string_view page, std::string_view what) { return page.find(what) != std::string_view::npos; }

PrintedCard sample_card(const std::string& text) {
  return {text,
          {{text, text}},
          {{text, {{text, text, {{text, text}, {"一\n二", ""}}}}}, {"空的一段", {}}},
          text + "\n由 甲 打印"};
}

}  // namespace

TEST_CASE("card html: fields under their sections, on A4, with what it says of itself", "[exchange][html]") {
  const auto page = card_html(sample_card("福田百货"), Lang::zh);
  for (const auto* word : {"<html lang=\"zh-CN\">", "<h1>福田百货</h1>", "<h2>福田百货</h2>", "@page { size: A4;",
                           "<span class=\"mark\">福田百货</span>", "<div>一\n二</div>", "福田百货\n由 甲 打印</p>",
                           "default-src 'none'"}) {
    INFO(word);
    CHECK(stands_in(page, word));
  }
  CHECK_FALSE(stands_in(page, "空的一段"));
  CHECK(stands_in(card_html({}, Lang::en), "<html lang=\"en\">"));
}

TEST_CASE("card html: nothing a record says becomes markup, and nothing is loaded", "[exchange][html]") {
  const auto page = card_html(sample_card("<script>alert(1)</script>\"'&<img src=http://x onerror=y>"), Lang::zh);
  CHECK_FALSE(stands_in(page, "<script"));
  CHECK_FALSE(stands_in(page, "<img"));
  CHECK_FALSE(stands_in(page, "url("));
  CHECK_FALSE(stands_in(page, "<link"));
  CHECK(stands_in(page, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;&lt;img"));
}
