//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Files with few descriptors or threads, and in a child process.

#include "integration/support/content_session.hpp"
#include "integration/support/sanitized.hpp"
#include "integration/support/temporary_directory.hpp"

#include <cyclos/detail/base/file_work.hpp>
#include <cyclos/images.hpp>

#include <doctest/doctest.h>

#include <future>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace cyclos::test;
using cyclos::errc;
using cyclos::file_source;

// The runtime of a sanitizer uses descriptors itself, for example to check whether an object is
// readable.
#if !defined(CYCLOS_TESTS_SANITIZED)
/// No file and no socket can be opened while it exists.
class no_descriptors
{
public:
    no_descriptors()
    {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const ::rlimit none{0, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    }

    no_descriptors(const no_descriptors&) = delete;
    no_descriptors& operator=(const no_descriptors&) = delete;
    ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    ::rlimit before_{};
};
#endif

} // namespace

#if !defined(CYCLOS_TESTS_SANITIZED)
TEST_CASE("file limits: a lack of descriptors is reported as a temporary failure with its cause")
{
    const temporary_directory directory;
    const auto path = directory.write("a.png", pattern(1000));
    content_session session{1000};
    session.run(session.images.view_image("1")); // opens a connection
    const auto upload = [&] {
        return session.attempt(
            session.images.upload_temp_image(file_source{path, {}, "image/png"}));
    };
    {
        const no_descriptors few;
        const auto outcome = upload();
        CHECK(outcome.error().code() == errc::source_failed);
        CHECK(outcome.error().cause() == boost::system::errc::too_many_files_open);
        CHECK_FALSE(outcome.error().is_rejected_locally());
        CHECK(outcome.error().kind() == "source");
    }
    auto content = session.open();
    {
        const no_descriptors few;
        const auto outcome = session.attempt(content.save_to(directory / "saved"));
        CHECK(outcome.error().code() == errc::target_failed);
        CHECK(outcome.error().cause() == boost::system::errc::too_many_files_open);
    }
    CHECK(session.run(content.save_to(directory / "saved")) == 1000); // nothing was read
    CHECK(upload().has_value());
}
#endif

TEST_CASE("file limits: file_threads limits the number of threads")
{
    const temporary_directory directory;
    const auto path = directory.write("a.png", pattern(300'000));
    sandbox_session session{{}, [](cyclos::config& c) { c.file_threads = 1; }};
    std::vector<std::future<cyclos::uploaded_image>> uploads;
    for (int n = 0; n < 16; ++n) {
        uploads.push_back(
            session.start(session.images.upload_temp_image(file_source{path, {}, "image/png"})));
    }
    for (auto& each : uploads) {
        CHECK_FALSE(session.get(std::move(each)).id.empty());
    }
    CHECK(cyclos::detail::file_threads::of(session.client.get_executor())->threads() == 1);
}

#if defined(CYCLOS_TESTS_CAN_FORK)
TEST_CASE("file limits: files are read in a child process and in its parent after notify_fork()")
{
    const temporary_directory directory;
    const auto path = directory.write("a.png", pattern(300'000));
    sandbox_session session;
    const auto upload = [&](cyclos::client& client) {
        const cyclos::images_api images{client};
        return session.attempt(images.upload_temp_image(file_source{path, {}, "image/png"}))
            .has_value();
    };
    CHECK(upload(session.client)); // starts the threads
    session.context().notify_fork(asio::execution_context::fork_prepare);
    const ::pid_t child = ::fork();
    if (child == 0) {
        ::alarm(30); // instead of a deadlock
        session.context().notify_fork(asio::execution_context::fork_child);
        cyclos::client own{session.context(),
                           config_for(session.server, demo())}; // with its own connections
        ::_exit(upload(own) ? 0 : 1);
    }
    session.context().notify_fork(asio::execution_context::fork_parent);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(upload(session.client));
}
#endif
