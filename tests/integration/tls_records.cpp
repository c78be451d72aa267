//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// TLS records of any size, with key updates by the server.

#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"

#include <cyclos/detail/net/session_cache.hpp>
#include <cyclos/detail/net/tls_context.hpp>
#include <cyclos/detail/net/tls_stream.hpp>
#include <cyclos/sandbox/certificates.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace {

using namespace cyclos::test;

/// The server's side of one connection, on its own thread: it determines the contents of each
/// record.
class record_server
{
public:
    /// Its actions after the handshake.
    using script = std::function<void(record_server&)>;

    record_server(int version, script steps,
                  cyclos::sandbox::authority issuer = cyclos::sandbox::authority{})
        : script_(std::move(steps))
        , authority_(std::move(issuer))
        , tls_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free)
    {
        SSL_CTX_set_min_proto_version(tls_.get(), version);
        SSL_CTX_set_max_proto_version(tls_.get(), version);
        const auto pem = authority_.issue_server();
        const auto source = [](const std::string& text) {
            return std::unique_ptr<BIO, decltype(&BIO_free)>{
                BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
        };
        const std::unique_ptr<X509, decltype(&X509_free)> certificate{
            PEM_read_bio_X509(source(pem.certificate).get(), nullptr, nullptr, nullptr),
            &X509_free};
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
            PEM_read_bio_PrivateKey(source(pem.key).get(), nullptr, nullptr, nullptr),
            &EVP_PKEY_free};
        if (SSL_CTX_use_certificate(tls_.get(), certificate.get()) != 1 ||
            SSL_CTX_use_PrivateKey(tls_.get(), key.get()) != 1) {
            throw std::runtime_error("no certificate for the server");
        }
        // A small buffer, so that unread data stays at the client.
        acceptor_.set_option(asio::socket_base::receive_buffer_size{8 * 1024});
        thread_ = std::thread{[this] { serve(); }};
    }

    record_server(const record_server&) = delete;
    record_server& operator=(const record_server&) = delete;
    ~record_server() { end(); }

    /// Waits until the client has closed, and returns the failure of the script; empty if it
    /// succeeded.
    const std::string& end()
    {
        if (thread_.joinable()) {
            ::shutdown(acceptor_.native_handle(), SHUT_RDWR); // ends an accept without a client
            thread_.join();
        }
        return failure_;
    }

    cyclos::config settings() const
    {
        cyclos::config result{
            "https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/api"};
        result.tls.use_system_ca = false;
        result.tls.ca_pem = authority_.ca_pem();
        result.tls.minimum_version = cyclos::tls_version::tls_1_2;
        return result;
    }

    /// Appends at most this many bytes to a message.
    void read_some(std::string& message, std::size_t bytes)
    {
        const std::size_t before = message.size();
        message.resize(before + bytes);
        std::size_t got = 0;
        if (SSL_read_ex(ssl_, message.data() + before, bytes, &got) != 1) {
            throw std::runtime_error("the client has ended the connection");
        }
        message.resize(before + got);
    }

    /// Reads the header section of a request, and the bytes that arrive with it.
    std::string read_head()
    {
        std::string message;
        while (message.find("\r\n\r\n") == std::string::npos) {
            read_some(message, 1);
        }
        return message;
    }

    /// Writes records of this size.
    void write(std::string_view message, std::size_t record = 16384)
    {
        while (!message.empty()) {
            const std::string_view part = message.substr(0, record);
            std::size_t written = 0;
            if (SSL_write_ex(ssl_, part.data(), part.size(), &written) != 1) {
                throw std::runtime_error("the client does not read");
            }
            message.remove_prefix(written);
        }
    }

    /// Writes a record and a close_notify, so that both arrive at the same moment.
    void write_and_close(std::string_view message)
    {
        const int cork = 1;
        const int uncork = 0;
        ::setsockopt(SSL_get_fd(ssl_), IPPROTO_TCP, TCP_CORK, &cork, sizeof cork);
        write(message);
        SSL_shutdown(ssl_);
        ::setsockopt(SSL_get_fd(ssl_), IPPROTO_TCP, TCP_CORK, &uncork, sizeof uncork);
    }

    /// Sends a part of a session ticket; @ref send_rest sends the rest.
    void send_part_of_ticket()
    {
        BIO* const socket = SSL_get_wbio(ssl_);
        BIO_up_ref(socket);
        SSL_set0_wbio(ssl_, BIO_new(BIO_s_mem()));
        if (SSL_new_session_ticket(ssl_) != 1 || SSL_do_handshake(ssl_) != 1) {
            throw std::runtime_error("no ticket can be made");
        }
        rest_.resize(BIO_ctrl_pending(SSL_get_wbio(ssl_)));
        BIO_read(SSL_get_wbio(ssl_), rest_.data(), static_cast<int>(rest_.size()));
        SSL_set0_wbio(ssl_, socket);
        if (rest_.size() < 100) {
            throw std::runtime_error("that is no ticket");
        }
        const std::size_t most = rest_.size() - 50;
        send(rest_.substr(0, most));
        rest_.erase(0, most);
    }

    void send_rest() { send(std::exchange(rest_, {})); }

    /// Updates the keys of this side with the next record, and requests an update of the client's.
    void change_keys()
    {
        if (SSL_version(ssl_) == TLS1_3_VERSION &&
            SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED) != 1) {
            throw std::runtime_error("the keys cannot be changed");
        }
    }

    /// Sends a session ticket: a record that holds no data. TLS 1.3 only.
    void send_ticket()
    {
        if (SSL_new_session_ticket(ssl_) != 1 || SSL_do_handshake(ssl_) != 1) {
            throw std::runtime_error("a ticket cannot be sent");
        }
    }

    unsigned short port() const { return acceptor_.local_endpoint().port(); }

