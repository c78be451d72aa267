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

/// Where the body of a request goes.
struct body_sink
{
    upload* into = nullptr;     ///< None: it is thrown away.
    std::uint64_t received = 0; ///< Bytes, without framing.
    bool refused = false;       ///< The rest does not matter to the upload.

    void take(std::string_view bytes)
    {
        received += bytes.size();
        if (into && !refused)
            refused = !into->write(bytes);
    }
};

/// A Beast body that hands on what it is given, from where it was read to.
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

        void init(const boost::optional<std::uint64_t>&, boost::system::error_code& failure) { failure = {}; }

        template <class Buffers>
        std::size_t put(const Buffers& buffers, boost::system::error_code& failure)
        {
            failure = {};
            for (const boost::asio::const_buffer each : boost::beast::buffers_range_ref(buffers))
                sink_.take({static_cast<const char*>(each.data()), each.size()});
            return boost::asio::buffer_size(buffers);
        }

        void finish(boost::system::error_code& failure) { failure = {}; }

    private:
        value_type& sink_;
    };
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_BODY_SINK_HPP
