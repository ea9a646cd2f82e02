#include "bench/sense_site/control_socket.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <utility>

namespace senseflow::bench {

namespace {

using boost::asio::local::stream_protocol;
using boost::system::error_code;

constexpr size_t longest_line = 64 * 1024;

/// One peer: reads a line, writes the answer, and so on. A line that is too long ends it.
class session : public std::enable_shared_from_this<session> {
public:
  session(stream_protocol::socket socket, const command_target& target)
      : socket_(std::move(socket)), target_(target) {}

  void read() {
    boost::asio::async_read_until(socket_, boost::asio::dynamic_buffer(input_, longest_line), '\n',
                                  [self = shared_from_this()](error_code error, size_t length) {
                                    if (!error) self->answer(length);
                                  });
  }

private:
  void answer(size_t length) {
    output_ = run_command(input_.substr(0, length - 1), target_) + '\n';
    input_.erase(0, length);
    boost::asio::async_write(socket_, boost::asio::buffer(output_),
                             [self = shared_from_this()](error_code error, size_t) {
                               if (!error) self->read();
                             });
  }

  stream_protocol::socket socket_;
  const command_target& target_;
  std::string input_, output_;
};

void remove_stale(boost::asio::io_context& io, const std::string& path) {
  namespace fs = std::filesystem;
  const auto status = fs::symlink_status(path);
  if (!fs::exists(status)) return;
  if (!fs::is_socket(status))
    throw std::runtime_error("control path " + path + " is not a socket: choose another one");
  error_code error;
  stream_protocol::socket{io}.connect(stream_protocol::endpoint{path}, error);
  if (!error) throw std::runtime_error("control path " + path + " is in use: choose another one");
  fs::remove(path);
}

stream_protocol::acceptor listen(boost::asio::io_context& io, const std::string& path) {
  try {
    remove_stale(io, path);
    stream_protocol::acceptor result{io, stream_protocol{}};
    result.bind(stream_protocol::endpoint{path});
    ::chmod(path.c_str(), S_IRUSR | S_IWUSR); // before it listens: nobody else gets in
    result.listen();
    return result;
  } catch (const boost::system::system_error& e) {
    throw std::runtime_error("cannot listen at control path " + path + ": " + e.code().message());
  }
}

} // namespace

control_socket::control_socket(boost::asio::io_context& io, std::string path, command_target target)
    : path_(std::move(path)), target_(std::move(target)), acceptor_(listen(io, path_)) {
  accept();
}

control_socket::~control_socket() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

void control_socket::accept() {
  acceptor_.async_accept([this](error_code error, stream_protocol::socket socket) {
    if (error) return; // the site ends, or there are no file descriptors left: then nothing else works either
    std::make_shared<session>(std::move(socket), target_)->read();
    accept();
  });
}

} // namespace senseflow::bench