private:
    void send(const std::string& bytes)
    {
        if (::send(SSL_get_fd(ssl_), bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(bytes.size())) {
            throw std::runtime_error("the client does not read");
        }
    }

    void serve()
    {
        try {
            asio::ip::tcp::socket socket{context_};
            acceptor_.accept(socket);
            socket.set_option(asio::ip::tcp::no_delay(true)); // sent bytes arrive at once
            const std::unique_ptr<SSL, decltype(&SSL_free)> ssl{SSL_new(tls_.get()), &SSL_free};
            ssl_ = ssl.get();
            SSL_set_fd(ssl_, socket.native_handle());
            if (SSL_accept(ssl_) != 1) {
                throw std::runtime_error("no handshake");
            }
            script_(*this);
            char rest = 0;
            std::size_t got = 0;
            SSL_read_ex(ssl_, &rest, 1, &got); // until the client closes
        }
        catch (const std::exception& e) {
            failure_ = e.what();
        }
    }

    script script_;
    cyclos::sandbox::authority authority_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_;
    asio::io_context context_;
    asio::ip::tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    SSL* ssl_ = nullptr;
    std::string rest_; // of a ticket
    std::string failure_;
    std::thread thread_;
};

/// The Content-Length of a header section.
std::size_t length_in(std::string_view head)
{
    constexpr std::string_view field = "Content-Length: ";
    const std::size_t at = head.find(field);
    return at == head.npos ? 0 : std::stoul(std::string{head.substr(at + field.size(), 12)});
}

constexpr std::array<int, 2> versions{TLS1_2_VERSION, TLS1_3_VERSION};

/// The content of a chunked body.
std::string content_of_chunks(std::string_view body)
{
    std::string content;
    for (;;) {
        const std::size_t line = body.find("\r\n");
        REQUIRE(line != std::string_view::npos);
        const std::size_t size = std::stoul(std::string{body.substr(0, line)}, nullptr, 16);
        body.remove_prefix(line + 2);
        if (size == 0) {
            return content;
        }
        REQUIRE(body.size() >= size + 2);
        content += body.substr(0, size);
        body.remove_prefix(size + 2);
    }
}

} // namespace

