//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/sandbox/server.hpp>

#include "journal.hpp"
#include "scripts.hpp"
#include "state.hpp"
#include "tls_context.hpp"
#include "worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/file.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace cyclos::sandbox {

using asio::ip::tcp;

namespace {

constexpr std::chrono::milliseconds accept_retry{10};
constexpr int max_port_attempts = 20;

/// A directory. Creates a temporary one, which the destructor removes, if the path is empty.
class directory
{
public:
    explicit directory(std::filesystem::path path)
        : path_(std::move(path))
        , temporary_(path_.empty())
    {
        std::random_device random;
        while (path_.empty() || (temporary_ && !std::filesystem::create_directory(path_)))
            path_ = std::filesystem::temp_directory_path() /
                    ("cyclos-sandbox-" + std::to_string(random()));
        std::filesystem::create_directories(path_);
    }

    ~directory()
    {
        std::error_code ignored;
        if (temporary_)
            std::filesystem::remove_all(path_, ignored);
    }

    directory(const directory&) = delete;
    directory& operator=(const directory&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
    bool temporary_;
};

/// Writes a file, and replaces an existing file or link of that name. Does not write through a
/// link, since it may lead to any file of the user.
void replace_file(const std::filesystem::path& path, const std::string& text)
{
    std::random_device random;
    auto temporary = path;
    temporary += '.' + std::to_string(random());
    boost::beast::file file;
    error_code ec;
    file.open(temporary.string().c_str(), boost::beast::file_mode::write_new, ec);
    if (!ec)
        file.write(text.data(), text.size(), ec);
    if (!ec)
        file.close(ec);
    std::error_code rename_ec;
    if (!ec)
        std::filesystem::rename(temporary, path, rename_ec);
    if (ec || rename_ec)
        throw std::filesystem::filesystem_error("cannot write the certificate", path,
                                                ec ? std::error_code(ec) : rename_ec);
}

options normalized(options opts)
{
    opts.threads = std::max(opts.threads, 1u);
    while (opts.base_path.ends_with('/'))
        opts.base_path.pop_back();
    return opts;
}

} // namespace

class server::impl
{
public:
    explicit impl(options original)
        : opts(normalized(std::move(original)))
        , store(opts)
        , log(opts.kept_requests)
    {
        if (opts.tls)
            set_up_tls();
        for (unsigned i = 0; i < opts.threads; ++i)
            workers.push_back(std::make_unique<worker>(context));
        listen();
        set_up_locations();

        for (auto& acceptor : acceptors)
            asio::co_spawn(workers.front()->io(), accept(acceptor), asio::detached);
        for (auto& each : workers)
            each->start();
    }

    ~impl()
    {
        workers.front()->run([this](connection_set&) {
            close_acceptors();
            return 0u;
        });
        for (auto& each : workers)
            each->stop();
    }

    std::uint16_t port() const { return port_; }

    std::string origin() const
    {
        return (opts.tls ? "https://localhost:" : "http://localhost:") + std::to_string(port_);
    }

    /// Runs a task on each worker and returns the sum of the results.
    std::size_t run_on_workers(const std::function<std::size_t(connection_set&)>& task)
    {
        std::size_t sum = 0;
        for (auto& each : workers)
            sum += each->run(task);
        return sum;
    }

    /// Calls a function with each idle connection and returns their number.
    std::size_t for_each_idle(const std::function<void(connection&)>& action)
    {
        return run_on_workers([&action](connection_set& connections) {
            std::size_t count = 0;
            for (auto* candidate : connections) {
                if (candidate->is_idle()) {
                    action(*candidate);
                    ++count;
                }
            }
            return count;
        });
    }

    void pause_accepting(bool paused)
    {
        workers.front()->run([this, paused](connection_set&) {
            if (std::exchange(paused_, paused) == paused)
                return 0u;
            for (auto& acceptor : acceptors) {
                if (paused)
                    acceptor.cancel();
                else
                    asio::co_spawn(workers.front()->io(), accept(acceptor), asio::detached);
            }
            return 0u;
        });
    }

    const options opts;
    sandbox::store store;
    journal log;
    scripts<misbehaviour> misbehaviours;
    scripts<connection_misbehaviour> connection_misbehaviours;
    authority issuer;
    std::filesystem::path ca_file;

private:
    void set_up_tls()
    {
        tls_ = make_server_context(opts, issuer);
        context.tls = tls_.get();
        cert_dir_.emplace(opts.cert_dir);
        ca_file = cert_dir_->path() / "ca.pem";
        replace_file(ca_file, issuer.ca_pem());
    }

