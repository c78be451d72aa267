//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_IMPL_TLS_STREAM_IPP
#define CYCLOS_NET_IMPL_TLS_STREAM_IPP

#include <cyclos/net/tls_stream.hpp>

#include <cyclos/net/authority.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::net {

class tls_stream::bio
{
public:
    /// A BIO over the socket of a stream, which has to outlive it.
    static BIO* make(tls_stream& owner)
    {
        static BIO_METHOD* const methods = make_methods();
        BIO* const result = BIO_new(methods);
        if (result == nullptr) {
            throw std::bad_alloc();
        }
        BIO_set_data(result, &owner);
        return result;
    }

private:
    static BIO_METHOD* make_methods()
    {
        BIO_METHOD* const methods = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cyclos socket");
        BIO_meth_set_create(methods, &bio::create);
        BIO_meth_set_read_ex(methods, &bio::read);
        BIO_meth_set_write_ex(methods, &bio::write);
        BIO_meth_set_ctrl(methods, &bio::control);
        return methods;
    }

    static int create(BIO* self)
    {
        BIO_set_init(self, 1);
        return 1;
    }

    static int read(BIO* self, char* target, std::size_t size, std::size_t* bytes)
    {
        tls_stream& owner = *static_cast<tls_stream*>(BIO_get_data(self));
        BIO_clear_retry_flags(self);
        *bytes = 0;
        if (owner.unread_ == 0) { // the caller waits for the socket, which has more, and comes again
            owner.socket_failure_ = boost::asio::error::would_block;
            owner.drained_ = false;
        }
        else {
            *bytes = owner.socket_.read_some(boost::asio::buffer(target, size), owner.socket_failure_);
            owner.drained_ = *bytes < size;
            owner.unread_ -= (std::min)(*bytes, owner.unread_);
        }
        if (owner.socket_failure_ == boost::asio::error::would_block) {
            BIO_set_retry_read(self);
        }
        return owner.socket_failure_ ? 0 : 1;
    }

    static int write(BIO* self, const char* data, std::size_t size, std::size_t* bytes)
    {
        tls_stream& owner = *static_cast<tls_stream*>(BIO_get_data(self));
        BIO_clear_retry_flags(self);
        if (!owner.gathering_ && owner.begin_ == owner.end_) {
            *bytes = owner.socket_.write_some(boost::asio::buffer(data, size), owner.socket_failure_);
        }
        else if (size <= owner.room_ - owner.end_) {
            std::memcpy(owner.gathered_.get() + owner.end_, data, size);
            owner.end_ += size;
            *bytes = size;
        }
        else { // what OpenSSL says of its own accord, behind records that are still on their way
            owner.socket_failure_ = boost::asio::error::would_block;
        }
        if (owner.socket_failure_ == boost::asio::error::would_block) {
            BIO_set_retry_write(self);
        }
        return owner.socket_failure_ ? 0 : 1;
    }

    static long control(BIO*, int command, long, void*)
    {
        return command == BIO_CTRL_FLUSH ? 1 : 0; // who gathers also flushes
    }
};

namespace detail {

// The data of one record, and at most what TLS adds to it, whatever the cipher.
inline constexpr std::size_t record_data = 16 * 1024;
inline constexpr std::size_t record_overhead = 512;

// What one call of OpenSSL reads from the socket, at most, before the event loop has its turn: OpenSSL reads on for as
// long as records hold no data, and a peer may send session tickets or key updates without end. A record fits in.
inline constexpr std::size_t read_at_once = 32 * 1024;

// What is gathered at once. With more, the copy leaves the cache of the core before it is sent.
inline constexpr std::size_t gathered_data = 64 * 1024;

/// OpenSSL takes errors of others on this thread for its own. There are hardly ever any, and to look costs little.
inline void forget_errors() noexcept
{
    if (ERR_peek_error() != 0) {
        ERR_clear_error();
    }
}

} // namespace detail

