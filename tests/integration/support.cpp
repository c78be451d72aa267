//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Tests of the support code of the integration tests.

#include "integration/support/await.hpp"
#include "integration/support/child_process.hpp"
#include "integration/support/fault_proxy.hpp"
#include "integration/support/nginx.hpp"
#include "integration/support/node_server.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/temporary_directory.hpp"

#include <cyclos/sandbox/certificates.hpp>
#include <cyclos/sandbox/server.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/serialize.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;
using namespace cyclos::test;

process_options shell(std::string script)
{
    process_options options;
    options.command = {"sh", "-c", std::move(script)};
    return options;
}

/// Sends a request unchanged, and returns everything until the server closes.
std::string exchange(unsigned short port, const std::string& request)
{
    boost::asio::ip::tcp::iostream stream{"127.0.0.1", std::to_string(port)};
    stream << request << std::flush;
    return {std::istreambuf_iterator<char>{stream}, {}};
}

std::string upload(const std::string& disposition, const std::string& content)
{
    const std::string body = "--limit\r\nContent-Disposition: form-data; " + disposition +
                             "\r\nContent-Type: image/png\r\n\r\n" + content + "\r\n--limit--\r\n";
    return "POST /api/images/temp?name=a%20b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
           "Content-Type: multipart/form-data; boundary=limit\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string question = "GET /api/images/demo-portrait.png HTTP/1.1\r\nHost: localhost\r\n"
                             "Authorization: Basic ZGVtbzpkZW1v\r\nConnection: close\r\n\r\n";

TEST_SUITE("fault_proxy")
{
    const cyclos::sandbox::options plain{.tls = false};

    TEST_CASE("fault_proxy: it forwards everything, also split, delayed or throttled")
    {
        cyclos::sandbox::server server{plain};
        fault_proxy proxy{server.port(), false};
        const auto answer = exchange(proxy.port(), question);
        CHECK(answer.starts_with("HTTP/1.1 200"));
        CHECK(proxy.count().to_server == question.size());
        for (const auto type : {fault::split, fault::delay, fault::throttle}) {
            for (const auto direction : {flow::to_server, flow::to_client}) {
                proxy.plan({.type = type, .direction = direction, .after = 10});
                CHECK(exchange(proxy.port(), question) == answer);
                CHECK(proxy.count().struck == 1);
                CHECK(proxy.count().to_server == question.size());
                CHECK(proxy.count().to_client == answer.size());
            }
        }
    }

    TEST_CASE("fault_proxy: it ends one connection after the given number of bytes")
    {
        cyclos::sandbox::server server{plain};
        fault_proxy proxy{server.port(), false};
        const auto answer = exchange(proxy.port(), question);
        for (const auto type : {fault::cut, fault::half_close, fault::reset}) {
            proxy.plan({.type = type, .direction = flow::to_client, .after = 17});
            CHECK(exchange(proxy.port(), question) == answer.substr(0, 17));
            CHECK(exchange(proxy.port(), question) == answer);

            server.reset_statistics();
            proxy.plan({.type = type, .direction = flow::to_server, .after = question.size() - 1});
            CHECK(exchange(proxy.port(), question) == "");
            CHECK(proxy.count().to_server == question.size() - 1);
            CHECK(server.statistics().requests == 0);
        }
    }

    TEST_CASE("fault_proxy: it changes one bit of one byte")
    {
        cyclos::sandbox::server server{plain};
        fault_proxy proxy{server.port(), false};
        auto answer = exchange(proxy.port(), question);
        proxy.plan({.type = fault::corrupt, .direction = flow::to_client, .after = 10});
        const auto corrupted = exchange(proxy.port(), question);
        answer[10] = static_cast<char>(answer[10] ^ 0x10);
        CHECK(corrupted == answer);
    }

    TEST_CASE("fault_proxy: it refuses connections until heal(), on the same port")
    {
        cyclos::sandbox::server server{plain};
        fault_proxy proxy{server.port(), false};
        proxy.plan({.type = fault::refuse});
        boost::asio::io_context context;
        boost::asio::ip::tcp::socket socket{context};
        boost::system::error_code ec;
        socket.connect({boost::asio::ip::address_v4::loopback(), proxy.port()}, ec);
        CHECK(ec == boost::asio::error::connection_refused);
        proxy.heal();
        CHECK(exchange(proxy.port(), question).starts_with("HTTP/1.1 200"));
    }

    TEST_CASE("fault_proxy: a blackhole forwards nothing, and its data is dropped by heal()")
    {
        cyclos::sandbox::server server{plain};
        fault_proxy proxy{server.port(), false};
        boost::asio::io_context context;
        boost::asio::ip::tcp::socket socket{context};
        proxy.plan({.type = fault::blackhole, .after = 5});
        socket.connect({boost::asio::ip::address_v4::loopback(), proxy.port()});
        boost::asio::write(socket, boost::asio::buffer(question));
        cyclos::test::await("the fault does not strike", [&] { return proxy.count().struck > 0; });
        CHECK(proxy.count().to_server == 5);
        CHECK(proxy.count().open == 1);
        proxy.heal();
        socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send);
        std::string nothing(1, '\0');
        boost::system::error_code ec;
        boost::asio::read(socket, boost::asio::buffer(nothing), ec);
        CHECK(ec == boost::asio::error::eof);
        CHECK(server.statistics().requests == 0);
    }
}

