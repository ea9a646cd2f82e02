#include "runtime/etcd/session.hpp"

#include <utility>

namespace senseflow::runtime {

void etcd_session::want(answered done, clock::time_point now) {
  if (!has_user_ || known_) return done({});
  if (now < denied_until_) return done(denied_);
  waiting_.push_back(std::move(done));
  if (std::exchange(asking_, true)) return;
  ask_([this](const etcd_reading& x) { received(x, clock::now()); });
}

void etcd_session::received(const etcd_reading& x, clock::time_point now) {
  asking_ = false;
  if (x.error == etcd_error::none) {
    known_ = true;
    token_ = x.token;
    issued_ = taken_ = now;
    proven_ = false;
    pause_.reset();
  } else if (x.error == etcd_error::denied) {
    denied_ = x;
    denied_until_ = now + pause_.next();
  }
  for (const auto& done : std::exchange(waiting_, {})) done(x);
}

void etcd_session::taken(const std::string& token, clock::time_point now) {
  if (token != token_) return;
  proven_ = true;
  taken_ = now;
}

void etcd_session::unanswered(const std::string& token, clock::time_point now) {
  if (known_ && !token.empty() && token == token_ && now - taken_ >= patience) forget();
}

void etcd_session::forget() {
  known_ = false;
  token_.clear();
}

bool etcd_session::refused(const std::string& token, clock::time_point now) {
  if (!has_user_) return false;
  if (!known_ || token != token_) return true; // there is a newer one, or will be
  if (!token.empty() && !proven_ && now - issued_ < too_young) return false;
  forget();
  return true;
}

} // namespace senseflow::runtime
