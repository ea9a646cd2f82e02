// All topics as a page for people, made from config/asyncapi.yaml.
#pragma once

#include <string>

namespace senseflow::test {

/// The page as config/TOPICS.md should be. Throws std::runtime_error, naming the place, where the document does
/// not say what the page needs.
std::string topic_page(const std::string& asyncapi_file);

} // namespace senseflow::test
