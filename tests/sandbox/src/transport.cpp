//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "transport.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace cyclos::sandbox {

using asio::ip::tcp;

namespace {

// Reads and writes that may complete without waiting before a connection yields to the others of
// its thread.
constexpr unsigned max_sync_operations = 64;

} // namespace

transport::transport(tcp::socket socket, SSL_CTX* context, journal& log)
    : socket_(std::move(socket))
    , journal_(log)
{
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
    if (context) {
        tls_.reset(SSL_new(context));
        openssl::check(tls_ != nullptr, "making a TLS connection");
        auto* bio = BIO_new(bio_method());
        openssl::check(bio != nullptr, "making a BIO");
        BIO_set_data(bio, this);
        BIO_set_init(bio, 1);
        SSL_set_bio(tls_.get(), bio, bio);
        SSL_set_accept_state(tls_.get());
    }
}

BIO_METHOD* transport::bio_method()
{
    struct free_method
    {
        void operator()(BIO_METHOD* method) const noexcept { BIO_meth_free(method); }
    };
    static const auto method = [] {
        std::unique_ptr<BIO_METHOD, free_method> created{
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cyclos-sandbox")};
        openssl::check(created != nullptr, "making a BIO method");
        BIO_meth_set_read_ex(created.get(), &transport::bio_read);
        BIO_meth_set_write_ex(created.get(), &transport::bio_write);
        BIO_meth_set_ctrl(created.get(), &transport::bio_control);
        return created;
    }();
    return method.get();
}

int transport::bio_read(BIO* bio, char* data, std::size_t size, std::size_t* count)
{
    auto& self = *static_cast<transport*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const auto result = self.receive(data, size);
    *count = result.bytes;
    if (!result.ec)
        return 1;
    if (result.ec == asio::error::would_block)
        BIO_set_retry_read(bio);
    else
        self.last_error_ = result.ec;
    return 0;
}

int transport::bio_write(BIO* bio, const char* data, std::size_t size, std::size_t* count)
{
    auto& self = *static_cast<transport*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const auto result = self.send(data, size);
    *count = result.bytes;
    if (!result.ec)
        return 1;
    if (result.ec == asio::error::would_block)
        BIO_set_retry_write(bio);
    else
        self.last_error_ = result.ec;
    return 0;
}

long transport::bio_control(BIO*, int command, long, void*)
{
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

transport::io_result transport::receive(void* data, std::size_t size)
{
    io_result result;
    result.bytes = socket_.receive(asio::buffer(data, size), 0, result.ec);
    journal_.bytes_received.fetch_add(result.bytes, std::memory_order_relaxed);
    return result;
}

transport::io_result transport::send(const void* data, std::size_t size)
{
    io_result result;
    result.bytes = socket_.send(asio::buffer(data, size), 0, result.ec);
    journal_.bytes_sent.fetch_add(result.bytes, std::memory_order_relaxed);
    return result;
}

// Returns the next step after an OpenSSL function has returned @p ssl_result.
transport::step transport::next_step(int ssl_result)
{
    switch (SSL_get_error(tls_.get(), ssl_result)) {
    case SSL_ERROR_NONE: return step::done;
    case SSL_ERROR_WANT_READ: return step::wait_to_read;
    case SSL_ERROR_WANT_WRITE: return step::wait_to_write;
    case SSL_ERROR_ZERO_RETURN: last_error_ = asio::error::eof; return step::failed;
    default:
        if (!last_error_)
            last_error_ = asio::error::connection_aborted;
        return step::failed;
    }
}

asio::awaitable<error_code> transport::wait(step reason)
{
    error_code ec;
    sync_operations_ = 0;
    const auto direction =
        reason == step::wait_to_read ? tcp::socket::wait_read : tcp::socket::wait_write;
    co_await socket_.async_wait(direction, asio::redirect_error(asio::use_awaitable, ec));
    if (!ec && !socket_.is_open())
        ec = asio::error::operation_aborted;
    co_return ec;
}

asio::awaitable<error_code> transport::wait_for_bytes()
{
    return wait(step::wait_to_read);
}

asio::awaitable<error_code> transport::wait_for_error()
{
    error_code ec;
    co_await socket_.async_wait(tcp::socket::wait_error,
                                asio::redirect_error(asio::use_awaitable, ec));
    co_return ec;
}

asio::awaitable<error_code> transport::handshake()
{
    for (;;) {
        ERR_clear_error();
        const auto next = next_step(SSL_accept(tls_.get()));
        if (next == step::done)
            co_return error_code();
        if (next == step::failed)
            co_return last_error_;
        if (const auto ec = co_await wait(next))
            co_return ec;
    }
}

transport::step transport::try_read(asio::mutable_buffer target, io_result& result)
{
    if (!tls_) {
        result = receive(target.data(), target.size());
        return result.ec == asio::error::would_block ? step::wait_to_read : step::done;
    }
    ERR_clear_error();
    const auto next =
        next_step(SSL_read_ex(tls_.get(), target.data(), target.size(), &result.bytes));
    if (next == step::failed)
        result.ec = last_error_;
    return next == step::failed ? step::done : next;
}

asio::awaitable<transport::io_result> transport::read_some(asio::mutable_buffer target)
{
    if (++sync_operations_ > max_sync_operations) {
        sync_operations_ = 0;
        co_await asio::post(socket_.get_executor(), asio::use_awaitable);
    }
    for (;;) {
        io_result result;
        const auto next = try_read(target, result);
        if (next == step::done)
            co_return result;
        result.ec = co_await wait(next);
        if (result.ec)
            co_return result;
    }
}

asio::awaitable<error_code> transport::write(asio::const_buffer source)
{
    if (++sync_operations_ > max_sync_operations) {
        sync_operations_ = 0;
        co_await asio::post(socket_.get_executor(), asio::use_awaitable);
    }
    if (!tls_)
        co_return co_await write_raw(source);
    while (source.size() != 0) {
        ERR_clear_error();
        std::size_t written = 0;
        const auto next =
            next_step(SSL_write_ex(tls_.get(), source.data(), source.size(), &written));
        source += written;
        if (next == step::failed)
            co_return last_error_;
        if (next == step::done)
            continue;
        if (const auto ec = co_await wait(next))
            co_return ec;
    }
    co_return error_code();
}

asio::awaitable<error_code> transport::write_raw(asio::const_buffer source)
{
    while (source.size() != 0) {
        const auto result = send(source.data(), source.size());
        source += result.bytes;
        if (!result.ec)
            continue;
        if (result.ec != asio::error::would_block)
            co_return result.ec;
        if (const auto ec = co_await wait(step::wait_to_write))
            co_return ec;
    }
    co_return error_code();
}

asio::awaitable<transport::io_result> transport::read_raw(asio::mutable_buffer target)
{
    for (;;) {
        auto result = receive(target.data(), target.size());
        if (result.ec != asio::error::would_block)
            co_return result;
        result.ec = co_await wait(step::wait_to_read);
        if (result.ec)
            co_return result;
    }
}

bool transport::try_write(std::string_view bytes)
{
    if (!tls_)
        return send(bytes.data(), bytes.size()).bytes == bytes.size();
    ERR_clear_error();
    std::size_t written = 0;
    return SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &written) == 1;
}

void transport::shut_down(bool with_notify)
{
    if (tls_ && with_notify && SSL_is_init_finished(tls_.get())) {
        ERR_clear_error();
        SSL_shutdown(tls_.get());
    }
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void transport::reset()
{
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
}

void transport::close()
{
    error_code ignored;
    socket_.close(ignored);
}

std::string transport::remote_address() const
{
    error_code ignored;
    const auto peer = socket_.remote_endpoint(ignored);
    return peer.address().to_string();
}

bool transport::is_resumed() const
{
    return tls_ && SSL_session_reused(tls_.get()) == 1;
}

std::string transport::tls_version() const
{
    return tls_ ? SSL_get_version(tls_.get()) : "";
}

std::string transport::server_name() const
{
    const auto* name = tls_ ? SSL_get_servername(tls_.get(), TLSEXT_NAMETYPE_host_name) : nullptr;
    return name ? name : "";
}

std::string transport::client_subject() const
{
    auto* certificate = tls_ ? SSL_get0_peer_certificate(tls_.get()) : nullptr;
    std::array<char, 256> name{};
    if (certificate)
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                                  static_cast<int>(name.size()));
    return name.data();
}

} // namespace cyclos::sandbox
