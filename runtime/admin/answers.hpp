// What the admin server answers, without any network: request in, answer out.
#pragma once

#include "runtime/admin/exposition.hpp"
#include "runtime/snapshot.hpp"
#include "runtime/status/status.hpp"

#include <prometheus/metric_family.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace senseflow::runtime {

/// A header that is not there is empty.
struct http_question {
  std::string_view method, target;
  std::string_view host, authorization, accept, if_none_match;
};

struct http_answer {
  unsigned status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::shared_ptr<const std::string> body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Of the status page: built into the program.
struct page_file {
  std::string_view path, type, content;
};
const std::vector<page_file>& page_files();

struct admin_answers_options {
  std::string token; ///< empty: none is demanded
  /// Requests of browsers that were led here by a name of somebody else's are refused (DNS rebinding): the
  /// header Host has to be an address, `localhost` or this one.
  bool check_host = true;
  std::string host;
  std::shared_ptr<const snapshot<node_status>> status; ///< never waits for anybody
  std::function<std::vector<prometheus::MetricFamily>()> counters;
};

/// Not thread-safe. README.md has the paths.
class admin_answers {
public:
  explicit admin_answers(admin_answers_options options);

  http_answer answer(const http_question& q);

private:
  bool known_host(std::string_view host) const;
  bool has_token(std::string_view authorization) const;
  http_answer live(const node_status& x) const;
  http_answer ready(const node_status& x) const;
  http_answer status(const node_status& x, std::string_view known);
  http_answer metrics(const node_status& x, exposition::format format);

  admin_answers_options options_;
  std::map<std::string_view, http_answer> page_;
  struct made {
    uint64_t number = 0;
    http_answer answer;
  };
  made made_;                        ///< the status of that number
  std::array<made, 2> made_metrics_; ///< by format
};

} // namespace senseflow::runtime
