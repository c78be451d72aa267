//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_STANDARD_STREAM_HPP
#define CYCLOS_TOOL_STANDARD_STREAM_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace tool {

/** Standard input or output as a stream of Asio's: a pipe, a terminal, or a file.

    Asio makes what it reads and writes non-blocking. Other processes, the shell first of all, share that setting and do
    not expect it, so it is put back at the end.
*/
class standard_stream
{
public:
    /// @param number 0 or 1. @throws boost::system::system_error where it is closed.
    standard_stream(const boost::asio::any_io_executor& executor, int number);
    standard_stream(const standard_stream&) = delete;
    standard_stream& operator=(const standard_stream&) = delete;
    ~standard_stream();

    boost::asio::posix::stream_descriptor& get() noexcept { return stream_; }

private:
    boost::asio::posix::stream_descriptor stream_;
    int flags_;
};

} // namespace tool

#endif // CYCLOS_TOOL_STANDARD_STREAM_HPP
