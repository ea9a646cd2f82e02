// The certificate that a server has shown.
#pragma once

#include "runtime/http/client.hpp"

#include <curl/curl.h>

namespace senseflow::runtime {

/// Of the connection that curl works with at the moment; nothing is copied but a few texts.
peer_certificate certificate_of_peer(CURL* easy);

} // namespace senseflow::runtime
