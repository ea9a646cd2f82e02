// Which of the configured Sense servers an event comes from: events name the machine, as it calls itself.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace senseflow::messages::insights {

/// A server as it is configured.
struct named_server {
  std::string name;               ///< its name in topics
  std::vector<std::string> hosts; ///< names and addresses that it is known by, without port
};

/// Names are compared without regard to case: in full, then their first labels (`sense1` of
/// `sense1.example.com`). What two servers share leads to neither, unless it is said which.
class server_of_host {
public:
  server_of_host() = default;
  /// `said`: machine -> server, which counts before all else.
  server_of_host(const std::vector<named_server>& servers,
                 const std::vector<std::pair<std::string, std::string>>& said);

  /// The server's name; "" where the machine is none of them.
  const std::string& of(std::string_view host) const;

private:
  using table = std::map<std::string, std::string, std::less<>>; ///< in lower case; "" = of several

  table said_, whole_, labels_;
};

} // namespace senseflow::messages::insights
