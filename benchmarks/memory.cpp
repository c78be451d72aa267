//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Transfers one image of any size to or from an embedded server in another process, and prints the
// maximum memory of the client.

#include <cyclos/images.hpp>
#include <cyclos/sandbox/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect_pipe.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <boost/asio/write.hpp>

#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace asio = boost::asio;

struct options
{
    bool up = false;
    bool file = false;
    std::uint64_t size = 0;
    std::filesystem::path folder = std::filesystem::temp_directory_path();
};

/// The address of the server for the client.
struct place
{
    std::string url = {};
    std::string ca_pem = {};
};

/// The embedded server in another process, so that its memory is not counted.
class server_process
{
public:
    explicit server_process(std::uint64_t size)
    {
        std::array<int, 2> ready{};
        std::array<int, 2> until{};
        if (::pipe(ready.data()) != 0 || ::pipe(until.data()) != 0) {
            throw std::runtime_error("there are no pipes");
        }
        process_ = ::fork();
        if (process_ == 0) {
            ::close(until[1]);
            serve(size, ready[1], until[0]);
            std::_Exit(0);
        }
        ::close(ready[1]);
        ::close(until[0]);
        until_ = until[1];
        std::FILE* const lines = ::fdopen(ready[0], "r");
        std::array<char, 4096> line{};
        while (std::fgets(line.data(), line.size(), lines) != nullptr) {
            std::string& to = address_.url.empty() ? address_.url : address_.ca_pem;
            to += line.data();
        }
        std::fclose(lines);
        address_.url.pop_back();
    }

    server_process(const server_process&) = delete;
    server_process& operator=(const server_process&) = delete;

    ~server_process()
    {
        ::close(until_);
        ::waitpid(process_, nullptr, 0);
    }

    const place& address() const noexcept { return address_; }

private:
    static void serve(std::uint64_t size, int tell, int until)
    {
        cyclos::sandbox::server server{{.digest = false}};
        server.store().add_image({.id = "1", .content = cyclos::sandbox::content::synthetic(size)});
        const std::string text = server.url() + '\n' + server.ca_pem();
        if (::write(tell, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            return;
        }
        ::close(tell);
        char end = 0;
        while (::read(until, &end, 1) > 0) {
        }
    }

    pid_t process_ = 0;
    int until_ = -1;
    place address_;
};

/// A sparse file: it takes no disk space.
class sparse_file
{
public:
    sparse_file(const std::filesystem::path& folder, std::uint64_t size)
        : path_(folder / ("cyclos-memory-" + std::to_string(::getpid())))
    {
        std::fclose(std::fopen(path_.c_str(), "w"));
        std::filesystem::resize_file(path_, size);
    }

    sparse_file(const sparse_file&) = delete;
    sparse_file& operator=(const sparse_file&) = delete;
    ~sparse_file() { std::filesystem::remove(path_); }

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

asio::awaitable<void> upload_file(cyclos::images_api images, options o)
{
    const sparse_file file{o.folder, o.size};
    co_await images.upload_temp_image(cyclos::file_source(file.path(), "memory.png", "image/png"));
}

/// Bytes that another thread writes into a pipe.
asio::awaitable<void> upload_stream(cyclos::images_api images, options o)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::readable_pipe reader{executor};
    asio::writable_pipe writer{executor};
    asio::connect_pipe(reader, writer);
    const std::jthread feeder{[&, left = o.size]() mutable {
        const std::vector<char> block(64 * 1024);
        while (left > 0) {
            left -= asio::write(
                writer, asio::buffer(block, static_cast<std::size_t>(
                                                std::min<std::uint64_t>(left, block.size()))));
        }
        writer.close();
    }};
    co_await images.upload_temp_image(cyclos::stream_source(
        std::move(reader), {.file_name = "memory.png", .media_type = "image/png"}));
}

asio::awaitable<void> download_file(cyclos::images_api images, options o)
{
    const sparse_file file{o.folder, 0};
    auto content = co_await images.get_image_content("1");
    if (co_await content.save_to(file.path()) != o.size) {
        throw std::runtime_error("the file has another size");
    }
}

asio::awaitable<void> download_stream(cyclos::images_api images, options o)
{
    auto content = co_await images.get_image_content("1");
    std::vector<char> block(128 * 1024);
    std::uint64_t total = 0;
    while (const std::size_t bytes = co_await content.read_some(asio::buffer(block))) {
        total += bytes;
    }
    if (total != o.size) {
        throw std::runtime_error("the content has another size");
    }
}

} // namespace

int main(int argc, char** argv)
{
    options o;
    std::string direction;
    std::string kind;
    CLI::App app{"Moves one image, and tells the peak of the client's resident memory", "memory"};
    app.add_option("direction", direction)->required()->check(CLI::IsMember({"up", "down"}));
    app.add_option("kind", kind, "What the client reads or writes")
        ->required()
        ->check(CLI::IsMember({"file", "stream"}));
    app.add_option("size", o.size, "Bytes")->required()->transform(CLI::AsSizeValue(false));
    app.add_option("--folder", o.folder, "Where files are written")->check(CLI::ExistingDirectory);
    CLI11_PARSE(app, argc, argv);
    o.up = direction == "up";
    o.file = kind == "file";

    try {
        const server_process server{o.size};
        cyclos::config config{server.address().url, cyclos::credentials::basic("demo", "demo")};
        config.tls.use_system_ca = false;
        config.tls.ca_pem = server.address().ca_pem;
        asio::io_context context{1};
        const auto begin = std::chrono::steady_clock::now();
        std::exception_ptr failure;
        {
            cyclos::client client{context, config};
            const cyclos::images_api images{client};
            const auto transfer = o.up ? (o.file ? upload_file : upload_stream)
                                       : (o.file ? download_file : download_stream);
            asio::co_spawn(context, transfer(images, o), [&](std::exception_ptr e) {
                failure = std::move(e);
                context.stop();
            });
            context.run();
        }
        if (failure) {
            std::rethrow_exception(failure);
        }
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        rusage used{};
        ::getrusage(RUSAGE_SELF, &used);
        std::cout << direction << ' ' << kind << ' ' << o.size << ' ' << used.ru_maxrss << ' '
                  << seconds.count() << '\n';
    }
    catch (const std::exception& e) {
        std::cerr << "memory: " << e.what() << '\n';
        return 1;
    }
}
