#include "messages/items/log_fields.hpp"

#include <iterator>

namespace senseflow::messages {

namespace {

using kind = field_kind;
using form = field_form;

const log_field<engine_log> engine_table[] = {
    {"log_row", &engine_log::row, kind::number, 1},
    {"ts_iso", &engine_log::ts_iso, kind::timestamp, 0, form::timestamp},
    {"ts_local", &engine_log::ts_local, kind::timestamp, 0, form::timestamp},
    {"level", &engine_log::level, kind::text, 20, form::level},
    {"host", &engine_log::host, kind::text, 100},
    {"subsystem", &engine_log::subsystem, kind::text, 200},
    {"windows_user", &engine_log::windows_user, kind::text, 100},
    {"message", &engine_log::message, kind::text, 1000, form::free_text},
    {"proxy_session_id", &engine_log::proxy_session_id, kind::uuid, 0, form::uuid},
    {"user_directory", &engine_log::user_directory, kind::text, 100},
    {"user_id", &engine_log::user_id, kind::text, 100},
    {"engine_ts", &engine_log::engine_ts, kind::text, 50, form::timestamp},
    {"process_id", &engine_log::process_id, kind::uuid},
    {"engine_exe_version", &engine_log::engine_exe_version, kind::text, 50},
    {"server_started", &engine_log::server_started, kind::text, 50, form::timestamp},
    {"entry_type", &engine_log::entry_type, kind::text, 50},
    {"session_id", &engine_log::session_id, kind::uuid, 0, form::uuid},
    {"app_id", &engine_log::app_id, kind::uuid, 0, form::uuid},
    {"user_full", &engine_log::user_full, kind::derived},
};

const log_field<service_log> service_table[] = {
    {"log_row", &service_log::row, kind::number, any_number},
    {"ts_iso", &service_log::ts_iso, kind::timestamp, 0, form::timestamp},
    {"ts_local", &service_log::ts_local, kind::timestamp, 0, form::timestamp},
    {"level", &service_log::level, kind::text, 20, form::level},
    {"host", &service_log::host, kind::text, 100},
    {"subsystem", &service_log::subsystem, kind::text, 200},
    {"windows_user", &service_log::windows_user, kind::text, 100},
    {"message", &service_log::message, kind::text, 1000, form::free_text},
    {"exception_message", &service_log::exception_message, kind::text, 1000, form::free_text},
    {"user_directory", &service_log::user_directory, kind::text, 100},
    {"user_id", &service_log::user_id, kind::text, 100},
    {"command", &service_log::command, kind::text, 200},
    {"result_code", &service_log::result_code, kind::text, 50, form::number},
    {"origin", &service_log::origin, kind::text, 200},
    {"context", &service_log::context, kind::text, 200},
    {"user_full", &service_log::user_full, kind::derived},
};

const log_field<scheduler_log> scheduler_table[] = {
    {"log_row", &scheduler_log::row, kind::number, any_number},
    {"ts_iso", &scheduler_log::ts_iso, kind::timestamp, 0, form::timestamp},
    {"ts_local", &scheduler_log::ts_local, kind::timestamp, 0, form::timestamp},
    {"level", &scheduler_log::level, kind::text, 20, form::level},
    {"host", &scheduler_log::host, kind::text, 100},
    {"subsystem", &scheduler_log::subsystem, kind::text, 200},
    {"windows_user", &scheduler_log::windows_user, kind::text, 100},
    {"message", &scheduler_log::message, kind::text, 1000, form::free_text},
    {"exception_message", &scheduler_log::exception_message, kind::text, 1000, form::free_text},
    {"user_directory", &scheduler_log::user_directory, kind::text, 100},
    {"user_id", &scheduler_log::user_id, kind::text, 100},
    {"user_full", &scheduler_log::user_full, kind::text, 200, form::account},
    {"task_name", &scheduler_log::task_name, kind::text, 200, form::free_text},
    {"app_name", &scheduler_log::app_name, kind::text, 200, form::free_text},
    {"task_id", &scheduler_log::task_id, kind::uuid, 0, form::uuid},
    {"app_id", &scheduler_log::app_id, kind::uuid, 0, form::uuid},
    {"execution_id", &scheduler_log::execution_id, kind::uuid, 0, form::uuid},
};

// The reference keeps any text as a timestamp here, and the recordings hold it to that.
const log_field<qix_perf_log> qix_perf_table[] = {
    {"log_row", &qix_perf_log::row, kind::number, any_number},
    {"ts_iso", &qix_perf_log::ts_iso, kind::text, 50},
    {"ts_local", &qix_perf_log::ts_local, kind::text, 50},
    {"level", &qix_perf_log::level, kind::text, 20, form::level},
    {"host", &qix_perf_log::host, kind::text, 100},
    {"subsystem", &qix_perf_log::subsystem, kind::text, 200},
    {"windows_user", &qix_perf_log::windows_user, kind::text, 100},
    {"proxy_session_id", &qix_perf_log::proxy_session_id, kind::uuid, 0, form::uuid},
    {"user_directory", &qix_perf_log::user_directory, kind::text, 100},
    {"user_id", &qix_perf_log::user_id, kind::text, 100},
    {"engine_ts", &qix_perf_log::engine_ts, kind::text, 50},
    {"session_id", &qix_perf_log::session_id, kind::uuid, 0, form::uuid},
    {"app_id", &qix_perf_log::app_id, kind::uuid, 0, form::uuid},
    {"request_id", &qix_perf_log::request_id, kind::number, 0},
    {"method", &qix_perf_log::method, kind::text, 100},
    {"process_time", &qix_perf_log::process_time, kind::time},
    {"work_time", &qix_perf_log::work_time, kind::time},
    {"lock_time", &qix_perf_log::lock_time, kind::time},
    {"validate_time", &qix_perf_log::validate_time, kind::time},
    {"traverse_time", &qix_perf_log::traverse_time, kind::time},
    {"handle", &qix_perf_log::handle, kind::number, any_number},
    {"object_id", &qix_perf_log::object_id, kind::text, 100},
    {"net_ram", &qix_perf_log::net_ram, kind::number, 0},
    {"peak_ram", &qix_perf_log::peak_ram, kind::number, 0},
    {"object_type", &qix_perf_log::object_type, kind::text, 100},
    {"event_activity_source", &qix_perf_log::event_activity_source, kind::derived},
    {"user_full", &qix_perf_log::user_full, kind::derived},
    {"", &qix_perf_log::raw_app_id, kind::hidden},
};

} // namespace

log_fields<engine_log> fields_of(const engine_log&) {
  return {std::begin(engine_table), std::end(engine_table)};
}
log_fields<service_log> fields_of(const service_log&) {
  return {std::begin(service_table), std::end(service_table)};
}
log_fields<scheduler_log> fields_of(const scheduler_log&) {
  return {std::begin(scheduler_table), std::end(scheduler_table)};
}
log_fields<qix_perf_log> fields_of(const qix_perf_log&) {
  return {std::begin(qix_perf_table), std::end(qix_perf_table)};
}

} // namespace senseflow::messages
