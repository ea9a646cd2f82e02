// Compression of answers (zlib, fastest level). Keeps its tables between uses. Not thread-safe.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace senseflow::bench {

class gzip_encoder {
public:
  gzip_encoder();
  gzip_encoder(const gzip_encoder&) = delete;
  gzip_encoder& operator=(const gzip_encoder&) = delete;
  ~gzip_encoder();

  /// `text` (less than 4 GiB) as a gzip file.
  std::string encode(std::string_view text);

private:
  z_stream stream_{};
};

} // namespace senseflow::bench
