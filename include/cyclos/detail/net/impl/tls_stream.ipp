//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_TLS_STREAM_IPP
#define CYCLOS_DETAIL_NET_IMPL_TLS_STREAM_IPP

#include <cyclos/detail/net/tls_stream.hpp>

#include <cyclos/detail/net/authority.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#if !defined(_WIN32)
#include <netinet/in.h>
#include <netinet/tcp.h>
#endif

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/** The BIO through which OpenSSL reads and writes the socket, or the session with a proxy. It never
    blocks: if the socket is not ready, it sets the BIO's retry flag.
*/
class tls_stream::bio
{
public:
    /// Creates a BIO for the socket of a stream, which must outlive it.
    static BIO* make(tls_stream& stream)
    {
        static BIO_METHOD* const methods = make_methods();
        BIO* const result = BIO_new(methods);
        if (result == nullptr) {
            throw std::bad_alloc();
        }
        BIO_set_data(result, &stream);
        return result;
    }

private:
    static BIO_METHOD* make_methods()
    {
        BIO_METHOD* const methods =
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cyclos socket");
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
        tls_stream& stream = *static_cast<tls_stream*>(BIO_get_data(self));
        BIO_clear_retry_flags(self);
        *bytes = 0;
        *bytes = is_outer(stream, self) ? stream.read_socket(target, size)
                                        : stream.read_below(target, size);
        if (stream.socket_failure_ == boost::asio::error::would_block) {
            BIO_set_retry_read(self);
        }
        return stream.socket_failure_ ? 0 : 1;
    }

    static int write(BIO* self, const char* data, std::size_t size, std::size_t* bytes)
    {
        tls_stream& stream = *static_cast<tls_stream*>(BIO_get_data(self));
        BIO_clear_retry_flags(self);
        if (is_outer(stream, self)) {
            *bytes =
                stream.socket_.write_some(boost::asio::buffer(data, size), stream.socket_failure_);
        }
        else if (!stream.batching_ && stream.output_begin_ == stream.output_end_) {
            *bytes = stream.write_below(data, size);
        }
        else if (size <= stream.output_capacity_ - stream.output_end_) {
            std::memcpy(stream.output_.get() + stream.output_end_, data, size);
            stream.output_end_ += size;
            *bytes = size;
        }
        else {
            // OpenSSL writes a message of its own (an alert or a key update) while records are
            // pending, and there is no space left behind them.
            stream.socket_failure_ = boost::asio::error::would_block;
        }
        if (stream.socket_failure_ == boost::asio::error::would_block) {
            BIO_set_retry_write(self);
        }
        return stream.socket_failure_ ? 0 : 1;
    }

    /// Whether this is the BIO of the session with a proxy.
    static bool is_outer(const tls_stream& stream, const BIO* self)
    {
        return stream.outer_ && SSL_get_rbio(stream.outer_.get()) == self;
    }

    static long control(BIO*, int command, long, void*)
    {
        return command == BIO_CTRL_FLUSH ? 1 : 0; // flush() sends the batched records
    }
};

namespace detail {

/// A TCP socket option that Asio does not define.
class tcp_option
{
public:
    tcp_option(int name, int value) noexcept
        : name_(name)
        , value_(value)
    {}

    template <class Protocol>
    int level(const Protocol& /*protocol*/) const noexcept
    {
        return IPPROTO_TCP;
    }

    template <class Protocol>
    int name(const Protocol& /*protocol*/) const noexcept
    {
        return name_;
    }

    template <class Protocol>
    const int* data(const Protocol& /*protocol*/) const noexcept
    {
        return &value_;
    }

    template <class Protocol>
    std::size_t size(const Protocol& /*protocol*/) const noexcept
    {
        return sizeof value_;
    }

private:
    int name_;
    int value_;
};

// The maximum content of a record, and the maximum that TLS adds to it with any cipher.
inline constexpr std::size_t max_record_data = 16 * 1024;
inline constexpr std::size_t max_record_overhead = 512;

// After one call of OpenSSL has read this many bytes from the socket, the event loop runs first.
// OpenSSL continues to read as long as records contain no data, and a peer may send session tickets
// or key updates without end. The limit is larger than a record.
inline constexpr std::size_t max_read_per_call = 32 * 1024;

// The maximum content of a batch. The copy of a larger one would leave the CPU's cache before it is
// sent.
inline constexpr std::size_t max_batched_data = 64 * 1024;

/// Clears the error queue of this thread. Otherwise OpenSSL would attribute errors of other code to
/// the next call. The queue is usually empty, and the check is cheap.
inline void clear_error_queue() noexcept
{
    if (ERR_peek_error() != 0) {
        ERR_clear_error();
    }
}

} // namespace detail

