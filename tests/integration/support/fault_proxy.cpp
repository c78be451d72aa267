//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/fault_proxy.hpp"

#include "integration/support/record_reader.hpp"
#include "integration/support/reserved_port.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <future>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace cyclos::test {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t block = 32 * 1024;

// Of accepted sockets: small, so that a sender soon blocks on a blackhole.
constexpr int receive_buffer = 64 * 1024;

constexpr unsigned tickets = 2;

using kind = record_reader::kind;

/// One direction of a connection.
struct half
{
    half(const asio::any_io_executor& executor, bool tls, unsigned skipped, kind kind_of_skipped)
        : reader(tls, skipped, kind_of_skipped)
        , timer(executor)
    {}

    std::uint64_t& count(kind k) { return counts[static_cast<std::size_t>(k)]; }

    record_reader reader;
    asio::steady_timer timer;
    std::array<std::uint64_t, 3> counts{}; ///< Bytes of each kind.
    std::uint64_t messages_before = 0;     ///< Bytes of messages before the incident was planned.
    std::uint64_t bytes_per_second = 0;
    std::uint64_t pieces = 0; ///< Number of bytes that are still sent singly.
    bool corrupt = false;     ///< Corrupts the next byte outside a record header.
    bool closed = false;      ///< Received bytes are dropped.
};

stage stage_of(kind k)
{
    return k == kind::handshake ? stage::handshake
           : k == kind::ticket  ? stage::ticket
                                : stage::message;
}

} // namespace

class fault_proxy::impl
{
public:
    impl(unsigned short server_port, bool tls)
        : server_({asio::ip::address_v4::loopback(), server_port})
        , tls_(tls)
    {
        listen();
        thread_ = std::thread{[this] { context_.run(); }};
    }

    ~impl()
    {
        context_.stop();
        thread_.join();
    }

    unsigned short port() const { return port_.number(); }

    void plan(const incident& planned)
    {
        counts_.struck = 0;
        counts_.to_server = counts_.to_client = 0;
        for (const auto& l : links()) {
            for (half* const each : {&l->up, &l->down}) {
                each->messages_before = each->count(kind::message);
            }
            if (planned.at == stage::now) {
                ++counts_.struck;
                l->end(planned);
            }
        }
        if (planned.type == fault::refuse) {
            ++counts_.struck;
            acceptor_.close();
        }
        else if (planned.at != stage::now) {
            incident_ = planned;
        }
    }

    void heal()
    {
        incident_.reset();
        for (const auto& l : links()) {
            for (half* const each : {&l->up, &l->down}) {
                each->bytes_per_second = each->pieces = 0;
                each->timer.cancel();
            }
            l->thaw();
        }
        if (!acceptor_.is_open()) {
            listen();
        }
    }

    counts count() const { return counts_; }

    /// Runs a function on the thread of the proxy, and waits for its result.
    template <class Function>
    auto run(Function function)
    {
        std::packaged_task<decltype(function())()> task{std::move(function)};
        auto result = task.get_future();
        asio::post(context_, [&task] { task(); });
        return result.get();
    }

private:
    class link
    {
    public:
        link(impl& owner, tcp::socket accepted)
            : client(std::move(accepted))
            , server(owner.context_)
            , up(client.get_executor(), owner.tls_, 1,
                 kind::handshake) // the Finished of the client
            , down(client.get_executor(), owner.tls_, tickets, kind::ticket)
            , owner_(owner)
            , thawed_(client.get_executor(), asio::steady_timer::time_point::max())
        {
            ++owner_.counts_.open;
        }

        link(const link&) = delete;
        link& operator=(const link&) = delete;
        ~link() { --owner_.counts_.open; }

        tcp::socket& from(flow d) { return d == flow::to_server ? client : server; }
        tcp::socket& to(flow d) { return d == flow::to_server ? server : client; }
        half& side(flow d) { return d == flow::to_server ? up : down; }

