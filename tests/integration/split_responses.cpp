//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// A response means the same however TCP splits it: every framing, split at every byte, and byte by
// byte. A parser that waits for more than will arrive hangs here.

#include "integration/support/integration_test.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cyclos::test;
using asio::ip::tcp;

/// A client, and a server on the same thread that writes its responses in pieces.
class piecewise_session
{
public:
    /// Answers the next request with these pieces, each once the client has read the one before.
    template <class T>
    cyclos::result<T> answer(asio::awaitable<T> operation, const std::vector<std::string>& pieces,
                             bool close = false)
    {
        auto outcome = session.start(cyclos::as_result(std::move(operation)));
        boost::system::error_code ec;
        if (!socket_.is_open()) {
            session.until([&] {
                acceptor_.accept(socket_, ec);
                return !ec;
            });
            socket_.non_blocking(true);
            socket_.set_option(tcp::no_delay(true));
            ++connections;
        }
        std::string request;
        session.until([&] {
            std::array<char, 4096> bytes;
            request.append(bytes.data(), socket_.read_some(asio::buffer(bytes), ec));
            return request.ends_with("\r\n\r\n");
        });
        for (const std::string& piece : pieces) {
            asio::write(socket_, asio::buffer(piece));
            while (session.context().poll() > 0) {
            }
        }
        if (close) {
            socket_.close();
        }
        return session.get(std::move(outcome));
    }

private:
    static cyclos::config settings(unsigned short port)
    {
        cyclos::config result{"http://127.0.0.1:" + std::to_string(port) + "/api", demo()};
        result.timeouts.total = 20s;
        return result;
    }

    static tcp::acceptor listen(asio::io_context& context)
    {
        tcp::acceptor result{context, {asio::ip::address_v4::loopback(), 0}};
        result.non_blocking(true);
        return result;
    }

    asio::io_context context_; // of the server; no handler runs in it
    tcp::acceptor acceptor_ = listen(context_);
    tcp::socket socket_{context_};

public:
    client_session session{settings(acceptor_.local_endpoint().port())};
    int connections = 0;
};

/// Calls a function with the whole text, with each split in two, and with single bytes.
template <class Function>
void for_each_cut(const std::string& text, Function function)
{
    function({text});
    for (std::size_t at = 1; at < text.size(); ++at) {
        CAPTURE(at);
        function({text.substr(0, at), text.substr(at)});
    }
    std::vector<std::string> bytes;
    for (const char c : text) {
        bytes.emplace_back(1, c);
    }
    function(bytes);
}

asio::awaitable<std::string> read_content(cyclos::images_api& images)
{
    auto content = co_await images.get_image_content("1");
    co_return co_await content.read_all(1000);
}

constexpr std::string_view image_head = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n";

} // namespace

TEST_SUITE("response in pieces")
{
    TEST_CASE("response in pieces: contents are read, for each split position")
    {
        struct framing
        {
            std::string text;
            std::string content;
        };
        const std::string chunked = std::string{image_head} + "Transfer-Encoding: chunked\r\n\r\n";
        for (const auto& [text, content] : std::vector<framing>{
                 {std::string{image_head} + "Content-Length: 5\r\n\r\nhello", "hello"},
                 {std::string{image_head} + "Content-Length: 0\r\n\r\n", ""},
                 {chunked + "5\r\nhello\r\n0\r\n\r\n", "hello"},
                 {chunked + "0\r\n\r\n", ""},
                 {chunked + "1\r\na\r\n002\r\nbc\r\n000\r\n\r\n", "abc"},
                 {chunked + "3;name=value\r\nabc\r\n0;last\r\n\r\n", "abc"},
                 {chunked + "3\r\nabc\r\n0\r\nETag: \"1\"\r\nX: y\r\n\r\n", "abc"},
                 {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + chunked + "3\r\nabc\r\n0\r\n\r\n",
                  "abc"},
             }) {
            CAPTURE(text);
            piecewise_session server;
            for_each_cut(
                text, [&server, &expected = content](const std::vector<std::string>& pieces) {
                    const auto outcome = server.answer(read_content(server.session.images), pieces);
                    REQUIRE_MESSAGE(outcome.has_value(), std::string{outcome.error().what()});
                    CHECK(*outcome == expected);
                });
            CHECK(server.connections == 1); // each response ended according to its framing
        }
    }

    TEST_CASE("response in pieces: contents that last until the end of the connection are read, "
              "for each split position")
    {
        for (const std::string head :
             {"HTTP/1.1 200 OK\r\nConnection: close\r\n", "HTTP/1.0 200 OK\r\n"}) {
            const std::string text = head + "Content-Type: image/png\r\n\r\nhello";
            CAPTURE(text);
            piecewise_session server;
            for_each_cut(text, [&server](const std::vector<std::string>& pieces) {
                const auto outcome =
                    server.answer(read_content(server.session.images), pieces, true);
                REQUIRE_MESSAGE(outcome.has_value(), std::string{outcome.error().what()});
                CHECK(*outcome == "hello");
            });
        }
    }

    TEST_CASE("response in pieces: models are read, for each split position")
    {
        for (const std::string framing :
             {"Content-Length: 12\r\n\r\n{\"id\": \"17\"}",
              "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"id\r\n8\r\n\": \"17\"}\r\n0\r\n\r\n"}) {
            const std::string text =
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + framing;
            CAPTURE(text);
            piecewise_session server;
            for_each_cut(text, [&server](const std::vector<std::string>& pieces) {
                const auto outcome = server.answer(server.session.images.view_image("17"), pieces);
                REQUIRE_MESSAGE(outcome.has_value(), std::string{outcome.error().what()});
                CHECK(outcome->id == "17");
            });
            CHECK(server.connections == 1);
        }
    }

    TEST_CASE("response in pieces: empty responses are read, for each split position")
    {
        piecewise_session server;
        for_each_cut("HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n",
                     [&server](const std::vector<std::string>& pieces) {
                         const auto outcome =
                             server.answer(server.session.images.delete_image("17"), pieces);
                         REQUIRE_MESSAGE(outcome.has_value(), std::string{outcome.error().what()});
                     });
        CHECK(server.connections == 1);
    }

    TEST_CASE("response in pieces: error responses are read, for each split position")
    {
        const std::string text =
            "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n10\r\n{\"key\": \"abcdef\"\r\n1\r\n}\r\n0\r\n\r\n";
        piecewise_session server;
        for_each_cut(text, [&server](const std::vector<std::string>& pieces) {
            const auto outcome = server.answer(server.session.images.view_image("17"), pieces);
            REQUIRE_FALSE(outcome.has_value());
            const auto* const missing = dynamic_cast<const cyclos::not_found*>(&outcome.error());
            REQUIRE(missing != nullptr);
            CHECK(missing->details().key == "abcdef");
        });
        CHECK(server.connections == 1);
    }

    TEST_CASE("response in pieces: a trailer field that would change the framing is rejected")
    {
        for (const std::string field : {"Content-Length: 3", "Transfer-Encoding: chunked"}) {
            CAPTURE(field);
            piecewise_session server;
            const auto outcome =
                server.answer(read_content(server.session.images),
                              {std::string{image_head} + "Transfer-Encoding: chunked\r\n\r\n" +
                               "3\r\nabc\r\n0\r\n" + field + "\r\n\r\n"});
            CHECK(failure_of(outcome).code == cyclos::errc::malformed_response);
        }
    }
}
