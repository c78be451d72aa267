//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "output_file.hpp"

#include "invocation.hpp"
#include "text.hpp"

#include <algorithm>
#include <random>
#include <system_error>

namespace tool {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const error_code& why)
{
    throw refusal("cannot write " + text_of(file) + ": " + why.message());
}

} // namespace

output_file::output_file(const boost::asio::any_io_executor& executor, std::filesystem::path target, bool replace)
    : target_(std::move(target))
    , replace_(replace)
    , executor_(executor)
{
    std::error_code unknown;
    const auto status = std::filesystem::status(target_, unknown);
    if (is_device(target_)) {
        open_device();
        return;
    }
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        throw refusal("cannot write " + text_of(target_) + ": it is no file");
    }
    if (std::filesystem::exists(status) && !replace_) {
        throw refusal(text_of(target_) + " exists already; --force replaces it");
    }
    open_beside();
}

output_file::~output_file()
{
    if (!temporary_.empty()) {
        std::error_code ignored;
        std::filesystem::remove(temporary_, ignored);
    }
}

void output_file::open_device()
{
    error_code ec;
    stream_ = native_stream::open_device(executor_, target_, ec);
    if (ec) {
        refuse(target_, ec);
    }
}

void output_file::open_beside()
{
    std::random_device random;
    auto name = target_;
    name += '.' + std::to_string(random()) + ".part";
    error_code ec;
    stream_ = native_stream::create(executor_, name, ec);
    if (ec) {
        refuse(target_, ec);
    }
    temporary_ = std::move(name);
}

void output_file::commit()
{
    stream_.close();
    if (temporary_.empty()) {
        return;
    }
    if (!replace_) {
        take_name();
    }
    std::error_code failure;
    std::filesystem::rename(temporary_, target_, failure);
    if (failure) {
        if (!replace_) {
            std::error_code ignored;
            std::filesystem::remove(target_, ignored);
        }
        throw output_failure("cannot write " + text_of(target_) + ": " + failure.message());
    }
    temporary_.clear();
}

/// Makes an empty file of the target's name: a rename would replace what has come to be there meanwhile.
void output_file::take_name()
{
    error_code ec;
    native_stream::create(executor_, target_, ec).close();
    if (ec) {
        throw output_failure("cannot write " + text_of(target_) + ": " + ec.message());
    }
}

std::string file_name_for(std::string_view key)
{
    constexpr std::size_t longest = 200;
    constexpr std::string_view troublesome = ":*?\"<>|";
    key.remove_prefix(key.find_last_of("/\\") + 1);
    key.remove_prefix(key.size() - std::min(key.size(), longest)); // the extension stands at the end
    std::string name = printable(key);
    for (char& c : name) {
        if (troublesome.find(c) != std::string_view::npos) {
            c = '_';
        }
    }
    // A dash begins an option of other programs, a dot a hidden file.
    if (name.starts_with('-') || name.starts_with('.')) {
        name.front() = '_';
    }
    return name.empty() ? "image" : name;
}

} // namespace tool
