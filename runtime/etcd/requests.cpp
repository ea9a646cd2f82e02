#include "runtime/etcd/requests.hpp"

#include "messages/text/json_writer.hpp"
#include "runtime/etcd/base64.hpp"

#include <algorithm>

namespace senseflow::runtime {
namespace {

using messages::json_writer;

json_writer& bytes(json_writer& out, std::string_view name, std::string_view x) {
  return out.key(name).text(to_base64(x));
}

// 64-bit integers are texts in the gateway's JSON.
json_writer& integer(json_writer& out, std::string_view name, int64_t x) {
  return out.key(name).text(std::to_string(x));
}

// etcd has no empty key; a zero byte is the first one.
void prefix_range(json_writer& out, std::string_view prefix) {
  bytes(out, "key", prefix.empty() ? std::string_view("\0", 1) : prefix);
  bytes(out, "range_end", end_of_prefix(prefix));
}

// Without a target etcd would compare versions.
void compare(json_writer& out, const etcd_compare& x) {
  const auto created = x.target == etcd_compare::what::created;
  out.begin_object().key("target").text(created ? "CREATE" : "MOD").key("result").text("EQUAL");
  bytes(out, "key", x.key);
  integer(out, created ? "create_revision" : "mod_revision", x.revision).end_object();
}

void operation(json_writer& out, const etcd_operation& x) {
  using what = etcd_operation::what;
  out.begin_object();
  out.key(x.kind == what::put     ? "request_put"
          : x.kind == what::erase ? "request_delete_range"
                                  : "request_range");
  bytes(out.begin_object(), "key", x.key);
  if (x.kind == what::put) integer(bytes(out, "value", x.value), "lease", x.lease);
  out.end_object().end_object();
}

template <class List, class Write>
void array(json_writer& out, std::string_view name, const List& xs, Write write) {
  out.key(name).begin_array();
  for (const auto& x : xs) write(out, x);
  out.end_array();
}

etcd_request of_lease(std::string path, int64_t lease) {
  json_writer out;
  integer(out.begin_object(), "ID", lease).end_object();
  return {std::move(path), out.take()};
}

} // namespace

std::string end_of_prefix(std::string_view prefix) {
  std::string result{prefix};
  while (!result.empty() && result.back() == '\xff') result.pop_back();
  if (result.empty()) return std::string(1, '\0'); // no end
  ++result.back();
  return result;
}

etcd_request grant_request(std::chrono::seconds ttl) {
  json_writer out;
  integer(out.begin_object(), "TTL", ttl.count()).end_object();
  return {"/v3/lease/grant", out.take()};
}

etcd_request keep_alive_request(int64_t lease) { return of_lease("/v3/lease/keepalive", lease); }

etcd_request revoke_request(int64_t lease) { return of_lease("/v3/lease/revoke", lease); }

etcd_request range_request(std::string_view prefix) {
  json_writer out;
  prefix_range(out.begin_object(), prefix);
  return {"/v3/kv/range", out.end_object().take()};
}

etcd_request commit_request(const etcd_transaction& x) {
  json_writer out(1024);
  out.begin_object();
  array(out, "compare", x.if_all, compare);
  array(out, "success", x.then, operation);
  array(out, "failure", x.otherwise, operation);
  return {"/v3/kv/txn", out.end_object().take()};
}

etcd_request alarms_request() { return {"/v3/maintenance/alarm", R"({"action":"GET"})"}; }

etcd_request authenticate_request(std::string_view user, std::string_view password) {
  json_writer out;
  out.begin_object().key("name").text(user).key("password").text(password).end_object();
  return {"/v3/auth/authenticate", out.take()};
}

etcd_request watch_request(std::string_view prefix, int64_t from_revision) {
  json_writer out;
  out.begin_object().key("create_request").begin_object();
  prefix_range(out, prefix);
  integer(out, "start_revision", std::max<int64_t>(from_revision - 1, 1));
  out.end_object().end_object();
  return {"/v3/watch", out.take() + "\n"};
}

std::string progress_request() { return "{\"progress_request\":{}}\n"; }

} // namespace senseflow::runtime
