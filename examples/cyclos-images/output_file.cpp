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
#include <cerrno>
#include <random>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace tool {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, int number)
{
    throw refusal("cannot write " + file.string() + ": " + std::generic_category().message(number));
}

} // namespace

output_file::output_file(const boost::asio::any_io_executor& executor, std::filesystem::path target, bool replace)
    : target_(std::move(target))
    , replace_(replace)
    , stream_(executor)
{
    std::error_code unknown;
    const auto status = std::filesystem::status(target_, unknown);
    if (std::filesystem::is_character_file(status)) {
        open_device();
        return;
    }
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        throw refusal("cannot write " + target_.string() + ": it is no file");
    }
    if (std::filesystem::exists(status) && !replace_) {
        throw refusal(target_.string() + " exists already; --force replaces it");
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
    const int file = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) {
        refuse(target_, errno);
    }
    stream_.assign(file);
}

void output_file::open_beside()
{
    std::random_device random;
    auto name = target_;
    name += '.' + std::to_string(random()) + ".part";
    const int file = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) {
        refuse(target_, errno);
    }
    temporary_ = std::move(name);
    stream_.assign(file);
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
        throw output_failure("cannot write " + target_.string() + ": " + failure.message());
    }
    temporary_.clear();
}

/// Makes an empty file of the target's name: a rename would replace what has come to be there meanwhile.
void output_file::take_name()
{
    const int file = ::open(target_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) {
        throw output_failure("cannot write " + target_.string() + ": " + std::generic_category().message(errno));
    }
    ::close(file);
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