TEST_SUITE("child_process")
{
    TEST_CASE("child_process: output, errors and exit status are collected")
    {
        child_process process{shell("echo out; echo err >&2; exit 7")};
        const auto end = process.wait();
        CHECK(end.status == 7);
        CHECK_FALSE(end.signal);
        CHECK(process.output() == "out\n");
        CHECK(process.errors() == "err\n");
    }

    TEST_CASE("child_process: environment and working directory are set")
    {
        const temporary_directory directory;
        auto options = shell("echo \"$CYCLOS_TEST $(pwd) ${PATH:+path}\"");
        options.environment["CYCLOS_TEST"] = "a b";
        options.working_directory = directory.path();
        child_process process{options};
        CHECK(process.wait().status == 0);
        CHECK(process.output() ==
              "a b " + std::filesystem::canonical(directory.path()).string() + " path\n");
    }

    TEST_CASE("child_process: more data than pipes hold passes in both directions")
    {
        process_options options;
        options.command = {"cat"};
        child_process process{options};
        const std::string text(1'000'000, 'x');
        process.write(text);
        process.close_input();
        CHECK(process.wait().status == 0);
        CHECK(process.output() == text);
    }

    TEST_CASE("child_process: write() to a process that does not read returns or throws")
    {
        SUBCASE("the process closed its input")
        {
            child_process process{shell("exec <&-; echo closed; read never </dev/null; exit 3")};
            process.wait_for_output("closed");
            process.write(std::string(1'000'000, 'x'));
            CHECK(process.wait().status == 3);
        }
        SUBCASE("the process sleeps")
        {
            child_process process{shell("sleep 60")};
            CHECK_THROWS_AS(process.write(std::string(1'000'000, 'x'), 50ms), std::runtime_error);
        }
    }

    TEST_CASE("child_process: waiting for a line returns it, or throws at the limit or the end")
    {
        child_process process{shell("echo first; printf 'PORT 1'; echo 2; echo ready >&2; cat")};
        CHECK(process.wait_for_output("PORT ") == "12");
        process.wait_for_error("ready");
        CHECK_THROWS_WITH_AS(process.wait_for_output("never", 50ms), doctest::Contains("first"),
                             std::runtime_error);
        process.close_input();
        // It does not wait until the limit if no more output can follow.
        CHECK_THROWS_AS(process.wait_for_output("never", 1h), std::runtime_error);
        CHECK_THROWS_AS(process.wait_for_error("never", 1h), std::runtime_error);
    }

    TEST_CASE("child_process: signals are sent and reported")
    {
        child_process process{shell("sleep 60")};
        CHECK_THROWS_AS(process.wait(50ms), std::runtime_error);
        process.send_signal(SIGTERM);
        CHECK(process.wait().signal == SIGTERM);
    }

    TEST_CASE("child_process: a program that cannot be run is an error")
    {
        process_options options;
        options.command = {"/nowhere/program"};
        CHECK_THROWS_WITH_AS(child_process{options}, doctest::Contains("/nowhere/program"),
                             std::system_error);
    }

    TEST_CASE("child_process: the process is killed with the object")
    {
        pid_t id = 0;
        {
            child_process process{shell("echo started; exec sleep 60")};
            process.wait_for_output("started");
            id = process.id();
            CHECK(::kill(id, 0) == 0);
        }
        CHECK(::kill(id, 0) == -1);
    }

    TEST_CASE("child_process: descriptors are not inherited")
    {
        // Not close-on-exec, like the sockets of Asio.
        const descriptor file{::socket(AF_UNIX, SOCK_STREAM, 0)};
        child_process process{shell("test -e /proc/self/fd/" + std::to_string(file.get()))};
        CHECK(process.wait().status == 1);
    }
}

