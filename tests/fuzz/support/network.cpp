//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "fuzz/support/network.hpp"

#include "fuzz/support/require.hpp"

#include <openssl/err.h>

#include <array>
#include <utility>

#include <sys/ioctl.h>
#include <sys/socket.h>

namespace cyclos::fuzz {

namespace {

network* the_network = nullptr;

} // namespace

std::size_t wire::put(std::string_view bytes)
{
    std::size_t sent = 0;
    while (socket_ && sent < bytes.size()) {
        const auto count = ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent,
                                  MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count <= 0) {
            break; // the buffer is full, or the peer has closed
        }
        sent += static_cast<std::size_t>(count);
    }
    return sent;
}

bool wire::take(std::string& target)
{
    std::array<char, 16384> block;
    bool any = false;
    while (socket_) {
        const auto count = ::recv(socket_.get(), block.data(), block.size(), MSG_DONTWAIT);
        if (count <= 0) {
            break;
        }
        target.append(block.data(), static_cast<std::size_t>(count));
        any = true;
    }
    return any;
}

void wire::send(std::string_view bytes)
{
    if (!open()) {
        return;
    }
    if (!ssl_) {
        sent_ += bytes.substr(0, put(bytes));
        return;
    }
    ERR_clear_error();
    std::size_t count = 0;
    if (!spoilt_ && !bytes.empty() &&
        SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count) == 1) {
        sent_ += bytes.substr(0, count);
        flush_records();
    }
}

void wire::send_raw(std::string_view bytes)
{
    if (open()) {
        put(bytes);
        spoilt_ = bool{ssl_};
    }
}

void wire::say_goodbye()
{
    if (open() && secure() && !spoilt_) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
        flush_records();
        goodbye_ = true;
    }
}

void wire::flush_records()
{
    char* records = nullptr;
    BIO* const out = SSL_get_wbio(ssl_.get());
    const long size = BIO_get_mem_data(out, &records);
    put({records, static_cast<std::size_t>(size)});
    (void)BIO_reset(out);
}

bool wire::drain()
{
    if (!ssl_) {
        return take(received_);
    }
    std::string records;
    if (!take(records)) {
        return false;
    }
    BIO_write(SSL_get_rbio(ssl_.get()), records.data(), static_cast<int>(records.size()));
    ERR_clear_error();
    std::array<char, 16384> block;
    std::size_t count = 0;
    while (SSL_read_ex(ssl_.get(), block.data(), block.size(), &count) == 1) {
        received_.append(block.data(), count);
    }
    flush_records();
    return true;
}

bool wire::shake_hands(SSL_CTX* context)
{
    if (!ssl_) {
        sent_.clear(); // bytes sent before TLS
        received_.clear();
        ssl_.reset(SSL_new(context));
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        BIO_set_mem_eof_return(SSL_get_rbio(ssl_.get()), -1);
        SSL_set_accept_state(ssl_.get());
    }
    std::string records;
    take(records);
    BIO_write(SSL_get_rbio(ssl_.get()), records.data(), static_cast<int>(records.size()));
    ERR_clear_error();
    const bool done = SSL_do_handshake(ssl_.get()) == 1;
    flush_records();
    return done;
}

void wire::finish()
{
    if (socket_) {
        ::shutdown(socket_.get(), SHUT_WR);
        finished_ = true;
    }
}

void wire::reset()
{
    lost_ = arrived() - received_.size();
    socket_.reset();
}

std::size_t wire::arrived() const
{
    int pending = 0;
    if (socket_) {
        ::ioctl(socket_.get(), FIONREAD, &pending);
    }
    return received_.size() + lost_ + static_cast<std::size_t>(pending);
}

network::network()
{
    require(the_network == nullptr, "there is only one network at a time");
    the_network = this;
}

network::~network()
{
    the_network = nullptr;
}

network& network::current()
{
    require(the_network != nullptr, "the network exists");
    return *the_network;
}

boost::asio::ip::tcp::socket network::open(const boost::asio::any_io_executor& executor)
{
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0,
            "the sockets are created");
    const int room = 16 * 1024; // so that no large upload ends before it is answered
    ::setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    wires_.emplace_back(test::descriptor{ends[0]});
    return {executor, boost::asio::ip::tcp::v4(), ends[1]};
}

} // namespace cyclos::fuzz