TEST_SUITE("TLS records")
{
    TEST_CASE("TLS records: an upload arrives unchanged while the server reads small pieces and "
              "updates its keys")
    {
        constexpr std::size_t size = 1'500'001;
        for (const int version : versions) {
            for (const bool known_length : {true, false}) {
                CAPTURE(version);
                CAPTURE(known_length);
                std::string request;
                record_server server{
                    version, [&](record_server& peer) {
                        request = peer.read_head();
                        const std::size_t begin = request.size();
                        const std::string_view last = known_length ? "--\r\n" : "\r\n0\r\n\r\n";
                        const std::size_t end = known_length ? begin + length_in(request) : 0;
                        for (int n = 0;
                             known_length ? request.size() < end : !request.ends_with(last); ++n) {
                            if (n % 40 == 0 && n < 400) {
                                peer.change_keys();
                                peer.write("HTTP/1.1 100 Continue\r\n\r\n");
                            }
                            peer.read_some(request, 3001);
                        }
                        peer.write("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n42");
                    }};
                {
                    client_session session{server.settings()};
                    pattern_source source{size};
                    if (!known_length) {
                        source.announced_length.reset();
                    }
                    CHECK(session.run(session.images.upload_temp_image(std::move(source))).id ==
                          "42");
                    CHECK(session.stats().idle == 1);
                }
                CHECK(server.end() == std::string{});
                const std::string_view body =
                    std::string_view{request}.substr(request.find("\r\n\r\n") + 4);
                const std::string form = known_length ? std::string{body} : content_of_chunks(body);
                const std::size_t content = form.find("\r\n\r\n", form.find("filename=")) + 4;
                CHECK(std::string_view{form}.substr(content, size) == pattern(size));
                CHECK(form.substr(content + size).starts_with("\r\n--"));
            }
        }
    }

    TEST_CASE("TLS records: responses arrive unchanged in records of any size, with key updates in "
              "between")
    {
        constexpr std::size_t size = 300'007;
        const std::string content = pattern(size);
        for (const int version : versions) {
            for (const std::size_t record : {1U, 7U, 1000U, 16383U, 16384U}) {
                CAPTURE(version);
                CAPTURE(record);
                record_server server{
                    version, [&](record_server& peer) {
                        for (int n = 0; n < 3; ++n) {
                            peer.read_head();
                            const std::size_t part = std::min(size, record * 4000);
                            peer.change_keys();
                            peer.write("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
                                       "Content-Length: " +
                                           std::to_string(part) + "\r\n\r\n",
                                       record);
                            peer.write(std::string_view{content}.substr(0, part / 2), record);
                            peer.change_keys();
                            peer.write(std::string_view{content}.substr(part / 2, part - part / 2),
                                       record);
                        }
                    }};
                {
                    client_session session{server.settings()};
                    for (int n = 0; n < 3; ++n) {
                        auto got = session.run(session.images.get_image_content("1"));
                        CHECK(session.run(got.read_all(size)) == content.substr(0, record * 4000));
                    }
                    CHECK(session.stats().opened == 1);
                }
                CHECK(server.end() == std::string{});
            }
        }
    }

    TEST_CASE("TLS records: one call reads a bounded number of records without data")
    {
        std::promise<void> sent;
        record_server server{TLS1_3_VERSION, [&](record_server& peer) {
                                 for (int n = 0; n < 400; ++n) {
                                     peer.send_ticket();
                                 }
                                 peer.write("x");
                                 sent.set_value();
                             }};
        asio::io_context context;
        const auto tls = std::make_shared<cyclos::net::tls_context>(server.settings().tls);
        cyclos::net::tls_stream stream{context.get_executor()};
        asio::ip::tcp::socket socket{context};
        socket.open(asio::ip::tcp::v4());
        socket.set_option(
            asio::socket_base::receive_buffer_size{1024 * 1024}); // everything has to fit
        socket.connect({asio::ip::address_v4::loopback(), server.port()});
        stream.adopt(std::move(socket));
        stream.secure(tls, std::make_shared<cyclos::net::session_cache>(), "127.0.0.1");

        const auto wait = [&](const cyclos::net::tls_stream::step& step) {
            REQUIRE_FALSE(step.failure);
            if (step.wants) {
                stream.async_wait(*step.wants, [](const cyclos::error_code&) {});
                context.restart();
                context.run();
            }
            return step.wants.has_value();
        };
        while (wait(stream.handshake())) {
        }
        sent.get_future().wait();
        char byte = 0;
        unsigned turns = 1;
        while (wait(stream.read_some(asio::buffer(&byte, 1), false))) {
            ++turns;
        }
        CHECK(byte == 'x');
        CHECK(turns >= 2); // 400 tickets are about 100 kB
        stream.close(true);
        CHECK(server.end() == std::string{});
    }

    TEST_CASE("TLS records: a close_notify read together with a response prevents the reuse of the "
              "connection")
    {
        for (const int version : versions) {
            CAPTURE(version);
            record_server server{
                version, [](record_server& peer) {
                    peer.read_head();
                    peer.write_and_close(
                        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"width\":1}");
                }};
            {
                client_session session{server.settings()};
                CHECK(session.run(session.images.view_image("1")).width == 1);
                CHECK(session.stats().idle == 0);
            }
            server.end(); // the client may or may not send a close_notify
        }
    }

    TEST_CASE("TLS records: an intermediate authority is trusted if it is configured")
    {
        const cyclos::sandbox::authority root;
        record_server server{TLS1_3_VERSION,
                             [](record_server& peer) {
                                 peer.read_head();
                                 peer.write(
                                     "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"width\":1}");
                             },
                             root.issue_authority("intermediate")};
        {
            client_session session{server.settings()};
            CHECK(session.run(session.images.view_image("1")).width == 1);
        }
        CHECK(server.end() == std::string{});
    }

    TEST_CASE("TLS records: a connection on which a part of a session ticket has arrived is used")
    {
        std::promise<void> sent;
        record_server server{TLS1_3_VERSION, [&](record_server& peer) {
                                 peer.send_part_of_ticket();
                                 sent.set_value();
                                 peer.read_head();
                                 peer.send_rest();
                                 peer.write(
                                     "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"width\":1}");
                                 peer.read_head();
                                 peer.write("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n42");
                             }};
        {
            cyclos::config settings = server.settings();
            settings.pool.min_connections = 1;
            settings.timeouts.acquire = 5s; // the server accepts only one connection
            client_session session{settings};
            session.get(sent.get_future());
            session.until([&] { return session.stats().idle == 1; });
            CHECK(session.run(session.images.view_image("1")).width == 1);
            CHECK(session.run(session.images.upload_temp_image(pattern_source{1000})).id == "42");
            CHECK(session.stats().opened == 1);
        }
        CHECK(server.end() == std::string{});
    }
}