TEST_CASE("temporary_directory: it is removed with its contents")
{
    std::filesystem::path path;
    {
        const temporary_directory directory;
        path = directory.path();
        const auto file = directory.write("file", "content");
        std::filesystem::create_directories(directory / "a" / "b");
        CHECK(file == directory / "file");
        CHECK(std::filesystem::file_size(file) == 7);
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("reserved_port: it refuses connections, and another socket may listen on it")
{
    using boost::asio::ip::tcp;
    const reserved_port port;
    boost::asio::io_context context;
    const tcp::endpoint endpoint{boost::asio::ip::address_v4::loopback(), port.number()};
    tcp::socket socket{context};
    CHECK_THROWS_WITH_AS(socket.connect(endpoint), doctest::Contains("refused"),
                         boost::system::system_error);

    const tcp::acceptor acceptor{context, endpoint};
    tcp::socket another{context};
    CHECK_NOTHROW(another.connect(endpoint));
}

TEST_SUITE("nginx wrapper")
{
    TEST_CASE("nginx wrapper: it serves files, and rejects large requests")
    {
        const temporary_directory files;
        files.write("picture.png", "pixels");
        nginx_options options;
        options.root = files.path();
        options.directives = "client_max_body_size 10;";
        nginx server{options};

        const auto found = exchange(server.port(), "GET /picture.png HTTP/1.0\r\n\r\n");
        CHECK(found.starts_with("HTTP/1.1 200 "));
        CHECK(found.find("Content-Type: image/png\r\n") != std::string::npos);
        CHECK(found.ends_with("\r\n\r\npixels"));

        const auto refused =
            exchange(server.port(), "POST / HTTP/1.0\r\nContent-Length: 11\r\n\r\nhello world");
        CHECK(refused.starts_with("HTTP/1.1 413 "));
        CHECK_NOTHROW(server.wait_for_log("200 6 1 \"GET /picture.png HTTP/1.0\"\n"));
        CHECK_NOTHROW(server.wait_for_log(" 2 \"POST / HTTP/1.0\"\n"));

        server.stop();
        CHECK(exchange(server.port(), "GET / HTTP/1.0\r\n\r\n").empty());
    }

    TEST_CASE("nginx wrapper: it forwards to an upstream")
    {
        const busboy_server upstream;
        nginx_options options;
        options.upstream = upstream.url();
        const nginx server{options};
        const auto answer =
            exchange(server.port(), upload("name=\"image\"; filename=\"f\"", "12345"));
        CHECK(answer.starts_with("HTTP/1.1 201 "));
        CHECK(upstream.last_upload().at("parts").as_array().size() == 1);
    }

    TEST_CASE("nginx wrapper: it serves TLS with the given certificate")
    {
        const cyclos::sandbox::authority authority;
        const auto issued = authority.issue_server();
        nginx_options options;
        options.certificate = issued.certificate;
        options.private_key = issued.key;
        options.directives = "return 200 secret;";
        const nginx server{options};
        CHECK(server.url() == "https://127.0.0.1:" + std::to_string(server.port()));

        namespace ssl = boost::asio::ssl;
        const auto authority_pem = authority.ca_pem();
        ssl::context tls{ssl::context::tls_client};
        tls.set_verify_mode(ssl::verify_peer);
        tls.add_certificate_authority(boost::asio::buffer(authority_pem));
        boost::asio::io_context context;
        ssl::stream<boost::asio::ip::tcp::socket> stream{context, tls};
        stream.next_layer().connect({boost::asio::ip::address_v4::loopback(), server.port()});
        REQUIRE_NOTHROW(stream.handshake(ssl::stream_base::client));

        boost::asio::write(stream, boost::asio::buffer(std::string{"GET / HTTP/1.0\r\n\r\n"}));
        std::string answer;
        boost::system::error_code end;
        boost::asio::read(stream, boost::asio::dynamic_buffer(answer), end);
        CHECK(end == boost::asio::error::eof);
        CHECK(answer.ends_with("secret"));
    }

    TEST_CASE("nginx wrapper: it reports an error in its configuration")
    {
        nginx_options options;
        options.directives = "no_such_directive;";
        CHECK_THROWS_WITH_AS(nginx{options}, doctest::Contains("no_such_directive"),
                             std::runtime_error);
    }
}

TEST_CASE("busboy_server: it reports the last upload")
{
    const busboy_server server;
    CHECK(server.last_upload().is_null());

    const auto answer =
        exchange(server.port(), upload(R"(name="image"; filename="C:\é/%22.png")", "abc"));
    CHECK(answer.starts_with("HTTP/1.1 201 "));
    CHECK(answer.find("Location: /images/content/1\r\n") != std::string::npos);
    CHECK(answer.ends_with("\r\n\r\n1"));

    const auto last = server.last_upload();
    CHECK(last.at("method") == "POST");
    CHECK(last.at("path") == "/api/images/temp");
    CHECK(last.at("name") == "a b");
    CHECK(boost::json::serialize(last.at("parts")) ==
          R"([{"field":"image","fileName":"C:\\é/%22.png","mimeType":"image/png","size":3,)"
          R"("sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}])");

    SUBCASE("an incomplete form is rejected")
    {
        auto broken = upload("name=\"image\"; filename=\"f\"", "abc");
        broken.replace(broken.rfind("--limit--"), 9, "---------");
        CHECK(exchange(server.port(), broken).starts_with("HTTP/1.1 400 "));
        CHECK(exchange(server.port(), "POST / HTTP/1.0\r\nContent-Type: text/plain\r\n\r\n")
                  .starts_with("HTTP/1.1 400 "));
        CHECK(server.last_upload().at("name") == "a b");
    }
}

} // namespace