CYCLOS_DECL void tls_stream::adopt(socket_type connected)
{
    socket_ = std::move(connected);
    error_code ignored;
    socket_.non_blocking(true, ignored);
    // Each request is handed over whole: waiting for more would only delay its end.
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

CYCLOS_DECL void tls_stream::secure(tls_context& context, std::shared_ptr<session_cache> sessions,
                                    const std::string& host)
{
    sessions_ = std::move(sessions);
    ssl_.reset(SSL_new(context.native().native_handle()));
    if (!ssl_) {
        throw std::bad_alloc();
    }
    SSL* const ssl = ssl_.get();
    BIO* const socket = bio::make(*this);
    SSL_set_bio(ssl, socket, socket);
    SSL_set_connect_state(ssl);

    // OpenSSL compares the names itself, so that its verdict can be told from other failures afterwards.
    const auto address = read_address(host);
    int named = 0;
    if (!address) {
        SSL_set_tlsext_host_name(ssl, host.c_str());
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        named = SSL_set1_host(ssl, host.c_str());
    }
    else {
        named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address->to_string().c_str());
    }
    if (named != 1) {
        throw std::bad_alloc(); // without a name to compare, any certificate would do
    }
    sessions_->serve(ssl);
}

CYCLOS_DECL tls_stream::step tls_stream::explain(int result)
{
    step said;
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ: said.wants = socket_type::wait_read; break;
    case SSL_ERROR_WANT_WRITE: said.wants = socket_type::wait_write; break;
    case SSL_ERROR_ZERO_RETURN: said.failure = boost::asio::error::eof; break;
    default:
        const auto code = static_cast<int>(ERR_get_error());
        if (socket_failure_ && socket_failure_ != boost::asio::error::eof &&
            socket_failure_ != boost::asio::error::would_block) {
            said.failure = socket_failure_;
        }
        else if (socket_failure_ == boost::asio::error::eof || code == 0) {
            said.failure = boost::asio::ssl::error::stream_truncated;
        }
        else {
            said.failure = {code, boost::asio::error::get_ssl_category()};
        }
    }
    return said;
}

CYCLOS_DECL tls_stream::step tls_stream::handshake()
{
    detail::forget_errors();
    socket_failure_.clear();
    unread_ = detail::read_at_once;
    const int result = SSL_do_handshake(ssl_.get());
    return result == 1 ? step{} : explain(result);
}

CYCLOS_DECL tls_stream::step tls_stream::read_some(boost::asio::mutable_buffer target, bool secret)
{
    step result;
    if (!ssl_) {
        result.bytes = socket_.read_some(target, result.failure);
        drained_ = result.bytes < target.size();
        if (result.failure == boost::asio::error::would_block) {
            result.failure.clear();
            result.wants = socket_type::wait_read;
        }
        return result;
    }
    if (late_failure_) {
        result.failure = late_failure_;
        return result;
    }
    if (secret) {
        SSL_set_options(ssl_.get(), SSL_OP_CLEANSE_PLAINTEXT);
    }
    else {
        SSL_clear_options(ssl_.get(), SSL_OP_CLEANSE_PLAINTEXT);
    }
    detail::forget_errors();
    socket_failure_.clear();
    do {
        std::size_t bytes = 0;
        unread_ = detail::read_at_once;
        const int success = SSL_read_ex(ssl_.get(), target.data(), target.size(), &bytes);
        if (success != 1) {
            const step why = explain(success);
            if (result.bytes == 0) {
                return why;
            }
            late_failure_ = why.failure;
            return result;
        }
        result.bytes += bytes;
        target += bytes;
    } while (target.size() > 0 && has_pending());
    return result;
}

CYCLOS_DECL tls_stream::step tls_stream::write_some(std::span<const boost::asio::const_buffer> data)
{
    step result;
    if (!ssl_) {
        result.bytes = socket_.write_some(data, result.failure);
        if (result.failure == boost::asio::error::would_block) {
            result.failure.clear();
            result.wants = socket_type::wait_write;
        }
        return result;
    }
    detail::forget_errors();
    socket_failure_.clear();
    const std::size_t size = boost::asio::buffer_size(data);
    while (result.bytes < size || begin_ < end_) {
        step next;
        if (begin_ == end_) {
            next = seal(data, result.bytes);
        }
        if (!next.failure && begin_ < end_) {
            next = flush();
        }
        result.bytes += next.bytes;
        if (next.failure || next.wants) {
            result.wants = next.wants;
            result.failure = next.failure;
            break;
        }
    }
    return result;
}

