//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Files on a hanging file system: only their own operations wait, and those end in time.

#include "integration/support/content_session.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/leased_file.hpp"
#include "integration/support/run_one_for.hpp"
#include "integration/support/temporary_directory.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace cyclos::test;
using clock_type = std::chrono::steady_clock;

/// An operation that can be cancelled.
template <class T>
class cancellable
{
public:
    cancellable(client_session& session, asio::awaitable<T> operation)
    {
        asio::co_spawn(session.client.get_executor(), cyclos::as_result(std::move(operation)),
                       asio::bind_cancellation_slot(
                           cancel_.slot(), [this](const std::exception_ptr&, auto outcome) {
                               outcome_ = std::make_unique<cyclos::result<T>>(std::move(outcome));
                           }));
    }

    void cancel() { cancel_.emit(asio::cancellation_type::terminal); }
    bool done() const noexcept { return outcome_ != nullptr; }
    const cyclos::result<T>& outcome() const { return *outcome_; }

private:
    asio::cancellation_signal cancel_;
    std::unique_ptr<cyclos::result<T>> outcome_;
};

/// A folder with files that hang, and one that does not.
struct hung_folder
{
    explicit hung_folder(std::size_t number)
    {
        for (std::size_t n = 0; n < number; ++n) {
            paths.push_back(directory.write(std::to_string(n) + ".png", pattern(1000)));
            leases.push_back(std::make_unique<leased_file>(paths.back()));
        }
    }

    bool all_waited_for() const
    {
        return std::ranges::all_of(leases, [](const auto& each) { return each->waited_for(); });
    }

    temporary_directory directory;
    std::filesystem::path good = directory.write("good.png", pattern(300'000));
    std::vector<std::filesystem::path> paths;
    std::vector<std::unique_ptr<leased_file>> leases;
};

bool ends_soon(clock_type::time_point since)
{
    return clock_type::now() - since < 3s; // one second at most, unless the machine is busy
}

} // namespace

TEST_SUITE("file on a hanging file system")
{
    TEST_CASE("file on a hanging file system: an upload can be cancelled")
    {
        const hung_folder folder{1};
        sandbox_session session;
        cancellable upload{session, session.images.upload_temp_image(file_source{folder.paths[0]})};
        session.until([&] { return folder.all_waited_for(); });
        upload.cancel();
        const auto since = clock_type::now();
        session.until([&] { return upload.done(); });
        CHECK(ends_soon(since));
        CHECK(failure_of(upload.outcome()) ==
              failure{errc::cancelled, phase::preparing, sent_state::none, 0});
    }

    TEST_CASE("file on a hanging file system: an upload ends at its deadline")
    {
        const hung_folder folder{1};
        sandbox_session session{{}, [](cyclos::config& c) { c.timeouts.total = 200ms; }};
        const auto since = clock_type::now();
        const auto outcome =
            session.attempt(session.images.upload_temp_image(file_source{folder.paths[0]}));
        CHECK(outcome.error().code() == errc::total_timeout);
        CHECK(ends_soon(since));
        CHECK(folder.all_waited_for());
    }

    TEST_CASE("file on a hanging file system: the client can be closed")
    {
        const hung_folder folder{1};
        sandbox_session session;
        auto upload = session.start(
            as_result(session.images.upload_temp_image(file_source{folder.paths[0]})));
        session.until([&] { return folder.all_waited_for(); });
        const auto since = clock_type::now();
        session.run(session.client.close(0s));
        CHECK(session.get(std::move(upload)).error().code() == errc::client_closed);
        CHECK(ends_soon(since));
    }

    TEST_CASE("file on a hanging file system: uploads of other files continue, whether or not the "
              "hanging ones are cancelled")
    {
        for (const bool given_up : {true, false}) {
            const hung_folder folder{3}; // more than the number of threads
            sandbox_session session;
            std::vector<std::unique_ptr<cancellable<cyclos::uploaded_image>>> uploads;
            for (std::size_t n = 0; n < 3; ++n) {
                uploads.push_back(std::make_unique<cancellable<cyclos::uploaded_image>>(
                    session, session.images.upload_temp_image(file_source{folder.paths[n]})));
                session.until([&] { return folder.leases[n]->waited_for(); });
                if (given_up) {
                    uploads.back()->cancel();
                }
            }
            const auto since = clock_type::now();
            CHECK(session
                      .attempt(session.images.upload_temp_image(
                          file_source{folder.good, {}, "image/png"}))
                      .has_value());
            CHECK(ends_soon(since));
            for (const auto& each : uploads) {
                each->cancel();
                session.until([&] { return each->done(); });
            }
        }
    }

    TEST_CASE("file on a hanging file system: the context can be destroyed, for each order of its "
              "services")
    {
        for (const bool serial : {true, false}) {
            const hung_folder folder{2};
            cyclos::sandbox::server server;
            const auto since = clock_type::now();
            {
                asio::io_context context;
                cyclos::client first{context, config_for(server, demo(), [&](cyclos::config& c) {
                                         c.serial_executor = serial;
                                     })};
                cyclos::client second{context, config_for(server, demo(), [&](cyclos::config& c) {
                                          c.serial_executor = !serial;
                                      })};
                const auto ignore = [](const std::exception_ptr&, const cyclos::uploaded_image&) {};
                const cyclos::images_api one{first};
                const cyclos::images_api other{second};
                asio::co_spawn(context, one.upload_temp_image(file_source{folder.paths[0]}),
                               ignore);
                asio::co_spawn(context, other.upload_temp_image(file_source{folder.paths[1]}),
                               ignore);
                while (!folder.all_waited_for()) {
                    run_one_for(context, 2ms);
                }
            }
            CHECK(ends_soon(since));
            CHECK(folder.all_waited_for());
        }
    }
}

namespace {

/// A source whose check() never returns.
class unknown_source final : public cyclos::body_source
{
public:
    unknown_source(const asio::any_io_executor& executor, bool& asked)
        : never_(
              std::make_unique<asio::steady_timer>(executor, asio::steady_timer::time_point::max()))
        , asked_(&asked)
    {}