        /// The effect of a fault that ends an open connection.
        void end(const incident& planned)
        {
            error_code ignored;
            switch (planned.type) {
            case fault::half_close:
                side(planned.direction).closed = true;
                to(planned.direction).shutdown(tcp::socket::shutdown_send, ignored);
                break;
            case fault::cut:
                up.closed = down.closed = true;
                client.shutdown(tcp::socket::shutdown_send, ignored);
                server.shutdown(tcp::socket::shutdown_send, ignored);
                break;
            case fault::reset: reset(); break;
            case fault::blackhole: frozen_ = true; break;
            default: break;
            }
        }

        void reset()
        {
            error_code ignored;
            for (tcp::socket* const each : {&client, &server}) {
                each->set_option(asio::socket_base::linger{true, 0}, ignored);
                each->close(ignored);
            }
            up.closed = down.closed = true;
        }

        /// Waits while a blackhole holds the connection.
        asio::awaitable<void> wait_for_thaw()
        {
            while (frozen_) {
                error_code ignored;
                co_await thawed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            }
        }

        void thaw()
        {
            if (std::exchange(frozen_, false)) {
                up.closed = down.closed = true; // held bytes are lost
                thawed_.cancel();
            }
        }

        tcp::socket client;
        tcp::socket server;
        half up;
        half down;

    private:
        impl& owner_;
        asio::steady_timer thawed_;
        bool frozen_ = false;
    };

    void listen()
    {
        // The port stays reserved while there is no listener.
        acceptor_.open(tcp::v4());
        acceptor_.set_option(asio::socket_base::reuse_address{true});
        acceptor_.set_option(asio::socket_base::receive_buffer_size{receive_buffer});
        acceptor_.bind({asio::ip::address_v4::loopback(), port_.number()});
        acceptor_.listen();
        asio::co_spawn(context_, accept(), asio::detached);
    }

