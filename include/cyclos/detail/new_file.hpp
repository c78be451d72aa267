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
#include <system_error>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::detail {

/** A file that appears under its name whole or not at all. Everything here blocks, and belongs on a file thread.

    It is written beside its target under a name that nobody else has, and gets the target's name when it is
    committed. If it is destroyed before, it is removed. A symbolic link is followed; an existing file keeps its mode,
    and its owner if that is allowed. A pipe or a character device has no name to be replaced: it is written to as it
    is.
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

    ~new_file() { discard(); }

    const std::filesystem::path& target() const noexcept { return target_; }

    /// Creates the file, or says why that is not possible. An existing target is an error unless it may be overwritten.
    void open(bool overwrite, error_code& ec)
    {
        inspect(overwrite, ec);
        if (ec) {
            return;
        }
        if (stream_) {
            open_existing(file_, target_, ec);
            return;
        }
        // Short, whatever the target's name is: names have a limit.
        std::filesystem::path name = resolved_.parent_path() / ("." + random_suffix() + ".part");
        create_file(file_, name, replaces_, ec);
        if (ec) {
            return;
        }
        temporary_ = std::move(name);
        creator_ = process_id();
        if (replaces_) {
            copy_permissions(resolved_, file_, ec);
        }
    }

    /// Says whether open() is possible, and leaves nothing. A pipe is not opened: its reader would see that.
    void check(bool overwrite, error_code& ec)
    {
        inspect(overwrite, ec);
        if (!ec && !stream_) {
            open(overwrite, ec);
            discard();
        }
    }

    void write(std::string_view bytes, error_code& ec)
    {
        while (!bytes.empty() && !ec) {
            bytes.remove_prefix(file_.write(bytes.data(), bytes.size(), ec));
        }
    }

    /// Gives the file its name. With `sync`, its bytes are on the disk before, and its name afterwards. An error of the
    /// latter leaves the file in place.
    void commit(bool overwrite, bool sync, error_code& ec)
    {
        if (sync && !stream_) {
            flush_to_disk(file_, ec);
            if (ec) {
                return;
            }
        }
        file_.close(ec);
        if (ec || stream_) {
            return;
        }
        std::error_code failure;
        if (overwrite) {
            std::filesystem::rename(temporary_, resolved_, failure);
        }
        else {
            // A link fails if the name has been taken meanwhile; a rename would replace that file.
            std::filesystem::create_hard_link(temporary_, resolved_, failure);
            std::error_code ignored;
            if (!failure) {
                std::filesystem::remove(temporary_, ignored);
            }
            else if (failure != std::errc::file_exists) {
                failure.clear();
                take_name_without_links(failure);
            }
        }
        ec = system_error_of(failure);
        if (ec) {
            return;
        }
        temporary_.clear();
        in_place_ = true;
        if (sync) {
            flush_folder(resolved_.parent_path(), ec);
        }
    }

    /// Whether it has its name, be that on the disk or not.
    bool in_place() const noexcept { return in_place_; }

    /// Closes the file, and removes it unless it has its name.
    void discard() noexcept
    {
        error_code ignored;
        file_.close(ignored);
        if (!temporary_.empty() && creator_ == process_id()) { // after a fork it belongs to the parent
            std::error_code also_ignored;
            std::filesystem::remove(temporary_, also_ignored);
        }
        temporary_.clear();
    }

private:
    /// Finds out what the target is.
    void inspect(bool overwrite, error_code& ec)
    {
        using std::filesystem::file_type;
        std::error_code unknown;
        const auto status = std::filesystem::status(target_, unknown);
        switch (status.type()) {
        case file_type::not_found: break;
        case file_type::none: ec = system_error_of(unknown); return; // such as a name that is too long
        case file_type::directory: ec = make_error_code(boost::system::errc::is_a_directory); return;
        case file_type::character:
        case file_type::fifo: stream_ = true; return;
        case file_type::regular:
            if (!overwrite) {
                ec = make_error_code(boost::system::errc::file_exists);
                return;
            }
            replaces_ = true;
            break;
        default: // a socket cannot be written to by its name, and a whole disk should not be
            ec = make_error_code(boost::system::errc::operation_not_supported);
            return;
        }
        std::error_code failure;
        resolved_ = follow_links(target_, failure);
        if (!failure && replaces_ && !std::filesystem::equivalent(resolved_, target_, failure)) {
            failure = std::make_error_code(std::errc::operation_not_supported); // a file that has no name any more
        }
        if (failure) {
            ec = system_error_of(failure);
        }
    }

    /// The path that a symbolic link leads to, there or not.
    static std::filesystem::path follow_links(std::filesystem::path path, std::error_code& ec)
    {
        constexpr int most_links = 40; // as Linux does
        for (int n = 0; n < most_links; ++n) {
            std::error_code none;
            if (!std::filesystem::is_symlink(std::filesystem::symlink_status(path, none))) {
                return path;
            }
            std::filesystem::path next = std::filesystem::read_symlink(path, ec);
            if (ec) {
                return path;
            }
            path = next.is_absolute() ? std::move(next) : path.parent_path() / next;
        }
        ec = std::make_error_code(std::errc::too_many_symbolic_link_levels);
        return path;
    }

    /// For file systems that have no links, such as FAT.
    void take_name_without_links(std::error_code& failure)
    {
        if (rename_unless_exists(temporary_, resolved_, failure)) {
            return;
        }
        boost::beast::file placeholder;
        error_code taken;
        create_file(placeholder, resolved_, false, taken);
        if (taken) {
            failure = taken;
            return;
        }
        placeholder.close(taken);
        failure.clear();
        std::filesystem::rename(temporary_, resolved_, failure);
        if (failure) {
            std::error_code ignored;
            std::filesystem::remove(resolved_, ignored);
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
    std::filesystem::path resolved_; // the target, behind its links
    std::filesystem::path temporary_;
    long creator_ = 0;
    bool replaces_ = false; // an existing file
    bool stream_ = false;   // a pipe or a device
    bool in_place_ = false;
    boost::beast::file file_;
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_NEW_FILE_HPP
