// Chromium, driven by playwright-core: test/support/browser. Installed by npm into the build directory, once.
#pragma once

#include "test/support/npm.hpp"
#include "test/support/paths.hpp"

#include <exception>
#include <filesystem>
#include <string>

namespace senseflow::test {

/// Where it is installed.
inline std::string browser_path(const std::string& below) { return binary_path("browser/" + below); }

/// Why there is no browser; empty if there is one.
inline std::string why_no_browser() {
  if (!std::filesystem::exists("/usr/bin/chromium")) return "the package chromium is not installed";
  try {
    npm_install(source_path("test/support/browser"), binary_path("browser"));
    return {};
  } catch (const std::exception& e) {
    return e.what();
  }
}

} // namespace senseflow::test
