//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "platform.hpp"
#include "session.hpp"
#include "text.hpp"

#include <cyclos/images.hpp>
#include <cyclos/sandbox/pictures.hpp>
#include <cyclos/sandbox/server.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace tool {

namespace asio = boost::asio;
namespace sandbox = cyclos::sandbox;

namespace {

// An advertisement of the user demo, which has no images.
constexpr const char* advertisement = "7762070814178013001";

/// A new folder. The destructor removes it with its contents.
class temporary_folder
{
public:
    temporary_folder()
        : path_(std::filesystem::temp_directory_path() /
                ("cyclos-images-demo-" + std::to_string(std::random_device{}())))
    {
        // An existing folder may belong to another user, or be a link to one.
        if (!std::filesystem::create_directory(path_)) {
            throw std::runtime_error(text_of(path_) + " exists already");
        }
    }

    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    ~temporary_folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::filesystem::path operator/(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& file)
{
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

void write_file(const std::filesystem::path& file, const std::string& bytes)
{
    std::ofstream stream{file, std::ios::binary};
    if (!stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush()) {
        throw std::runtime_error("cannot write " + text_of(file));
    }
}

void require(bool expected, const char* text)
{
    if (!expected) {
        throw std::runtime_error(std::string{"unexpected result: "} + text);
    }
}

std::string pixels(unsigned width, unsigned height)
{
    return std::to_string(width) + " x " + std::to_string(height) + " pixels";
}

/// Calls operations step by step, checks their results and prints them.
class demonstration
{
public:
    demonstration(session& s, const sandbox::server& server, const asio::any_io_executor& executor)
        : session_(s)
        , server_(server)
        , client_(executor, settings(server))
        , images_(client_)
    {}

    asio::awaitable<void> run()
    {
        report_step("server", server_.url() + ", with a certificate of a new authority");
        co_await upload();
        co_await view();
        co_await download();
        co_await reorder();
        co_await remove();
        const cyclos::pool_stats stats = co_await client_.stats();
        report_step("done", "all requests went over " + std::to_string(stats.opened) +
                                " TLS connection" + (stats.opened == 1 ? "" : "s"));
    }

private:
    static cyclos::config settings(const sandbox::server& server)
    {
        cyclos::config config{server.url(), cyclos::credentials::basic("demo", "demo")};
        config.tls.ca_file = server.ca_file();
        config.serial_executor = true;
        return config;
    }

    asio::awaitable<void> upload()
    {
        write_file(folder_ / "sunrise.png", original_.bytes);
        report_step("picture", "sunrise.png: " + pixels(original_.width, original_.height) + ", " +
                                   human_size(original_.bytes.size()));

        const auto first = co_await images_.upload_ad_image(
            advertisement, cyclos::file_source(folder_ / "sunrise.png"), {.name = "Sunrise"});
        report_step("upload_ad_image", "from the file: id " + first.id);

        const auto second = co_await images_.upload_ad_image(
            advertisement,
            cyclos::memory_source(sandbox::make_picture(64, 64, "image/gif").bytes, "dot.gif"),
            {.name = "Dot"});
        report_step("upload_ad_image", "from memory: id " + second.id);
        ids_ = {first.id, second.id};
    }

    asio::awaitable<void> view()
    {
        co_await expect_order("list_ad_images");

        const auto details = co_await images_.view_image(ids_.front());
        require(details.width == original_.width && details.height == original_.height,
                "the size of the image");
        report_step("view_image", details.name.value_or("?") + ": " +
                                      details.content_type.value_or("?") + ", " +
                                      pixels(*details.width, *details.height));
    }

    asio::awaitable<void> download()
    {
        auto content = co_await images_.get_image_content(ids_.front());
        const auto bytes = co_await content.save_to(folder_ / "whole.png");
        require(read_file(folder_ / "whole.png") == original_.bytes, "the bytes of the image");
        report_step("get_image_content", human_size(bytes) + ", the same bytes as were uploaded");

        auto thumbnail = co_await images_.get_image_content(ids_.front(), {.width = 80});
        co_await thumbnail.save_to(folder_ / "thumbnail.png");
        const auto info = sandbox::inspect_picture(read_file(folder_ / "thumbnail.png"));
        require(info && info->width == 80 && info->height == 60, "the size of the thumbnail");
        report_step("get_image_content",
                    "80 pixels wide at most: a thumbnail of " + pixels(info->width, info->height));
    }

    asio::awaitable<void> reorder()
    {
        std::swap(ids_.front(), ids_.back());
        co_await images_.reorder_ad_images(advertisement, ids_);
        co_await expect_order("reorder_ad_images");
    }

    asio::awaitable<void> remove()
    {
        const std::string last = ids_.back();
        while (!ids_.empty()) {
            co_await images_.delete_image(ids_.back());
            report_step("delete_image", "id " + ids_.back());
            ids_.pop_back();
        }
        co_await expect_order("list_ad_images");

        const auto gone = co_await cyclos::as_result(images_.view_image(last));
        require(gone.as<cyclos::not_found>() != nullptr, "what is deleted is not found");
        report_step("view_image", std::string{"as expected: "} + gone.error().what());
    }

    /// Checks that the server has exactly the images in `ids_`, in their order.
    asio::awaitable<void> expect_order(const char* operation)
    {
        const auto listed = co_await images_.list_ad_images(advertisement, {.fields = "id,name"});
        std::vector<std::string> found;
        std::string names;
        for (const cyclos::image& image : listed) {
            found.push_back(image.id.value_or(""));
            names += (names.empty() ? "" : ", ") + image.name.value_or("?");
        }
        require(found == ids_, "the images and their order");
        report_step(operation, names.empty() ? "no images" : "now in this order: " + names);
    }

    void report_step(std::string_view step, const std::string& result) const
    {
        if (!session_.options.json) {
            session_.out.print_result(padded(step, 19) + printable(result) + '\n');
            return;
        }
        boost::json::object line;
        line["step"] = step;
        line["result"] = result;
        session_.out.print_result(boost::json::value(std::move(line)));
    }

    session& session_;
    const sandbox::server& server_;
    temporary_folder folder_;
    cyclos::client client_;
    cyclos::images_api images_;
    sandbox::picture original_ = sandbox::make_picture(320, 240);
    std::vector<std::string> ids_;
};

} // namespace

asio::awaitable<void> demo(session& s)
{
    const sandbox::server server;
    demonstration steps{s, server, co_await asio::this_coro::executor};
    co_await steps.run();
}

} // namespace tool