CYCLOS_DECL tls_stream::step tls_stream::seal(std::span<const boost::asio::const_buffer> data, std::size_t from)
{
    make_room(boost::asio::buffer_size(data) - from, data.size());
    first_record_ = last_record_ = 0;
    gathering_ = true;
    step result;
    for (boost::asio::const_buffer part : data) {
        const std::size_t skipped = (std::min)(from, part.size());
        part += skipped;
        from -= skipped;
        while (part.size() > 0 && !result.wants && !result.failure) {
            const std::size_t bytes = (std::min)(part.size(), detail::record_data);
            if (last_record_ == most_records || room_ - end_ < bytes + detail::record_overhead) {
                gathering_ = false;
                return result;
            }
            std::size_t sealed = 0;
            const int success = SSL_write_ex(ssl_.get(), part.data(), bytes, &sealed);
            if (success == 1) {
                records_[last_record_++] = {.end = end_, .data = sealed};
                part += sealed;
            }
            else {
                result = explain(success);
            }
        }
    }
    gathering_ = false;
    return result;
}

CYCLOS_DECL tls_stream::step tls_stream::flush()
{
    step result;
    begin_ += socket_.write_some(boost::asio::buffer(gathered_.get() + begin_, end_ - begin_), result.failure);
    if (result.failure == boost::asio::error::would_block) {
        result.failure.clear();
        result.wants = socket_type::wait_write;
    }
    while (first_record_ < last_record_ && records_[first_record_].end <= begin_) {
        result.bytes += records_[first_record_++].data;
    }
    if (begin_ == end_) {
        begin_ = end_ = 0;
    }
    return result;
}

CYCLOS_DECL void tls_stream::make_room(std::size_t data, std::size_t parts)
{
    data = (std::min)(data, detail::gathered_data);
    const std::size_t records = (std::min)(data / detail::record_data + 1 + parts, most_records);
    const std::size_t room = data + records * detail::record_overhead;
    if (room_ < room) {
        gathered_ = std::make_unique_for_overwrite<char[]>(room);
        room_ = room;
    }
}

CYCLOS_DECL void tls_stream::shrink() noexcept
{
    if (begin_ == end_) {
        gathered_.reset();
        room_ = 0;
    }
    // OpenSSL before 3.0.14 gives back what it needs, too: a record that was not read to its end, or of which it has
    // the header alone (CVE-2024-4741).
    if (ssl_ && !has_pending() && SSL_rstate_string(ssl_.get()) == std::string_view{"RH"}) {
        // What is secret is wiped record by record. OpenSSL would wipe all of the buffer, used or not.
        SSL_clear_options(ssl_.get(), SSL_OP_CLEANSE_PLAINTEXT);
        SSL_free_buffers(ssl_.get());
    }
}

CYCLOS_DECL bool tls_stream::readable()
{
    if (has_pending()) {
        return true;
    }
    char next = 0;
    error_code ec;
    socket_.receive(boost::asio::buffer(&next, 1), socket_type::message_peek, ec);
    return ec != boost::asio::error::would_block;
}

CYCLOS_DECL bool tls_stream::has_pending() const
{
    return ssl_ && SSL_has_pending(ssl_.get()) == 1;
}

CYCLOS_DECL bool tls_stream::resumed() const
{
    return ssl_ && SSL_session_reused(ssl_.get()) == 1;
}

CYCLOS_DECL std::string tls_stream::verify_failure() const
{
    const long verdict = ssl_ ? SSL_get_verify_result(ssl_.get()) : X509_V_OK;
    return verdict == X509_V_OK ? std::string{} : X509_verify_cert_error_string(verdict);
}

CYCLOS_DECL bool tls_stream::host_mismatch() const
{
    const long verdict = ssl_ ? SSL_get_verify_result(ssl_.get()) : X509_V_OK;
    return verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
}

CYCLOS_DECL void tls_stream::close(bool orderly) noexcept
{
    if (ssl_) {
        detail::forget_errors();
        if (orderly) {
            SSL_shutdown(ssl_.get());
        }
        // OpenSSL takes a session for broken, and not fit to be resumed, that was not shut down in order.
        SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }
    boost::system::error_code ignored;
    socket_.close(ignored);
}

} // namespace cyclos::inline CYCLOS_ABI::net

#endif // CYCLOS_NET_IMPL_TLS_STREAM_IPP
