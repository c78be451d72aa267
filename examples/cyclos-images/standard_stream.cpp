//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "standard_stream.hpp"

#include <boost/system/system_error.hpp>

#include <cerrno>

#include <fcntl.h>

namespace tool {
namespace {

int checked(int result)
{
    if (result < 0) {
        throw boost::system::system_error(errno, boost::system::system_category(), "standard stream");
    }
    return result;
}

} // namespace

// A copy, since Asio closes what it owns.
standard_stream::standard_stream(const boost::asio::any_io_executor& executor, int number)
    : stream_(executor, checked(::fcntl(number, F_DUPFD_CLOEXEC, 3)))
    , flags_(checked(::fcntl(number, F_GETFL)))
{}

standard_stream::~standard_stream()
{
    ::fcntl(stream_.native_handle(), F_SETFL, flags_);
}

} // namespace tool