    asio::awaitable<void> open() override { co_return; }
    std::optional<std::uint64_t> length() const override { return 1; }
    std::string file_name() const override { return "x.png"; }
    std::string media_type() const override { return "image/png"; }
    asio::awaitable<std::size_t> read_some(asio::mutable_buffer /*target*/) override
    {
        co_return std::size_t{0};
    }

    asio::awaitable<std::optional<std::uint64_t>> check() override
    {
        *asked_ = true;
        co_await never_->async_wait(asio::use_awaitable);
        co_return std::nullopt;
    }

    bool opens_with_connection() const override { return true; }
    bool checks_before_connection() const override { return true; }

private:
    std::unique_ptr<asio::steady_timer> never_;
    bool* asked_;
};

/// A pipe with a reader that reads on request.
class unread_pipe
{
public:
    explicit unread_pipe(std::filesystem::path path)
        : path_(std::move(path))
    {
        REQUIRE(::mkfifo(path_.c_str(), 0600) == 0);
        reader_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        REQUIRE(reader_ >= 0);
        // Smaller than a block of 64 KiB, so that it fills up only during a write.
        const int size = ::fcntl(reader_, F_SETPIPE_SZ, 4096); // at least one page
        REQUIRE(size > 0);
        REQUIRE(size < 64 * 1024);
    }

    unread_pipe(const unread_pipe&) = delete;
    unread_pipe& operator=(const unread_pipe&) = delete;
    ~unread_pipe() { ::close(reader_); }

    bool is_full() const
    {
        int bytes = 0;
        return ::ioctl(reader_, FIONREAD, &bytes) == 0 && bytes == ::fcntl(reader_, F_GETPIPE_SZ);
    }

    /// The number of descriptors of this process for it, except the reader's.
    int writers() const
    {
        int number = -1;
        for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
            std::error_code closed;
            number += std::filesystem::read_symlink(entry, closed) == path_ ? 1 : 0;
        }
        return number;
    }

    void drain() const
    {
        std::array<char, 4096> block{};
        while (::read(reader_, block.data(), block.size()) > 0) {
        }
    }

private:
    std::filesystem::path path_;
    int reader_ = -1;
};

} // namespace

TEST_SUITE("source that may not answer")
{
    TEST_CASE("source that may not answer: it is checked before a connection is acquired, even if "
              "one is idle")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.pool.max_connections = 1; }};
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(session.stats().idle == 1);
        bool asked = false;
        cancellable upload{session, session.images.upload_temp_image(
                                        unknown_source{session.context().get_executor(), asked})};
        session.until([&] { return asked; });
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        upload.cancel();
        session.until([&] { return upload.done(); });
        CHECK(failure_of(upload.outcome()) ==
              failure{errc::cancelled, phase::preparing, sent_state::none, 0});
    }
}

TEST_SUITE("pipe that nobody reads")
{
    TEST_CASE("pipe that nobody reads: save_to() ends at its deadline")
    {
        const temporary_directory directory;
        const auto pipe = directory / "pipe";
        REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
        content_session session{100'000, {}, [](cyclos::config& c) { c.timeouts.total = 500ms; }};
        auto content = session.open();
        const auto since = clock_type::now();
        CHECK(session.attempt(content.save_to(pipe)).error().code() == errc::total_timeout);
        CHECK(ends_soon(since));
    }

    TEST_CASE("pipe that nobody reads: the client can be closed while a content is saved")
    {
        const temporary_directory directory;
        const auto pipe = directory / "pipe";
        REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
        content_session session{100'000};
        auto content = session.open();
        auto save = session.start(as_result(content.save_to(pipe)));
        for (int turns = 0; turns < 20; ++turns) {
            run_one_for(session.context(), 1ms);
        }
        const auto since = clock_type::now();
        session.run(session.client.close(0s));
        CHECK(session.get(std::move(save)).error().code() == errc::client_closed);
        CHECK(ends_soon(since));
    }

    TEST_CASE("pipe that nobody reads: the descriptor stays open until the abandoned write ends")
    {
        const temporary_directory directory;
        const unread_pipe pipe{directory / "pipe"};
        content_session session{1'000'000};
        for (int turns = 0; turns < 3; ++turns) { // often one thread is idle
            auto content = session.open();
            cancellable save{session, content.save_to(directory / "pipe")};
            session.until([&] { return pipe.is_full(); });
            save.cancel();
            session.until([&] { return save.done(); });
            CHECK(save.outcome().error().code() == errc::cancelled);
            CHECK(pipe.writers() == 1);
            session.until([&] {
                pipe.drain();
                return pipe.writers() == 0;
            });
        }
    }

    TEST_CASE("pipe that nobody reads: save_to() can be cancelled")
    {
        const temporary_directory directory;
        const auto pipe = directory / "pipe";
        REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
        content_session session{100'000};
        auto content = session.open();
        cancellable save{session, content.save_to(pipe)};
        for (int turns = 0; turns < 20; ++turns) {
            run_one_for(session.context(), 1ms);
        }
        CHECK_FALSE(save.done());
        const auto since = clock_type::now();
        save.cancel();
        session.until([&] { return save.done(); });
        CHECK(ends_soon(since));
        CHECK(save.outcome().error().code() == errc::cancelled);
        CHECK(std::filesystem::is_fifo(pipe));
    }
}
