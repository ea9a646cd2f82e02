// What tests run on Node.js: programs of ours in a folder of test/support, and the packages that they need.
#pragma once

#include <string>

namespace senseflow::test {

/// Copies the files of `source` to `directory`, which all tests of a build share, and has npm install there,
/// once, what the package.json among them names. Throws if that is not possible, saying why: it needs npm and
/// a package registry. May take minutes.
void npm_install(const std::string& source, const std::string& directory);

} // namespace senseflow::test
