//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Load generator for libcurl's multi interface, which only collects the bytes. Sessions are
// resumed, which is libcurl's default, with a cache in each easy handle. A cold run forbids the
// reuse of connections, and resumes if the server issues tickets.

#include "load_budget.hpp"
#include "load_options.hpp"
#include "load_report.hpp"
#include "load_request.hpp"

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

void check(CURLcode code)
{
    if (code != CURLE_OK) {
        throw std::runtime_error(curl_easy_strerror(code));
    }
}

void check(CURLMcode code)
{
    if (code != CURLM_OK) {
        throw std::runtime_error(curl_multi_strerror(code));
    }
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value)
{
    check(curl_easy_setopt(handle, option, value));
}

template <auto function>
struct calls
{
    template <class T>
    void operator()(T* object) const
    {
        function(object);
    }
};

using easy_handle = std::unique_ptr<CURL, calls<curl_easy_cleanup>>;
using multi_handle = std::unique_ptr<CURLM, calls<curl_multi_cleanup>>;
using field_list = std::unique_ptr<curl_slist, calls<curl_slist_free_all>>;
using form = std::unique_ptr<curl_mime, calls<curl_mime_free>>;

/// One of the concurrent requests, in a loop.
class transfer
{
public:
    explicit transfer(const load::options& o)
        : options_(o)
        , handle_(curl_easy_init())
    {
        CURL* const h = handle_.get();
        set(h, CURLOPT_PRIVATE, this);
        set(h, CURLOPT_NOSIGNAL, 1L);
        set(h, CURLOPT_URL, (o.url + load::path(o)).c_str());
        set(h, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        set(h, CURLOPT_USERAGENT, "load-libcurl");
        if (!o.ca_file.empty()) {
            set(h, CURLOPT_CAINFO, o.ca_file.c_str());
        }
        if (!o.username.empty()) {
            set(h, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
            set(h, CURLOPT_USERNAME, o.username.c_str());
            set(h, CURLOPT_PASSWORD, o.password.c_str());
        }
        // Otherwise it sends Expect: 100-continue before an upload of more than 1 MiB, and waits
        // for up to a second.
        fields_.reset(curl_slist_append(nullptr, "Expect:"));
        curl_slist_append(fields_.get(), (std::string{"Accept: "} + load::accept(o)).c_str());
        set(h, CURLOPT_HTTPHEADER, fields_.get());
        set(h, CURLOPT_WRITEFUNCTION, &transfer::collect);
        set(h, CURLOPT_WRITEDATA, this);
        if (o.operation == load::operation::get_image_content) {
            set(h, CURLOPT_BUFFERSIZE, 256 * 1024L);
        }
        if (o.operation == load::operation::upload_temp_image) {
            set(h, CURLOPT_UPLOAD_BUFFERSIZE, 256 * 1024L);
            make_form();
        }
        if (o.cold) {
            set(h, CURLOPT_FRESH_CONNECT, 1L);
            set(h, CURLOPT_FORBID_REUSE, 1L);
            set(h, CURLOPT_HEADERFUNCTION, &transfer::see_line);
            set(h, CURLOPT_HEADERDATA, this);
        }
    }

    transfer(const transfer&) = delete;
    transfer& operator=(const transfer&) = delete;

    CURL* handle() const { return handle_.get(); }

    void begin()
    {
        begin_ = load::report::clock::now();
        body_.clear();
        bytes_ = 0;
        position_ = 0;
        resumed_.reset();
    }

    /// The problem of the response, or nullptr.
    const char* failure(CURLcode result) const
    {
        long status = 0;
        curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
        return result != CURLE_OK  ? curl_easy_strerror(result)
               : status / 100 != 2 ? "not a status of success"
                                   : nullptr;
    }

    std::uint64_t connections_opened() const
    {
        long number = 0;
        curl_easy_getinfo(handle(), CURLINFO_NUM_CONNECTS, &number);
        return static_cast<std::uint64_t>(number);
    }

    bool resumed() const { return resumed_.value_or(false); }
    load::report::clock::time_point begun() const { return begin_; }

    std::uint64_t bytes() const
    {
        return options_.operation == load::operation::upload_temp_image ? options_.size : bytes_;
    }

private:
    void make_form()
    {
        form_.reset(curl_mime_init(handle()));
        curl_mimepart* const part = curl_mime_addpart(form_.get());
        check(curl_mime_name(part, load::form_field));
        if (options_.file.empty()) {
            const auto size = static_cast<curl_off_t>(options_.size);
            check(curl_mime_data_cb(part, size, &transfer::give, &transfer::seek, nullptr, this));
        }
        else {
            check(curl_mime_filedata(part, options_.file.c_str()));
        }
        check(curl_mime_filename(part, load::file_name));
        check(curl_mime_type(part, load::media_type));
        set(handle(), CURLOPT_MIMEPOST, form_.get());
    }

    static std::size_t collect(char* data, std::size_t, std::size_t bytes, void* self)
    {
        auto& t = *static_cast<transfer*>(self);
        t.bytes_ += bytes;
        if (t.options_.operation != load::operation::get_image_content) {
            t.body_.append(data, bytes);
        }
        return bytes;
    }

    /// Arbitrary bytes: any content of the buffer will do.
    static std::size_t give(char*, std::size_t, std::size_t room, void* self)
    {
        auto& t = *static_cast<transfer*>(self);
        const auto bytes = std::min<std::uint64_t>(t.options_.size - t.position_, room);
        t.position_ += bytes;
        return static_cast<std::size_t>(bytes);
    }

    static int seek(void* self, curl_off_t offset, int origin)
    {
        if (origin != SEEK_SET) {
            return CURL_SEEKFUNC_CANTSEEK;
        }
        static_cast<transfer*>(self)->position_ = static_cast<std::uint64_t>(offset);
        return CURL_SEEKFUNC_OK;
    }

    /// The TLS connection is accessible only during the transfer.
    static std::size_t see_line(char*, std::size_t, std::size_t bytes, void* self)
    {
        auto& t = *static_cast<transfer*>(self);
        curl_tlssessioninfo* tls = nullptr;
        if (!t.resumed_ && curl_easy_getinfo(t.handle(), CURLINFO_TLS_SSL_PTR, &tls) == CURLE_OK &&
            tls->backend == CURLSSLBACKEND_OPENSSL && tls->internals != nullptr) {
            t.resumed_ = SSL_session_reused(static_cast<SSL*>(tls->internals)) == 1;
        }
        return bytes;
    }

    const load::options& options_;
    easy_handle handle_;
    field_list fields_;
    form form_;
    std::string body_;
    std::uint64_t bytes_ = 0;
    std::uint64_t position_ = 0;
    std::optional<bool> resumed_;
    load::report::clock::time_point begin_;
};

class load_run
{
public:
    load_run(const load::options& o, load::report& r, load::budget& b)
        : report_(r)
        , budget_(b)
        , multi_(curl_multi_init())
    {
        check(curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, CURLPIPE_NOTHING));
        check(curl_multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS,
                                static_cast<long>(o.connections)));
        check(curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS,
                                static_cast<long>(o.connections)));
        for (std::size_t n = 0; n < o.concurrency; ++n) {
            transfers_.push_back(std::make_unique<transfer>(o));
        }
    }

    void run()
    {
        for (const auto& t : transfers_) {
            start(*t);
        }
        while (working_ > 0) {
            int running = 0;
            check(curl_multi_perform(multi_.get(), &running));
            int left = 0;
            while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
                if (message->msg == CURLMSG_DONE) {
                    transfer* t = nullptr;
                    check(curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t));
                    finish(*t, message->data.result);
                }
            }
            if (working_ > 0) {
                check(curl_multi_poll(multi_.get(), nullptr, 0, 1000, nullptr));
            }
        }
    }

    std::uint64_t opened() const { return opened_; }
    std::uint64_t resumed() const { return resumed_; }

