//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "fuzz/support/session.hpp"

#include "fuzz/support/require.hpp"

#include <cyclos/sandbox/pattern.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <span>
#include <utility>
#include <vector>

namespace cyclos::fuzz {

namespace {

/// Bytes of unknown length.
class stream_source final : public body_source
{
public:
    explicit stream_source(std::string bytes)
        : inner_(std::move(bytes), "stream.png", "image/png")
    {}

    asio::awaitable<void> open() override { return inner_.open(); }
    std::optional<std::uint64_t> length() const override { return std::nullopt; }
    std::string file_name() const override { return inner_.file_name(); }
    std::string media_type() const override { return inner_.media_type(); }
    asio::awaitable<std::size_t> read_some(asio::mutable_buffer target) override
    {
        return inner_.read_some(target);
    }

private:
    memory_source inner_;
};

source make_source(char kind)
{
    if (kind == 'b' || kind == 'B') {
        return stream_source{session::upload_of(kind)};
    }
    return memory_source{session::upload_of(kind), "memory.png", "image/png"};
}

} // namespace

config session::settings(std::string url)
{
    config result{std::move(url), credentials::session("token")};
    result.serial_executor = true;
    result.pool.max_connections = 1;
    result.timeouts = {};
    for (auto* const limit : {&result.timeouts.acquire, &result.timeouts.resolve,
                              &result.timeouts.connect, &result.timeouts.handshake,
                              &result.timeouts.response_header, &result.timeouts.inactivity}) {
        *limit = std::chrono::milliseconds::zero();
    }
    result.downloads.max_resumes = 0; // one request, one response
    return result;
}

std::string session::upload_of(char kind)
{
    // The large ones exceed the buffers of a socket, so that a response arrives in the middle.
    std::string bytes(kind == 'U' || kind == 'B' ? 200'000 : 300, '\0');
    sandbox::fill_pattern(0, std::span<char>{bytes});
    return bytes;
}

session::session(config settings)
    : client_(std::make_unique<client>(context_, std::move(settings)))
    , images_(*client_)
{}

session::~session()
{
    client_.reset();
    context_.restart();
    context_.poll();
}

template <class T>
void session::spawn(operation& call, asio::awaitable<T> work)
{
    asio::co_spawn(context_, std::move(work),
                   asio::bind_cancellation_slot(call.cancel.slot(),
                                                [&call](const std::exception_ptr& failure) {
                                                    outcome& result = call.result;
                                                    result.done = true;
                                                    try {
                                                        if (failure) {
                                                            std::rethrow_exception(failure);
                                                        }
                                                        result.complete = true;
                                                    }
                                                    catch (const api_error& e) {
                                                        result.code = e.code();
                                                        result.phase = e.phase();
                                                        result.sent = e.sent();
                                                        result.status = e.status();
                                                        result.error_body = e.body();
                                                    }
                                                    catch (const error& e) {
                                                        result.code = e.code();
                                                        result.phase = e.phase();
                                                        result.sent = e.sent();
                                                    }
                                                }));
}

asio::awaitable<void> session::perform(operation& call, std::size_t read_size)
{
    static const std::vector<std::string> ids{"1", "2"};
    std::string& body = call.result.body;
    switch (call.kind) {
    case 'c': {
        auto content = co_await images_.get_image_content("1");
        std::vector<char> block(read_size);
        while (const std::size_t bytes = co_await content.read_some(asio::buffer(block))) {
            require(bytes <= block.size(), "a read does not exceed its buffer");
            body.append(block.data(), bytes);
        }
        require(content.done(), "a read of 0 bytes means the end of the content");
        break;
    }
    case 'v': co_await images_.view_image("1"); break;
    case 'd': co_await images_.delete_image("1"); break;
    case 'l': co_await images_.list_user_images("self"); break;
    case 'r': co_await images_.reorder_profile_images("self", ids); break;
    default: co_await perform_upload(call, make_source(call.kind));
    }
}

asio::awaitable<void> session::perform_upload(operation& call, source content)
{
    const auto stored = co_await images_.upload_temp_image(std::move(content));
    call.result.body = stored.id;
}

void session::begin(operation& call)
{
    auto& wires = network_.wires();
    call.first_wire = wires.empty() ? 0 : wires.size() - 1;
    if (!wires.empty()) {
        wires.back().drain();
        call.sent_before = wires.back().sent().size();
        call.arrived_before = wires.back().arrived();
    }
}

void session::start(operation& call, std::size_t read_size)
{
    if (kinds.find(call.kind) == std::string_view::npos) {
        call.kind = kinds[static_cast<unsigned char>(call.kind) % kinds.size()];
    }
    begin(call);
    spawn(call, perform(call, read_size));
}

void session::start_upload(operation& call, source content)
{
    begin(call);
    spawn(call, perform_upload(call, std::move(content)));
}

void session::turn()
{
    context_.restart();
    context_.poll();
}

wire* session::current()
{
    return network_.wires().empty() ? nullptr : &network_.wires().back();
}

void session::settle()
{
    do {
        turn();
    } while (current() != nullptr && current()->drain());
}

void session::cancel(operation& call)
{
    call.was_cancelled = true;
    call.cancel.emit(asio::cancellation_type::terminal);
}

void session::finish(operation& call)
{
    // A request that lost its connection may use others, and after a failure the pool pauses.
    const auto begin = std::chrono::steady_clock::now();
    settle();
    while (!call.result.done) {
        if (current() != nullptr && current()->open()) {
            current()->finish();
        }
        else {
            context_.restart();
            context_.run_one_for(std::chrono::milliseconds{20});
        }
        settle();
        require(std::chrono::steady_clock::now() - begin < std::chrono::seconds{10},
                "an operation ends after the end of the input");
    }
}

cyclos::pool_stats session::stats()
{
    std::optional<cyclos::pool_stats> result;
    asio::co_spawn(context_, client_->stats(),
                   [&](const std::exception_ptr&, const cyclos::pool_stats& now) { result = now; });
    turn();
    require(result.has_value(), "the pool reports its statistics");
    return *result;
}

} // namespace cyclos::fuzz
