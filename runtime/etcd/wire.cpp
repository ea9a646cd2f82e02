#include "runtime/etcd/wire.hpp"

#include <algorithm>

namespace senseflow::runtime {
namespace {

using namespace std::chrono_literals;

constexpr long most_connections = 64; // kept open
constexpr auto ask_again_after = 60s;
constexpr auto refresh_timeout = 10s;

} // namespace

etcd_wire::etcd_wire(const etcd_options& options, std::shared_ptr<resolver> names,
                     std::shared_ptr<etcd_inbox> inbox)
    : options_(options), names_(std::move(names)), inbox_(std::move(inbox)) {
  [[maybe_unused]] static const auto library = curl_global_init(CURL_GLOBAL_DEFAULT);
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, most_connections);
  inbox_->open([this] { curl_multi_wakeup(multi_); });
}

etcd_wire::~etcd_wire() {
  inbox_->close();
  for (const auto& [number, x] : active_) remove(*x);
  for (auto* easy : spare_) curl_easy_cleanup(easy);
  curl_multi_cleanup(multi_);
}

// Connections belong to `multi_`: a used handle is as good as a new one, and quicker.
CURL* etcd_wire::spare() {
  if (spare_.empty()) return curl_easy_init();
  auto* easy = spare_.back();
  spare_.pop_back();
  return easy;
}

uint64_t etcd_wire::post(etcd_endpoint& to, etcd_post post) {
  const auto number = ++last_number_;
  const auto hosts = to.names.names();
  if (hosts.empty()) {
    start(number, to, std::move(post));
    return number;
  }
  const auto& name = hosts.front();
  const auto known = names_->known(name);
  if (!known.addresses.empty()) {
    if (std::chrono::steady_clock::now() - known.answered > ask_again_after) refresh(name);
    to.names.learn(known);
    start(number, to, std::move(post));
    return number;
  }
  const auto patience = post.limit;
  looking_up_.emplace(number, looking_up{&to, std::move(post), std::chrono::steady_clock::now()});
  // `this` lives as long as the inbox takes jobs.
  names_->resolve(name, patience, [this, inbox = inbox_, number](const lookup_result& x) {
    inbox->add([this, number, x] { looked_up(number, x); });
  });
  return number;
}

void etcd_wire::looked_up(uint64_t number, const lookup_result& answer) {
  auto found = looking_up_.extract(number);
  if (found.empty()) return; // dropped
  auto& [to, post, since] = found.mapped();
  const auto took = std::chrono::steady_clock::now() - since;
  post.limit -= std::chrono::duration_cast<std::chrono::milliseconds>(took);
  post.limit = std::max(post.limit, 1ms); // 0 would be none
  to->names.learn(answer);
  if (!answer.addresses.empty()) return start(number, *to, std::move(post));
  curl_outcome outcome;
  outcome.code = CURLE_COULDNT_RESOLVE_HOST;
  outcome.unresolved = answer.name;
  outcome.name_server_silent = answer.status == lookup_status::no_answer;
  failed_.emplace_back(std::move(post), std::move(outcome));
}

void etcd_wire::start(uint64_t number, etcd_endpoint& to, etcd_post post) {
  if (to.url.empty()) {
    curl_outcome outcome;
    outcome.code = CURLE_URL_MALFORMAT;
    failed_.emplace_back(std::move(post), std::move(outcome));
    return;
  }
  post.url = to.url + post.url;
  auto* easy = spare();
  const auto hosts = to.names.names();
  auto x = exchange_ptr(
      new travelling{etcd_exchange{std::move(post)}, easy, hosts.empty() ? std::string{} : hosts.front()});
  x->exchange.begin(easy, options_, to.names.lines());
  curl_multi_add_handle(multi_, easy);
  numbers_.emplace(easy, number);
  active_.emplace(number, std::move(x));
}

void etcd_wire::remove(travelling& x) {
  curl_multi_remove_handle(multi_, x.easy);
  curl_easy_reset(x.easy); // it points into the exchange
  numbers_.erase(x.easy);
  spare_.push_back(x.easy);
}

void etcd_wire::resume(uint64_t number) {
  const auto i = active_.find(number);
  if (i != active_.end()) i->second->exchange.resume();
}

void etcd_wire::drop(uint64_t number) {
  looking_up_.erase(number);
  if (const auto x = active_.extract(number)) remove(*x.mapped());
}

void etcd_wire::refresh(const std::string& name) { names_->resolve(name, refresh_timeout, {}); }

void etcd_wire::work() {
  int count = 0;
  curl_multi_perform(multi_, &count);
  std::vector<std::pair<exchange_ptr, curl_outcome>> ended;
  while (const auto* message = curl_multi_info_read(multi_, &count)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto code = message->data.result; // gone with the handle
    auto x = std::move(active_.extract(numbers_.at(message->easy_handle)).mapped());
    auto outcome = x->exchange.ended(code);
    remove(*x);
    const auto lost = code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT;
    if (lost && !x->name.empty()) refresh(x->name); // perhaps it is somewhere else by now
    ended.emplace_back(std::move(x), std::move(outcome));
  }
  for (const auto& [post, outcome] : std::exchange(failed_, {})) post.over(outcome);
  for (const auto& [x, outcome] : ended) x->exchange.tell(outcome);
}

void etcd_wire::wait(std::chrono::milliseconds most) {
  if (!failed_.empty()) most = 0ms;
  curl_multi_poll(multi_, nullptr, 0, static_cast<int>(most.count()), nullptr);
}

} // namespace senseflow::runtime
