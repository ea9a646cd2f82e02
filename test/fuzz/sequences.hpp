// Seeds for the targets that take an input apart into steps (input.hpp).
#pragma once

#include <filesystem>

namespace senseflow::fuzz {

/// From the recordings in `golden`, into folders and dictionaries below `out`.
void write_sequences(const std::filesystem::path& golden, const std::filesystem::path& out);

} // namespace senseflow::fuzz
