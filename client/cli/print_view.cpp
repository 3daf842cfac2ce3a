// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/print_view.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/book_view.h"
#include "schema/base/exit_code.h"

namespace satchel::cli {

void add_print_option(CLI::App& show, const Frame& frame, std::string& file) {
  show.add_option("--print", file,
                  frame.tr("写成可打印的网页文件（A4）；要写 --purpose，会登记",
                           "Write it as a page to print (A4, HTML); needs --purpose, and is noted"));
}

Result<int> say_printed(const Frame& frame, const std::string& file, const field::Printed& printed) {
  frame.print(boost::json::object{{"file", file}, {"records", printed.records}, {"masked", printed.masked}});
  frame.say(frame.tr("打印页已写入 ", "Page to print written to ") + file +
            frame.tr("；用途已登记。", "; noted with its purpose."));
  remark_masked(frame, printed.masked);
  return kOk;
}

}  // namespace satchel::cli