    asio::awaitable<void> accept()
    {
        for (;;) {
            error_code ec;
            tcp::socket accepted =
                co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, ec));
            if (ec) {
                co_return;
            }
            ++counts_.accepted;
            auto l = std::make_shared<link>(*this, std::move(accepted));
            links_.push_back(l);
            asio::co_spawn(context_, serve(std::move(l)), asio::detached);
        }
    }

    std::vector<std::shared_ptr<link>> links()
    {
        std::vector<std::shared_ptr<link>> alive;
        std::erase_if(links_, [&](const std::weak_ptr<link>& each) {
            auto l = each.lock();
            const bool gone = !l;
            if (l) {
                alive.push_back(std::move(l));
            }
            return gone;
        });
        return alive;
    }

    asio::awaitable<void> serve(std::shared_ptr<link> l)
    {
        error_code ec;
        co_await l->server.async_connect(server_, asio::redirect_error(asio::use_awaitable, ec));
        l->client.set_option(tcp::no_delay{true}, ec);
        l->server.set_option(tcp::no_delay{true}, ec);
        if (incident_ && incident_->at == stage::accept) {
            co_await strike(*l, flow::to_client);
        }
        asio::co_spawn(context_, pump(l, flow::to_server), asio::detached);
        co_await pump(l, flow::to_client);
    }

    asio::awaitable<void> pump(std::shared_ptr<link> l, flow d)
    {
        const auto buffer = std::make_unique<char[]>(block);
        for (;;) {
            co_await l->wait_for_thaw();
            error_code ec;
            const std::size_t bytes = co_await l->from(d).async_read_some(
                asio::buffer(buffer.get(), block), asio::redirect_error(asio::use_awaitable, ec));
            if (ec == asio::error::eof) {
                l->to(d).shutdown(tcp::socket::shutdown_send, ec);
                co_return;
            }
            if (ec) {
                l->reset();
                co_return;
            }
            co_await l->wait_for_thaw();
            co_await forward(*l, d, {buffer.get(), bytes});
        }
    }

    asio::awaitable<void> forward(link& l, flow d, std::span<char> data)
    {
        while (!data.empty() && !l.side(d).closed) {
            const std::size_t harmless = advance(l, d, data);
            co_await send(l, d, data.first(harmless));
            data = data.subspan(harmless);
            if (!data.empty()) {
                co_await strike(l, d);
                co_await l.wait_for_thaw();
            }
        }
    }

    /// The number of bytes before the position of the incident. They count as passed.
    std::size_t advance(link& l, flow d, std::span<char> data)
    {
        half& side = l.side(d);
        std::size_t passed = 0;
        while (passed < data.size()) {
            std::span<char> rest = data.subspan(passed);
            // The server's bytes before the client's Finished, its first encrypted record, are not
            // messages.
            const bool held = d == flow::to_client && !l.up.reader.encrypted();
            record_reader after = side.reader;
            auto run = after.next(rest, held);
            if (const auto room = room_before_incident(side, d, run.kind);
                room && *room < run.bytes) {
                if (*room == 0) {
                    break;
                }
                after = side.reader;
                run = after.next(rest.first(static_cast<std::size_t>(*room)), held);
            }
            side.reader = after;
            if (side.corrupt && run.payload) {
                rest.front() = static_cast<char>(rest.front() ^ 0x10);
                side.corrupt = false;
            }
            side.count(run.kind) += run.bytes;
            if (run.kind == kind::message) {
                (d == flow::to_server ? counts_.to_server : counts_.to_client) += run.bytes;
            }
            passed += run.bytes;
        }
        return passed;
    }

    std::optional<std::uint64_t> room_before_incident(half& side, flow d, kind k) const
    {
        if (!incident_ || incident_->direction != d || incident_->at != stage_of(k)) {
            return std::nullopt;
        }
        const std::uint64_t passed =
            side.count(k) - (k == kind::message ? side.messages_before : 0);
        return incident_->after - std::min(incident_->after, passed);
    }

    /// Applies the incident, unless it has happened to another connection or was cancelled.
    asio::awaitable<void> strike(link& l, flow d)
    {
        if (!incident_) {
            co_return;
        }
        const incident planned = *std::exchange(incident_, std::nullopt);
        half& side = l.side(d);
        switch (planned.type) {
        case fault::delay: co_await pause(side, planned.pause); break;
        case fault::throttle: side.bytes_per_second = planned.bytes_per_second; break;
        case fault::split: side.pieces = planned.pieces; break;
        case fault::corrupt: side.corrupt = true; break;
        default: l.end(planned);
        }
        ++counts_.struck;
    }

    asio::awaitable<void> send(link& l, flow d, std::span<const char> data)
    {
        half& side = l.side(d);
        while (!data.empty()) {
            std::size_t bytes = data.size();
            if (side.pieces > 0) {
                --side.pieces;
                bytes = 1;
            }
            if (side.bytes_per_second > 0) {
                constexpr unsigned turns = 50; // per second
                bytes = std::min(bytes, static_cast<std::size_t>(side.bytes_per_second / turns));
                co_await pause(side, std::chrono::milliseconds{1000 / turns});
            }
            error_code ec;
            co_await asio::async_write(l.to(d), asio::buffer(data.data(), bytes),
                                       asio::redirect_error(asio::use_awaitable, ec));
            if (ec) {
                side.closed = true; // the sender may still receive a response
                co_return;
            }
            data = data.subspan(bytes);
        }
    }

    static asio::awaitable<void> pause(half& side, std::chrono::milliseconds duration)
    {
        side.timer.expires_after(duration);
        error_code ignored;
        co_await side.timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }

    reserved_port port_;
    tcp::endpoint server_;
    bool tls_;
    counts counts_;
    std::optional<incident> incident_;
    std::vector<std::weak_ptr<link>> links_;
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    tcp::acceptor acceptor_{context_};
    std::thread thread_;
};

fault_proxy::fault_proxy(unsigned short server_port, bool tls)
    : impl_(std::make_unique<impl>(server_port, tls))
{}

fault_proxy::~fault_proxy() = default;

unsigned short fault_proxy::port() const
{
    return impl_->port();
}

std::string fault_proxy::url() const
{
    return "https://127.0.0.1:" + std::to_string(port()) + "/api";
}

void fault_proxy::plan(const incident& planned)
{
    impl_->run([&] { impl_->plan(planned); });
}

void fault_proxy::heal()
{
    impl_->run([&] { impl_->heal(); });
}

fault_proxy::counts fault_proxy::count() const
{
    return impl_->run([&] { return impl_->count(); });
}

} // namespace cyclos::test
