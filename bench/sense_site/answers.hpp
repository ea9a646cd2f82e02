// What a Sense server answers to a request. Checks, in this order:
// - not GET: 405; a path or virtual proxy that does not exist: 404
// - /qps[/vp]/session and /qrs/app: query parameter xrfkey (any case) of 16 characters, equal to the header
//   X-Qlik-Xrfkey, else 400
// - /qrs/app: header X-Qlik-User with UserDirectory= and UserId=, else 403
#pragma once

#include "bench/sense_site/behaviour.hpp"
#include "bench/sense_site/gzip.hpp"
#include "bench/sense_site/metrics.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace senseflow::bench {

enum class sense_api : uint8_t { health, sessions, apps, other };

struct question {
  bool is_get = true;
  std::string target; ///< path and query
  std::string xrfkey; ///< header X-Qlik-Xrfkey
  std::string user;   ///< header X-Qlik-User
  bool accepts_gzip = false;
};

struct answer {
  unsigned status = 200;
  const char* content_type = "application/json";
  bool gzip = false;    ///< how the body is encoded
  bool refused = false; ///< the request was at fault
  std::shared_ptr<const std::string> body;
};

sense_api api_of(std::string_view target);

/// `gzip` is used if the client accepts it.
answer make_answer(const question& asked, const behaviour& how, sense_metrics& metrics, gzip_encoder& gzip);

} // namespace senseflow::bench
