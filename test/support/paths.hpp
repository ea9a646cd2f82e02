// Where the sources and the built programs are. Only paths.cpp is compiled with the paths of this machine.
#pragma once

#include <string>

namespace senseflow::test {

/// The project's folder.
std::string source_path(const std::string& below);
/// The build's folder: programs are right in it.
std::string binary_path(const std::string& below);

} // namespace senseflow::test
