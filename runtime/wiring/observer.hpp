// Looks at the whole node without asking anybody: what the admin server shows.
#pragma once

#include "actors/cluster/cluster_view.hpp"
#include "actors/context.hpp"
#include "actors/poll_permit.hpp"
#include "config/settings.hpp"
#include "runtime/snapshot.hpp"
#include "runtime/spool/figures.hpp"
#include "runtime/status/facts.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// The certificates that these settings use, as far as they can be read.
std::vector<certificate_fact> certificates_of(const config::settings& s);

/// The certificates that Sense servers, the repository and brokers have shown. Those of a server's proxy are named
/// where they are not its engine's.
std::vector<certificate_fact> certificates_shown(const notices& x);

/// Thread-safe; nothing blocks but `configured`, which reads the certificates.
class observer {
public:
  observer(actors::context_ptr env, actors::shared_cluster_view view,
           std::shared_ptr<actors::poll_permits> permits);

  /// What it can't know of the settings themselves.
  struct origin {
    std::string file;
    std::vector<std::string> warnings, not_served;
  };
  void loaded(origin x);
  void reloaded(reload_fact x);
  /// By these settings the node runs from now on.
  void configured(const config::settings& s);
  void spool(std::shared_ptr<const snapshot<spool_figures>> x);
  void stopping();

  facts look();
  /// Those in use, and where it is switched on those that others have shown.
  std::vector<certificate_fact> certificates();

private:
  actors::context_ptr env_;
  actors::shared_cluster_view view_;
  std::shared_ptr<actors::poll_permits> permits_;
  std::mutex mutex_;          ///< guards the next
  facts known_;               ///< what does not change by itself
  bool shows_others_ = false; ///< certificates
  std::shared_ptr<const snapshot<spool_figures>> spool_;
};

} // namespace senseflow::runtime
