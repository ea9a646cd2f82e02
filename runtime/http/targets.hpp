// The hosts to which a request may lead, and their addresses.
#pragma once

#include "runtime/net/resolver.hpp"

#include <string>
#include <vector>

namespace senseflow::runtime {

/// curl never looks names up, since it would wait for the name server when a transfer ends: it is told all
/// addresses before. A redirect may lead to one more name, which is known to be wanted then.
class http_targets {
public:
  explicit http_targets(const std::string& url);

  /// The request's own host as in its URL, and `host:port`; of a URL that can't be read "" and the URL.
  const std::string& host() const { return host_; }
  const std::string& place() const { return place_; }

  /// A name in the place of the host, from now on; the connection goes where it went before.
  void call_host(std::string name) { alias_ = std::move(name); }

  /// curl is about to connect to the host of this URL: the name, if it has one, is wanted.
  void want(const std::string& url);

  /// The name without which the request can't go on; "" = none.
  std::string wanted() const;
  void learn(const lookup_result& x);
  /// All that were wanted so far.
  std::vector<std::string> names() const;

  /// As curl takes them: `+host:port:address,…`.
  std::vector<std::string> lines() const;

private:
  struct target {
    std::string host, port;
    std::vector<ip_address> addresses;
  };

  std::string host_;
  std::string place_;
  std::string alias_;
  std::vector<target> targets_;
};

} // namespace senseflow::runtime