CYCLOS_DECL void tls_stream::adopt(socket_type connected)
{
    const auto executor = socket_.get_executor();
    if (connected.get_executor() == executor) {
        socket_ = std::move(connected);
    }
    else {
        // Its waits would complete outside the strand.
        const auto protocol = connected.local_endpoint().protocol();
        socket_type moved{executor};
        const auto handle = connected.release();
        error_code ec;
        moved.assign(protocol, handle, ec);
        if (ec) {
            connected.assign(protocol, handle); // it closes the handle
            throw boost::system::system_error(ec);
        }
        socket_ = std::move(moved);
    }
    error_code ignored;
    socket_.non_blocking(true, ignored);
    // This fails if it is not a TCP socket. Requests are passed to the socket as a whole,
    // so Nagle's algorithm would only delay their ends.
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

CYCLOS_DECL void tls_stream::keep_alive(std::chrono::milliseconds idle_time)
{
    if (idle_time.count() <= 0) {
        return;
    }
    error_code ignored;
    socket_.set_option(boost::asio::socket_base::keep_alive(true), ignored);
    constexpr std::chrono::milliseconds longest = std::chrono::hours{9}; // the maximum of Linux
    const auto seconds =
        std::chrono::ceil<std::chrono::seconds>((std::min)(idle_time, longest)).count();
    static_cast<void>(seconds); // a system may have none of these options
#if defined(TCP_KEEPIDLE)
    socket_.set_option(detail::tcp_option{TCP_KEEPIDLE, static_cast<int>(seconds)}, ignored);
#elif defined(TCP_KEEPALIVE)
    socket_.set_option(detail::tcp_option{TCP_KEEPALIVE, static_cast<int>(seconds)}, ignored);
#endif
#if defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)
    socket_.set_option(detail::tcp_option{TCP_KEEPINTVL, static_cast<int>(seconds)}, ignored);
    socket_.set_option(detail::tcp_option{TCP_KEEPCNT, 3}, ignored);
#endif
}

CYCLOS_DECL void tls_stream::secure(std::shared_ptr<tls_context> context,
                                    std::shared_ptr<session_cache> sessions,
                                    const std::string& host)
{
    if (ssl_) {
        // The data of a blocked write may have moved within output_ when the write is repeated.
        SSL_set_mode(ssl_.get(), SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        outer_context_ = std::move(context_);
        outer_sessions_ = std::move(sessions_);
        outer_ = std::move(ssl_);
    }
    context_ = std::move(context);
    sessions_ = std::move(sessions);
    ssl_.reset(SSL_new(context_->native().native_handle()));
    if (!ssl_) {
        throw std::bad_alloc();
    }
    SSL* const ssl = ssl_.get();
    BIO* const socket = bio::make(*this);
    SSL_set_bio(ssl, socket, socket);
    SSL_set_connect_state(ssl);

    // OpenSSL compares the names itself. So a mismatch can be distinguished from other verification
    // failures.
    const auto address = parse_address(host);
    int name_set = 0;
    if (!address) {
        SSL_set_tlsext_host_name(ssl, host.c_str());
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                   X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        name_set = SSL_set1_host(ssl, host.c_str());
    }
    else {
        // By its bytes, since the text of an IPv6 address may have a zone.
        X509_VERIFY_PARAM* const parameters = SSL_get0_param(ssl);
        if (address->is_v4()) {
            const auto bytes = address->to_v4().to_bytes();
            name_set = X509_VERIFY_PARAM_set1_ip(parameters, bytes.data(), bytes.size());
        }
        else {
            const auto bytes = address->to_v6().to_bytes();
            name_set = X509_VERIFY_PARAM_set1_ip(parameters, bytes.data(), bytes.size());
        }
    }
    if (name_set != 1) {
        // Without a name to compare, any valid certificate would be accepted.
        throw std::bad_alloc();
    }
    sessions_->attach(ssl);
}

/// Reads from the socket, within the budget of the call.
CYCLOS_DECL std::size_t tls_stream::read_socket(void* target, std::size_t size)
{
    if (read_budget_ == 0) {
        // The budget of this call is used up. The caller waits until the socket is readable, which
        // it still is, so the event loop runs other handlers and reading continues.
        socket_failure_ = boost::asio::error::would_block;
        drained_ = false;
        return 0;
    }
    const std::size_t bytes = socket_.read_some(boost::asio::buffer(target, size), socket_failure_);
    drained_ = bytes < size;
    read_budget_ -= (std::min)(bytes, read_budget_);
    return bytes;
}

/// Reads from the session with the proxy, or from the socket.
CYCLOS_DECL std::size_t tls_stream::read_below(void* target, std::size_t size)
{
    if (!outer_) {
        return read_socket(target, size);
    }
    std::size_t bytes = 0;
    socket_failure_.clear();
    const int success = SSL_read_ex(outer_.get(), target, size, &bytes);
    set_outer_result(success);
    drained_ = drained_ && SSL_has_pending(outer_.get()) == 0;
    return bytes;
}

/// Writes to the session with the proxy, or to the socket.
CYCLOS_DECL std::size_t tls_stream::write_below(const void* data, std::size_t size)
{
    if (!outer_) {
        return socket_.write_some(boost::asio::buffer(data, size), socket_failure_);
    }
    std::size_t bytes = 0;
    socket_failure_.clear();
    const int success = SSL_write_ex(outer_.get(), data, size, &bytes);
    set_outer_result(success);
    return bytes;
}

/// Converts the result of a call for the session with the proxy to a socket failure, for ssl_.
CYCLOS_DECL void tls_stream::set_outer_result(int success)
{
    if (success == 1) {
        socket_failure_.clear();
        return;
    }
    const step result = step_of(outer_.get(), success);
    socket_failure_ = result.wants
                          ? boost::asio::error::make_error_code(boost::asio::error::would_block)
                          : result.failure;
    detail::clear_error_queue(); // the error is not one of ssl_
}

CYCLOS_DECL tls_stream::step tls_stream::step_of(SSL* ssl, int return_value)
{
    step result;
    switch (SSL_get_error(ssl, return_value)) {
    case SSL_ERROR_WANT_READ: result.wants = socket_type::wait_read; break;
    case SSL_ERROR_WANT_WRITE: result.wants = socket_type::wait_write; break;
    case SSL_ERROR_ZERO_RETURN: result.failure = boost::asio::error::eof; break;
    default:
        const auto code = static_cast<int>(ERR_get_error());
        if (socket_failure_ && socket_failure_ != boost::asio::error::eof &&
            socket_failure_ != boost::asio::error::would_block) {
            result.failure = socket_failure_;
        }
        else if (socket_failure_ == boost::asio::error::eof || code == 0) {
            result.failure = boost::asio::ssl::error::stream_truncated;
        }
        else {
            result.failure = {code, boost::asio::error::get_ssl_category()};
        }
    }
    return result;
}

CYCLOS_DECL tls_stream::step tls_stream::handshake()
{
    detail::clear_error_queue();
    socket_failure_.clear();
    read_budget_ = detail::max_read_per_call;
    const int result = SSL_do_handshake(ssl_.get());
    return result == 1 ? step{} : step_of(ssl_.get(), result);
}

CYCLOS_DECL tls_stream::step tls_stream::read_some(boost::asio::mutable_buffer target,
                                                   bool wipe_plaintext)
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
    if (deferred_failure_) {
        result.failure = deferred_failure_;
        return result;
    }
    if (wipe_plaintext) {
        SSL_set_options(ssl_.get(), SSL_OP_CLEANSE_PLAINTEXT);
    }
    else {
        SSL_clear_options(ssl_.get(), SSL_OP_CLEANSE_PLAINTEXT);
    }
    detail::clear_error_queue();
    socket_failure_.clear();
    do {
        std::size_t bytes = 0;
        read_budget_ = detail::max_read_per_call;
        const int success = SSL_read_ex(ssl_.get(), target.data(), target.size(), &bytes);
        if (success != 1) {
            const step last = step_of(ssl_.get(), success);
            if (result.bytes == 0) {
                return last;
            }
            deferred_failure_ = last.failure;
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
    detail::clear_error_queue();
    socket_failure_.clear();
    const std::size_t size = boost::asio::buffer_size(data);
    while (result.bytes < size || output_begin_ < output_end_) {
        step next;
        if (output_begin_ == output_end_) {
            next = encrypt(data, result.bytes);
        }
        if (!next.failure && output_begin_ < output_end_) {
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

CYCLOS_DECL tls_stream::step tls_stream::encrypt(std::span<const boost::asio::const_buffer> data,
                                                 std::size_t from)
{
    reserve_output(boost::asio::buffer_size(data) - from, data.size());
    first_record_ = last_record_ = 0;
    batching_ = true;
    step result;
    for (boost::asio::const_buffer part : data) {
        const std::size_t skipped = (std::min)(from, part.size());
        part += skipped;
        from -= skipped;
        while (part.size() > 0 && !result.wants && !result.failure) {
            const std::size_t bytes = (std::min)(part.size(), detail::max_record_data);
            if (last_record_ == max_records ||
                output_capacity_ - output_end_ < bytes + detail::max_record_overhead) {
                batching_ = false;
                return result;
            }
            std::size_t sealed = 0;
            const int success = SSL_write_ex(ssl_.get(), part.data(), bytes, &sealed);
            if (success == 1) {
                records_[last_record_++] = {.end = output_end_, .data = sealed};
                part += sealed;
            }
            else {
                result = step_of(ssl_.get(), success);
            }
        }
    }
    batching_ = false;
    return result;
}

CYCLOS_DECL tls_stream::step tls_stream::flush()
{
    step result;
    socket_failure_.clear();
    output_begin_ += write_below(output_.get() + output_begin_, output_end_ - output_begin_);
    result.failure = socket_failure_;
    if (result.failure == boost::asio::error::would_block) {
        result.failure.clear();
        result.wants = socket_type::wait_write;
    }
    while (first_record_ < last_record_ && records_[first_record_].end <= output_begin_) {
        result.bytes += records_[first_record_++].data;
    }
    if (output_begin_ == output_end_) {
        output_begin_ = output_end_ = 0;
    }
    return result;
}

CYCLOS_DECL void tls_stream::reserve_output(std::size_t data, std::size_t parts)
{
    data = (std::min)(data, detail::max_batched_data);
    const std::size_t records = (std::min)(data / detail::max_record_data + 1 + parts, max_records);
    const std::size_t capacity = data + records * detail::max_record_overhead;
    if (output_capacity_ < capacity) {
        output_ = std::make_unique_for_overwrite<char[]>(capacity);
        output_capacity_ = capacity;
    }
}

CYCLOS_DECL void tls_stream::shrink() noexcept
{
    if (output_begin_ == output_end_) {
        output_.reset();
        output_capacity_ = 0;
    }
    // OpenSSL before 3.0.14 also frees buffers in use: those with a partially read record, or with
    // a record header only (CVE-2024-4741).
    for (SSL* const each : {ssl_.get(), outer_.get()}) {
        if (each != nullptr && !has_pending() &&
            SSL_rstate_string(each) == std::string_view{"RH"}) {
            // Secrets were wiped record by record. With this option OpenSSL would wipe the whole
            // buffer again, used or not.
            SSL_clear_options(each, SSL_OP_CLEANSE_PLAINTEXT);
            SSL_free_buffers(each);
        }
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
    return (ssl_ && SSL_has_pending(ssl_.get()) == 1) ||
           (outer_ && SSL_has_pending(outer_.get()) == 1);
}

CYCLOS_DECL bool tls_stream::resumed() const
{
    return ssl_ && SSL_session_reused(ssl_.get()) == 1;
}

CYCLOS_DECL std::string tls_stream::verify_failure() const
{
    const long result = ssl_ ? SSL_get_verify_result(ssl_.get()) : X509_V_OK;
    return result == X509_V_OK ? std::string{} : X509_verify_cert_error_string(result);
}

CYCLOS_DECL bool tls_stream::host_mismatch() const
{
    const long result = ssl_ ? SSL_get_verify_result(ssl_.get()) : X509_V_OK;
    return result == X509_V_ERR_HOSTNAME_MISMATCH || result == X509_V_ERR_IP_ADDRESS_MISMATCH;
}

CYCLOS_DECL bool tls_stream::accepts_public_key(std::string& actual) const
{
    return !ssl_ || context_->accepts_public_key(ssl_.get(), actual);
}

CYCLOS_DECL void tls_stream::close(bool send_close_notify) noexcept
{
    if (ssl_) {
        detail::clear_error_queue();
        if (send_close_notify) {
            SSL_shutdown(ssl_.get());
        }
        // OpenSSL marks a session as not resumable if its connection was not shut down.
        SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }
    if (outer_) {
        SSL_set_shutdown(outer_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }
    boost::system::error_code ignored;
    socket_.close(ignored);
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_TLS_STREAM_IPP
