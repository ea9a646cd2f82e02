#include "test/support/paths.hpp"

namespace senseflow::test {

std::string source_path(const std::string& below) { return std::string{SENSEFLOW_SOURCE_DIR "/"} + below; }
std::string binary_path(const std::string& below) { return std::string{SENSEFLOW_BINARY_DIR "/"} + below; }

} // namespace senseflow::test
