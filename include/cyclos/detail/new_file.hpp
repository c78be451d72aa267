//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NEW_FILE_HPP
#define CYCLOS_DETAIL_NEW_FILE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/native_file.hpp>

#include <boost/beast/core/file.hpp>
#include <boost/system/error_code.hpp>

#include <openssl/rand.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::detail {

/** A file that comes into being whole or not at all.

    It is written beside its target under a name that nobody else has, and takes the target's name when it is
    committed. Where it is destroyed before, it is removed.
*/
class new_file
{
public:
    using error_code = boost::system::error_code;

    explicit new_file(std::filesystem::path target)
        : target_(std::move(target))
    {}

    new_file(const new_file&) = delete;
    new_file& operator=(const new_file&) = delete;

    ~new_file()
    {
        if (!temporary_.empty()) {
            error_code ignored;
            file_.close(ignored);
            std::error_code also_ignored;
            std::filesystem::remove(temporary_, also_ignored);
        }
    }

    const std::filesystem::path& target() const noexcept { return target_; }

    /// Creates the file. An existing target is an error at once where it is not to be replaced.
    void open(bool overwrite, error_code& ec)
    {
        std::error_code status;
        if (!overwrite && std::filesystem::exists(target_, status)) {
            ec = make_error_code(boost::system::errc::file_exists);
            return;
        }
        if (std::filesystem::is_directory(target_, status)) {
            ec = make_error_code(boost::system::errc::is_a_directory);
            return;
        }
        if (std::filesystem::is_other(target_, status)) {
            // A device or a pipe would be replaced by a file of its name.
            ec = make_error_code(boost::system::errc::operation_not_supported);
            return;
        }
        std::filesystem::path name = target_;
        name += '.' + random_suffix() + ".part";
        open_file(file_, name, boost::beast::file_mode::write_new, ec);
        if (!ec) {
            temporary_ = std::move(name);
        }
    }

    void write(std::string_view bytes, error_code& ec)
    {
        while (!bytes.empty() && !ec) {
            bytes.remove_prefix(file_.write(bytes.data(), bytes.size(), ec));
        }
    }

    /// Gives the file its name. With `sync`, its bytes are on the disk before.
    void commit(bool overwrite, bool sync, error_code& ec)
    {
        if (sync) {
            flush_to_disk(file_, ec);
            if (ec) {
                return;
            }
        }
        file_.close(ec);
        if (ec) {
            return;
        }
        std::error_code failure;
        if (overwrite) {
            std::filesystem::rename(temporary_, target_, failure);
        }
        else {
            // A link fails where the name has been taken meanwhile; a rename would replace that file.
            std::filesystem::create_hard_link(temporary_, target_, failure);
            std::error_code ignored;
            if (!failure) {
                std::filesystem::remove(temporary_, ignored);
            }
            else if (failure != std::errc::file_exists) {
                failure.clear();
                take_name_without_links(failure);
            }
        }
        ec = failure;
        if (!ec) {
            temporary_.clear();
        }
    }

private:
    /// For file systems that have no links, such as FAT.
    void take_name_without_links(std::error_code& failure)
    {
        boost::beast::file placeholder;
        error_code taken;
        open_file(placeholder, target_, boost::beast::file_mode::write_new, taken);
        if (taken) {
            failure = taken;
            return;
        }
        placeholder.close(taken);
        std::filesystem::rename(temporary_, target_, failure);
        if (failure) {
            std::error_code ignored;
            std::filesystem::remove(target_, ignored);
        }
    }

    static std::string random_suffix()
    {
        constexpr std::string_view digits = "0123456789abcdef";
        std::array<unsigned char, 8> random{};
        RAND_bytes(random.data(), static_cast<int>(random.size()));
        std::string text;
        for (const unsigned char byte : random) {
            text += digits[byte >> 4U];
            text += digits[byte & 15U];
        }
        return text;
    }

    std::filesystem::path target_;
    std::filesystem::path temporary_;
    boost::beast::file file_;
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_NEW_FILE_HPP
