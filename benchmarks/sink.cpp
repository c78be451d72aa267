//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// A server that discards uploads and responds 201 with an id, and responds to a GET with arbitrary
// content. It has to cost less than the clients that it measures: a thread per connection, which
// reads and writes many TLS records with one system call, and nothing else. It prints its port once
// it listens, and runs until it is killed.

#include <CLI/CLI.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::size_t block_size = 256 * 1024;

// Limit of the bytes in flight. By default Linux queues megabytes between two processes that do not
// run evenly: they leave the caches, and the measurement of the clients depends on their
// scheduling.
constexpr int queue_size = 512 * 1024;

struct free_context
{
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

struct free_connection
{
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};

/// The peer has closed the connection: not a failure.
struct gone
{};

/// Reads a connection in large blocks.
class reader
{
public:
    explicit reader(SSL* ssl)
        : ssl_(ssl)
        , block_(block_size)
    {}

    /// Everything up to and including `end`.
    std::string until(std::string_view end)
    {
        std::string text;
        while (!text.ends_with(end)) {
            text += next();
            if (text.size() > block_size) {
                throw std::runtime_error("the request head is longer than a block");
            }
        }
        return text;
    }

    void drop(std::uint64_t bytes)
    {
        while (bytes > 0) {
            fill();
            const auto part = std::min<std::uint64_t>(bytes, end_ - begin_);
            begin_ += static_cast<std::size_t>(part);
            bytes -= part;
        }
    }

private:
    char next()
    {
        fill();
        return block_[begin_++];
    }

    void fill()
    {
        if (begin_ < end_) {
            return;
        }
        const int bytes = SSL_read(ssl_, block_.data(), static_cast<int>(block_.size()));
        if (bytes <= 0) {
            throw gone{};
        }
        begin_ = 0;
        end_ = static_cast<std::size_t>(bytes);
    }

    SSL* ssl_;
    std::vector<char> block_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

void write(SSL* ssl, std::string_view text)
{
    if (SSL_write(ssl, text.data(), static_cast<int>(text.size())) <= 0) {
        throw gone{};
    }
}

void flush(SSL* ssl)
{
    if (BIO_flush(SSL_get_wbio(ssl)) != 1) {
        throw gone{};
    }
}

void write_content(SSL* ssl, std::uint64_t bytes)
{
    static const std::string block(block_size, '\0');
    write(ssl, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: " +
                   std::to_string(bytes) + "\r\n\r\n");
    while (bytes > 0) {
        const auto part = std::min<std::uint64_t>(bytes, block.size());
        write(ssl, std::string_view{block}.substr(0, static_cast<std::size_t>(part)));
        bytes -= part;
    }
}

std::uint64_t number(std::string_view text, int base)
{
    std::uint64_t value = 0;
    const auto first = std::min(text.find_first_not_of(' '), text.size());
    if (std::from_chars(text.data() + first, text.data() + text.size(), value, base).ec !=
        std::errc{}) {
        throw std::runtime_error("no number: " + std::string{text});
    }
    return value;
}

/// The value of a field; the header section is in lower case.
std::string_view field(std::string_view head, std::string_view name)
{
    const auto at = head.find("\r\n" + std::string{name} + ':');
    if (at == std::string_view::npos) {
        return {};
    }
    const auto begin = at + 2 + name.size() + 1;
    return head.substr(begin, head.find('\r', begin) - begin);
}

/// @return Whether the connection is kept.
bool answer_one(SSL* ssl, reader& in, std::uint64_t content)
{
    std::string head = in.until("\r\n\r\n");
    std::ranges::transform(head, head.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (field(head, "expect").ends_with("100-continue")) {
        write(ssl, "HTTP/1.1 100 Continue\r\n\r\n");
        flush(ssl);
    }
    if (field(head, "transfer-encoding").ends_with("chunked")) {
        while (const std::uint64_t bytes = number(in.until("\r\n"), 16)) {
            in.drop(bytes + 2);
        }
        while (in.until("\r\n") != "\r\n") { // trailers
        }
    }
    else if (const auto length = field(head, "content-length"); !length.empty()) {
        in.drop(number(length, 10));
    }
    if (head.starts_with("get ")) {
        write_content(ssl, content);
    }
    else {
        write(ssl, "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: "
                   "3\r\n\r\n\"1\"");
    }
    flush(ssl);
    return !field(head, "connection").ends_with("close");
}

void serve(SSL_CTX* context, int socket, std::uint64_t content)
{
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const std::unique_ptr<SSL, free_connection> ssl{SSL_new(context)};
    BIO* const out = BIO_new(BIO_f_buffer());
    BIO_set_write_buffer_size(out, block_size);
    SSL_set_bio(ssl.get(), BIO_new_socket(socket, BIO_NOCLOSE),
                BIO_push(out, BIO_new_socket(socket, BIO_NOCLOSE)));
    try {
        if (SSL_accept(ssl.get()) == 1) {
            reader in{ssl.get()};
            while (answer_one(ssl.get(), in, content)) {
            }
            SSL_shutdown(ssl.get());
            flush(ssl.get());
        }
    }
    catch (const gone&) {
    }
    catch (const std::exception& e) {
        std::cerr << "sink: " << e.what() << '\n';
    }
    ERR_clear_error();
    ::close(socket);
}

void require(bool holds, const char* problem)
{
    if (!holds) {
        ERR_print_errors_fp(stderr);
        throw std::runtime_error(problem);
    }
}

} // namespace

int main(int argc, char** argv)
{
    std::string certificate;
    std::string key;
    std::uint64_t content = 1024 * 1024 * 1024;
    std::string ciphersuites = "TLS_AES_256_GCM_SHA384";
    CLI::App app{"Discards uploads and generates downloads at little cost. Prints its port.",
                 "sink"};
    app.add_option("--certificate", certificate, "PEM")->required();
    app.add_option("--key", key, "PEM")->required();
    app.add_option("--ciphersuites", ciphersuites, "cipher suites of TLS 1.3");
    app.add_option("--content", content, "size of the response to a GET in bytes");
    CLI11_PARSE(app, argc, argv);
    try {
        std::signal(SIGPIPE, SIG_IGN);
        const std::unique_ptr<SSL_CTX, free_context> context{SSL_CTX_new(TLS_server_method())};
        SSL_CTX* const c = context.get();
        require(SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1, "TLS 1.3");
        require(SSL_CTX_set_ciphersuites(c, ciphersuites.c_str()) == 1, "cipher suites");
        require(SSL_CTX_use_certificate_chain_file(c, certificate.c_str()) == 1, "certificate");
        require(SSL_CTX_use_PrivateKey_file(c, key.c_str(), SSL_FILETYPE_PEM) == 1, "key");
        // Many records with one system call.
        SSL_CTX_set_read_ahead(c, 1);
        SSL_CTX_set_default_read_buffer_len(c, block_size);

        const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        // Inherited by accepted sockets.
        ::setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &queue_size, sizeof queue_size);
        ::setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &queue_size, sizeof queue_size);
        require(::bind(listener, reinterpret_cast<const sockaddr*>(&address), length) == 0 &&
                    ::listen(listener, 1024) == 0 &&
                    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0,
                "no port to listen on");
        std::cout << ntohs(address.sin_port) << std::endl;
        for (;;) {
            const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket >= 0) {
                std::thread{serve, c, socket, content}.detach();
            }
        }
    }
    catch (const std::exception& e) {
        std::cerr << "sink: " << e.what() << '\n';
        return 1;
    }
}