    void set_up_locations()
    {
        const auto base = opts.content_origin.empty() ? origin() : opts.content_origin;
        const auto path = opts.base_path + "/images/content/";
        if (opts.location == location_style::absolute)
            context.content_base = base + path;
        else if (opts.location == location_style::relative)
            context.content_base = path;
    }

    // Both addresses must have the same port. If the port that the system picked for IPv4 is in use
    // for IPv6, try another one.
    void listen()
    {
        for (int attempt = 1;; ++attempt) {
            acceptors.clear();
            open_acceptor(asio::ip::address_v4::loopback(), opts.port);
            port_ = acceptors.front().local_endpoint().port();
            try {
                open_acceptor(asio::ip::address_v6::loopback(), port_);
                return;
            }
            catch (const boost::system::system_error& error) {
                if (error.code() != asio::error::address_in_use)
                    return; // The system has no IPv6.
                if (opts.port != 0 || attempt == max_port_attempts)
                    throw;
            }
        }
    }

    void open_acceptor(const asio::ip::address& address, std::uint16_t port)
    {
        const tcp::endpoint endpoint(address, port);
        tcp::acceptor acceptor(workers.front()->io(), endpoint.protocol());
        acceptor.set_option(tcp::acceptor::reuse_address(true));
        acceptor.bind(endpoint);
        acceptor.listen(opts.backlog);
        acceptors.push_back(std::move(acceptor));
    }

    asio::awaitable<void> accept(tcp::acceptor& acceptor)
    {
        while (acceptor.is_open() && !paused_) {
            auto& next = *workers[next_worker_++ % workers.size()];
            tcp::socket socket(next.io());
            error_code ec;
            co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
            if (!ec) {
                next.add_connection(std::move(socket), ++log.accepted);
            }
            else if (ec != asio::error::operation_aborted && acceptor.is_open()) {
                // Most likely the process has run out of file descriptors. Some will be closed.
                asio::steady_timer timer(acceptor.get_executor(), accept_retry);
                co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
            }
        }
    }

    void close_acceptors()
    {
        error_code ignored;
        for (auto& acceptor : acceptors)
            acceptor.close(ignored);
    }

    std::optional<directory> cert_dir_;
    openssl::context tls_;
    std::uint16_t port_ = 0;
    bool paused_ = false;
    std::size_t next_worker_ = 0;

public:
    server_context context{opts, store.state(), log, misbehaviours, connection_misbehaviours,
                           {},   nullptr};
    std::vector<std::unique_ptr<worker>> workers;
    std::vector<tcp::acceptor> acceptors;
};

server::server(options opts)
    : impl_(std::make_unique<impl>(std::move(opts)))
{}

server::~server() = default;

std::string server::url() const
{
    return impl_->origin() + impl_->opts.base_path;
}

std::string server::origin() const
{
    return impl_->origin();
}

std::uint16_t server::port() const
{
    return impl_->port();
}

std::filesystem::path server::ca_file() const
{
    return impl_->ca_file;
}

std::string server::ca_pem() const
{
    return impl_->opts.tls ? impl_->issuer.ca_pem() : std::string();
}

credentials_pem server::issue_client_certificate(const std::string& common_name) const
{
    return impl_->issuer.issue_client(common_name);
}

sandbox::store& server::store()
{
    return impl_->store;
}

void server::misbehave(misbehaviour script)
{
    impl_->misbehaviours.add(std::move(script));
}

void server::misbehave_on_connect(connection_misbehaviour script)
{
    impl_->connection_misbehaviours.add(std::move(script));
}

void server::clear_misbehaviours()
{
    impl_->misbehaviours.clear();
    impl_->connection_misbehaviours.clear();
}

void server::pause_accepting(bool paused)
{
    impl_->pause_accepting(paused);
}

std::size_t server::close_idle(ending end)
{
    return impl_->for_each_idle([end](connection& idle) { idle.end_idle(end); });
}

std::size_t server::send_to_idle(std::string bytes)
{
    return impl_->for_each_idle([&bytes](connection& idle) { idle.send_unsolicited(bytes); });
}

std::size_t server::close_all()
{
    return impl_->run_on_workers([](connection_set& connections) {
        for (auto* open : connections)
            open->abort();
        return connections.size();
    });
}

sandbox::statistics server::statistics() const
{
    return impl_->log.counts();
}

std::vector<request_record> server::requests() const
{
    return impl_->log.records();
}

void server::reset_statistics()
{
    impl_->log.reset();
}

} // namespace cyclos::sandbox