private:
    void start(transfer& t)
    {
        if (budget_.take()) {
            t.begin();
            check(curl_multi_add_handle(multi_.get(), t.handle()));
            ++working_;
        }
    }

    void finish(transfer& t, CURLcode result)
    {
        const auto latency = load::report::clock::now() - t.begun();
        opened_ += t.connections_opened();
        resumed_ += t.resumed() ? 1 : 0;
        if (const char* const problem = t.failure(result)) {
            report_.add_error();
            if (!complained_) {
                complained_ = true;
                std::cerr << "load-libcurl: " << problem << '\n';
            }
        }
        else {
            report_.add(latency, t.bytes());
        }
        check(curl_multi_remove_handle(multi_.get(), t.handle()));
        --working_;
        start(t);
    }

    load::report& report_;
    load::budget& budget_;
    multi_handle multi_;
    std::vector<std::unique_ptr<transfer>> transfers_;
    std::size_t working_ = 0;
    std::uint64_t opened_ = 0;
    std::uint64_t resumed_ = 0;
    bool complained_ = false;
};

} // namespace

int main(int argc, char** argv)
{
    const load::options o = load::parse(argc, argv, "load-libcurl");
    if (o.threads != 1) {
        std::cerr << "load-libcurl: a multi handle belongs to one thread\n";
        return 2;
    }
    try {
        check(curl_global_init(CURL_GLOBAL_DEFAULT));
        load::report report{o};
        load::budget budget;
        load_run run{o, report, budget};
        if (o.warmup > 0) {
            budget.limit(o.warmup, 0);
            run.run();
        }
        report.begin();
        budget.limit(o.requests, o.duration);
        run.run();
        report.end();
        // Reused connections are not checked for resumption: it would cost time in every request.
        std::cout << report.json("libcurl", run.opened(),
                                 o.cold ? std::optional{run.resumed()} : std::nullopt)
                  << '\n';
    }
    catch (const std::exception& e) {
        std::cerr << "load-libcurl: " << e.what() << '\n';
        return 1;
    }
}
