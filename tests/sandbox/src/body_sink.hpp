//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_BODY_SINK_HPP
#define CYCLOS_SANDBOX_SRC_BODY_SINK_HPP

#include "upload.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <boost/system/error_code.hpp>

#include <cstdint>
#include <string_view>

namespace cyclos::sandbox {

/// Counts the bytes of a request body and passes them to an upload.
struct body_sink
{
    upload* destination = nullptr; ///< Null: the bytes are discarded.
    std::uint64_t received = 0;    ///< Number of bytes, without framing.
    bool rejected = false;         ///< The upload has failed and needs no more bytes.

    void write(std::string_view bytes)
    {
        received += bytes.size();
        if (destination && !rejected)
            rejected = !destination->write(bytes);
    }
};

/// A Beast body whose reader passes on the bytes in the buffer that they were received in.
struct sink_body
{
    using value_type = body_sink;

    class reader
    {
    public:
        template <bool IsRequest, class Fields>
        reader(boost::beast::http::header<IsRequest, Fields>&, value_type& sink)
            : sink_(sink)
        {}

        void init(const boost::optional<std::uint64_t>&, boost::system::error_code& ec) { ec = {}; }

        template <class Buffers>
        std::size_t put(const Buffers& buffers, boost::system::error_code& ec)
        {
            ec = {};
            for (const boost::asio::const_buffer each : boost::beast::buffers_range_ref(buffers))
                sink_.write({static_cast<const char*>(each.data()), each.size()});
            return boost::asio::buffer_size(buffers);
        }

        void finish(boost::system::error_code& ec) { ec = {}; }

    private:
        value_type& sink_;
    };
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_BODY_SINK_HPP
