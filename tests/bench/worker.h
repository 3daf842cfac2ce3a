// SPDX-License-Identifier: AGPL-3.0-or-later
// Workers: devices and hub in processes of their own, so that memory and processor time can be told apart. The parent
// starts this program again with the worker's role and talks to it in lines: a verb and its arguments, answered by
// 'ok' with numbers or 'fail' with the reason. Verbs are documented where they are implemented (device_worker.cpp,
// hub_worker.cpp, query_worker.cpp).
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace satchel::bench {

using Numbers = std::vector<double>;
using Words = std::vector<std::string>;
using Verbs = std::map<std::string, std::function<Numbers(const Words& arguments)>>;

// The parent's end.
class Worker {
 public:
  // `first`: asked at once.
  Worker(const std::string& role, const Words& arguments, const std::string& first = {});
  ~Worker();
  Worker(const Worker&) = delete;
  // Waits for the answer; throws what the worker failed with.
  Numbers ask(const std::string& line);
  double number(const std::string& line) { return ask(line).at(0); }
  // In two halves, for workers that shall work at the same time.
  void tell(const std::string& line);
  Numbers answer();

 private:
  pid_t child_ = 0;
  int to_ = -1;
  int from_ = -1;
  std::string read_;
};

// The worker's end: answers lines until there are no more. Adds the verb 'usage', which answers since the last time it
// was asked: seconds of processor time, private memory now, its peak (MiB).
int serve_verbs(Verbs verbs);

int device_worker(const Words& arguments);
int hub_worker(const Words& arguments);
int query_worker(const Words& arguments);

}  // namespace satchel::bench
