// A small blocking HTTPS client on libcurl that shows a certificate of make_certificates. One thread each.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <vector>

namespace senseflow::bench {

struct https_answer {
  CURLcode result = CURLE_OK;
  long status = 0;
  std::string body;
  long connections = 0; ///< opened for this request
  std::string content_encoding;
};

class https_client {
public:
  /// `certificate`: NAME of NAME.pem and NAME_key.pem; empty shows none.
  explicit https_client(std::string directory, const std::string& certificate = "client")
      : directory_(std::move(directory)), easy_(curl_easy_init()) {
    set(CURLOPT_CAINFO, (directory_ + "/root.pem").c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT_MS, 20'000L);
    if (certificate.empty()) return;
    set(CURLOPT_SSLCERT, (directory_ + "/" + certificate + ".pem").c_str());
    set(CURLOPT_SSLKEY, (directory_ + "/" + certificate + "_key.pem").c_str());
  }

  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_.get(), option, value);
  }

  https_answer get(uint16_t port, const std::string& path, const std::vector<std::string>& headers = {}) {
    https_answer answer;
    curl_slist* list = nullptr;
    for (const auto& header : headers) list = curl_slist_append(list, header.c_str());
    const std::unique_ptr<curl_slist, void (*)(curl_slist*)> owned{list, curl_slist_free_all};
    const auto url = "https://localhost:" + std::to_string(port) + path;
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_IPRESOLVE, long{CURL_IPRESOLVE_V4});
    set(CURLOPT_HTTPHEADER, list);
    set(CURLOPT_WRITEDATA, &answer.body);
    set(
        CURLOPT_WRITEFUNCTION, +[](char* data, size_t size, size_t count, void* to) {
          static_cast<std::string*>(to)->append(data, size * count);
          return size * count;
        });
    set(CURLOPT_HEADERDATA, &answer.content_encoding);
    set(
        CURLOPT_HEADERFUNCTION, +[](char* data, size_t size, size_t count, void* to) {
          const std::string line{data, size * count}, name{"Content-Encoding: "};
          if (line.compare(0, name.size(), name) == 0)
            *static_cast<std::string*>(to) = line.substr(name.size(), line.find('\r') - name.size());
          return size * count;
        });
    answer.result = curl_easy_perform(easy_.get());
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &answer.connections);
    set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
    return answer;
  }

private:
  struct closer {
    void operator()(CURL* x) const { curl_easy_cleanup(x); }
  };
  std::string directory_;
  std::unique_ptr<CURL, closer> easy_;
};

} // namespace senseflow::bench
