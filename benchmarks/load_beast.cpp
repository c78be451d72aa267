//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Load generator by hand on Asio and Beast: a coroutine per connection, no pool, no deadlines, and
// sufficiently large buffers. Sessions are resumed in the obvious way, by keeping SSL_get1_session
// of the last connection. That resumes nothing: OpenSSL considers the session of a connection
// without an orderly shutdown not resumable.

#include "load_budget.hpp"
#include "load_options.hpp"
#include "load_report.hpp"
#include "load_request.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/detail/base64.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using tls_stream = asio::ssl::stream<tcp::socket>;
using asio::use_awaitable;

constexpr std::size_t block_size = 128 * 1024;

/// State shared by all connections.
struct shared
{
    shared(const load::options& o, load::report& r)
        : options(o)
        , report(r)
        , url(boost::urls::parse_uri(o.url).value())
        , host(url.encoded_host())
        , port(url.has_port() ? std::string{url.port()} : "443")
        , target(std::string{url.encoded_path()} + load::path(o))
    {
        tls.set_verify_mode(asio::ssl::verify_peer);
        o.ca_file.empty() ? tls.set_default_verify_paths() : tls.load_verify_file(o.ca_file);
        if (!o.username.empty()) {
            const std::string user_and_password = o.username + ':' + o.password;
            authorization.resize(
                boost::beast::detail::base64::encoded_size(user_and_password.size()));
            authorization.resize(boost::beast::detail::base64::encode(
                authorization.data(), user_and_password.data(), user_and_password.size()));
            authorization = "Basic " + authorization;
        }
    }

    const load::options& options;
    load::report& report;
    load::budget budget = {};
    boost::urls::url_view url;
    std::string host;
    std::string port;
    std::string target;
    std::string authorization = {};
    asio::ssl::context tls{asio::ssl::context::tls_client};
    std::mutex mutex = {};
    std::atomic<std::uint64_t> opened = 0;
    std::atomic<std::uint64_t> resumed = 0;
    std::atomic<bool> complained = false;
};

class worker
{
public:
    explicit worker(shared& s)
        : shared_(s)
    {
        buffer_.reserve(block_size);
    }

    asio::awaitable<void> run()
    {
        while (shared_.budget.take()) {
            const auto begin = load::report::clock::now();
            std::uint64_t bytes = 0;
            bool failed = false;
            try {
                bytes = co_await one();
            }
            catch (const std::exception& e) {
                failed = true;
                stream_.reset();
                if (!shared_.complained.exchange(true)) {
                    std::cerr << "load-beast: " << e.what() << '\n';
                }
            }
            const auto latency = load::report::clock::now() - begin;
            const std::lock_guard lock{shared_.mutex};
            if (failed) {
                shared_.report.add_error();
            }
            else {
                shared_.report.add(latency, bytes);
            }
        }
    }

private:
    asio::awaitable<std::uint64_t> one()
    {
        if (!stream_) {
            co_await connect();
        }
        std::uint64_t bytes = 0;
        bool keep_alive = false;
        switch (shared_.options.operation) {
        case load::operation::view_image: keep_alive = co_await view(bytes); break;
        case load::operation::get_image_content: keep_alive = co_await download(bytes); break;
        case load::operation::upload_temp_image: keep_alive = co_await upload(bytes); break;
        }
        if (shared_.options.cold || !keep_alive) {
            session_.reset(SSL_get1_session(stream_->native_handle()));
            stream_.reset();
        }
        co_return bytes;
    }

    asio::awaitable<void> connect()
    {
        const auto executor = co_await asio::this_coro::executor;
        buffer_.clear();
        tcp::resolver resolver{executor};
        const auto addresses =
            co_await resolver.async_resolve(shared_.host, shared_.port, use_awaitable);
        tls_stream stream{executor, shared_.tls};
        co_await asio::async_connect(stream.next_layer(), addresses, use_awaitable);
        stream.next_layer().set_option(tcp::no_delay{true});
        stream.set_verify_callback(asio::ssl::host_name_verification{shared_.host});
        if (session_) {
            SSL_set_session(stream.native_handle(), session_.get());
        }
        co_await stream.async_handshake(asio::ssl::stream_base::client, use_awaitable);
        ++shared_.opened;
        shared_.resumed += SSL_session_reused(stream.native_handle()) == 1 ? 1 : 0;
        stream_ = std::make_unique<tls_stream>(std::move(stream));
    }

    template <class Body = http::empty_body>
    http::request<Body> request(http::verb method) const
    {
        http::request<Body> message{method, shared_.target, 11};
        message.set(http::field::host, shared_.host + ':' + shared_.port);
        message.set(http::field::user_agent, "load-beast");
        message.set(http::field::accept, load::accept(shared_.options));
        if (!shared_.authorization.empty()) {
            message.set(http::field::authorization, shared_.authorization);
        }
        return message;
    }

    static void require_success(unsigned status)
    {
        if (status / 100 != 2) {
            throw std::runtime_error("status " + std::to_string(status));
        }
    }

