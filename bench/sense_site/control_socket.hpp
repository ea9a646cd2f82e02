// Unix-domain stream socket that takes commands, see command.hpp. Lives on the site's thread.
#pragma once

#include "bench/sense_site/command.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <string>

namespace senseflow::bench {

class control_socket {
public:
  /// Replaces a socket that a dead process left there; throws std::runtime_error if something else is there,
  /// somebody listens there, or the path can't be used. Only the owner can connect.
  control_socket(boost::asio::io_context& io, std::string path, command_target target);
  control_socket(const control_socket&) = delete;
  control_socket& operator=(const control_socket&) = delete;

  /// Removes the path.
  ~control_socket();

private:
  void accept();

  std::string path_;
  command_target target_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
};

} // namespace senseflow::bench