    asio::awaitable<bool> view(std::uint64_t& bytes)
    {
        const auto message = request(http::verb::get);
        co_await http::async_write(*stream_, message, use_awaitable);
        co_return co_await read_json(bytes);
    }

    asio::awaitable<bool> read_json(std::uint64_t& bytes)
    {
        http::response<http::string_body> answer;
        co_await http::async_read(*stream_, buffer_, answer, use_awaitable);
        require_success(answer.result_int());
        const auto value = boost::json::parse(answer.body());
        bytes = value.is_null() ? 0 : answer.body().size();
        co_return answer.keep_alive();
    }

    asio::awaitable<bool> download(std::uint64_t& bytes)
    {
        const auto message = request(http::verb::get);
        co_await http::async_write(*stream_, message, use_awaitable);
        http::response_parser<http::buffer_body> parser;
        parser.body_limit(boost::none);
        co_await http::async_read_header(*stream_, buffer_, parser, use_awaitable);
        require_success(parser.get().result_int());
        block_.resize(block_size);
        while (!parser.is_done()) {
            auto& body = parser.get().body();
            body.data = block_.data();
            body.size = block_.size();
            boost::system::error_code failure;
            co_await http::async_read(*stream_, buffer_, parser,
                                      asio::redirect_error(use_awaitable, failure));
            if (failure && failure != http::error::need_buffer) {
                throw boost::system::system_error(failure);
            }
            bytes += block_.size() - body.size;
        }
        co_return parser.keep_alive();
    }

    asio::awaitable<bool> upload(std::uint64_t& bytes)
    {
        static constexpr char boundary[] = "load-beast-0123456789abcdef";
        std::ostringstream opening;
        opening << "--" << boundary << "\r\nContent-Disposition: form-data; name=\""
                << load::form_field << "\"; filename=\"" << load::file_name
                << "\"\r\nContent-Type: " << load::media_type << "\r\n\r\n";
        const std::string closing = std::string{"\r\n--"} + boundary + "--\r\n";
        const std::uint64_t size = shared_.options.size;
        auto message = request(http::verb::post);
        message.set(http::field::content_type,
                    std::string{"multipart/form-data; boundary="} + boundary);
        message.content_length(opening.str().size() + size + closing.size());

        std::ostringstream head;
        head << message.base() << opening.str();
        const std::string first = head.str();
        co_await asio::async_write(*stream_, asio::buffer(first), use_awaitable);
        block_.resize(block_size);
        std::ifstream file;
        if (!shared_.options.file.empty()) {
            file.rdbuf()->pubsetbuf(nullptr, 0); // the blocks are large enough
            file.open(shared_.options.file, std::ios::binary);
        }
        while (bytes < size) {
            const auto part =
                static_cast<std::size_t>(std::min<std::uint64_t>(size - bytes, block_size));
            if (file.is_open() && !file.read(block_.data(), static_cast<std::streamsize>(part))) {
                throw std::runtime_error("the file cannot be read");
            }
            co_await asio::async_write(*stream_, asio::buffer(block_, part), use_awaitable);
            bytes += part;
        }
        co_await asio::async_write(*stream_, asio::buffer(closing), use_awaitable);
        std::uint64_t answered = 0;
        co_return co_await read_json(answered);
    }

    struct free_session
    {
        void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
    };

    shared& shared_;
    std::unique_ptr<tls_stream> stream_;
    std::unique_ptr<SSL_SESSION, free_session> session_;
    boost::beast::flat_buffer buffer_;
    std::vector<char> block_;
};

void run_workers(asio::io_context& context, std::vector<std::unique_ptr<worker>>& workers,
                 unsigned threads)
{
    const auto done = [](const std::exception_ptr& failure) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    };
    for (const auto& each : workers) {
        if (threads == 1) {
            asio::co_spawn(context, each->run(), done);
        }
        else {
            asio::co_spawn(asio::make_strand(context), each->run(), done);
        }
    }
    context.restart();
    std::vector<std::jthread> helpers;
    for (unsigned n = 1; n < threads; ++n) {
        helpers.emplace_back([&] { context.run(); });
    }
    context.run();
}

} // namespace

int main(int argc, char** argv)
{
    const load::options o = load::parse(argc, argv, "load-beast");
    if (o.connections < o.concurrency) {
        std::cerr
            << "load-beast: has no pool, so that every request in flight takes a connection\n";
        return 2;
    }
    try {
        asio::io_context context{static_cast<int>(o.threads)};
        load::report report{o};
        shared s{o, report};
        std::vector<std::unique_ptr<worker>> workers;
        for (std::size_t n = 0; n < o.concurrency; ++n) {
            workers.push_back(std::make_unique<worker>(s));
        }
        if (o.warmup > 0) {
            s.budget.limit(o.warmup, 0);
            run_workers(context, workers, o.threads);
        }
        report.begin();
        s.budget.limit(o.requests, o.duration);
        run_workers(context, workers, o.threads);
        report.end();
        std::cout << report.json("beast", s.opened, s.resumed) << '\n';
    }
    catch (const std::exception& e) {
        std::cerr << "load-beast: " << e.what() << '\n';
        return 1;
    }
}
