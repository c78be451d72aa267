//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_NEW_FILE_HPP
#define CYCLOS_DETAIL_BASE_NEW_FILE_HPP

#include <cyclos/detail/base/native_file.hpp>
#include <cyclos/detail/config.hpp>

#include <boost/beast/core/file.hpp>
#include <boost/system/error_code.hpp>

#include <openssl/rand.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/** A file that appears under its name complete or not at all. All functions block, so they run on a
    file thread.

    The content is written to a temporary file with a random name in the directory of the target;
    commit() renames it to the target. If the object is destroyed before that, the temporary file is
    removed. Symbolic links are followed. A file that is replaced passes on its mode, and its owner
    if the process may set it. A pipe or a character device cannot be replaced: it is written to
    directly.
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

    /// Creates the temporary file, or reports why that is impossible. An existing target is an
    /// error unless `overwrite` is set.
    void open(bool overwrite, error_code& ec)
    {
        inspect(overwrite, ec);
        if (ec) {
            return;
        }
        if (is_stream_) {
            open_existing(file_, target_, ec);
            return;
        }
        // The temporary name does not depend on the target's name, which may have the maximum
        // length already.
        std::filesystem::path name = resolved_.parent_path() / ("." + random_suffix() + ".part");
        create_file(file_, name, replaces_, ec);
        if (ec) {
            return;
        }
        temporary_ = std::move(name);
        creator_pid_ = process_id();
        if (replaces_) {
            copy_permissions(resolved_, file_, ec);
        }
    }

    /// Reports whether open() would succeed, and leaves no file behind. A pipe is not opened,
    /// because its reader would notice.
    void check(bool overwrite, error_code& ec)
    {
        inspect(overwrite, ec);
        if (!ec && !is_stream_) {
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

    /// Gives the file its name. If `durable` is set, its content is on disk before, and its name
    /// afterwards. If flushing the name fails, the file stays in place.
    void commit(bool overwrite, bool durable, error_code& ec)
    {
        if (durable && !is_stream_) {
            flush_to_disk(file_, ec);
            if (ec) {
                return;
            }
        }
        file_.close(ec);
        if (ec || is_stream_) {
            return;
        }
        std::error_code failure;
        if (overwrite) {
            std::filesystem::rename(temporary_, resolved_, failure);
        }
        else {
            // Creating a hard link fails if the name was taken in the meantime. A rename would
            // replace that file.
            std::filesystem::create_hard_link(temporary_, resolved_, failure);
            std::error_code ignored;
            if (!failure) {
                std::filesystem::remove(temporary_, ignored);
            }
            else if (failure != std::errc::file_exists) {
                failure.clear();
                rename_without_links(failure);
            }
        }
        ec = system_error_of(failure);
        if (ec) {
            return;
        }
        temporary_.clear();
        in_place_ = true;
        if (durable) {
            flush_folder(resolved_.parent_path(), ec);
        }
    }

    /// Whether the file has its final name, whether or not the name is on disk.
    bool in_place() const noexcept { return in_place_; }

    /// Closes the file, and removes it unless it has its final name.
    void discard() noexcept
    {
        error_code ignored;
        file_.close(ignored);
        // In a forked child, the temporary file belongs to the parent.
        if (!temporary_.empty() && creator_pid_ == process_id()) {
            std::error_code also_ignored;
            std::filesystem::remove(temporary_, also_ignored);
        }
        temporary_.clear();
    }

private:
    /// Determines the type of the target.
    void inspect(bool overwrite, error_code& ec)
    {
        using std::filesystem::file_type;
        std::error_code status_error;
        const auto status = std::filesystem::status(target_, status_error);
        switch (status.type()) {
        case file_type::not_found: break;
        case file_type::none:
            // For example, the name is too long.
            ec = system_error_of(status_error);
            return;
        case file_type::directory:
            ec = make_error_code(boost::system::errc::is_a_directory);
            return;
        case file_type::character:
        case file_type::fifo: is_stream_ = true; return;
        case file_type::regular:
            if (!overwrite) {
                ec = make_error_code(boost::system::errc::file_exists);
                return;
            }
            replaces_ = true;
            break;
        default:
            // A socket cannot be opened by its name, and a block device must not be overwritten.
            ec = make_error_code(boost::system::errc::operation_not_supported);
            return;
        }
        std::error_code failure;
        resolved_ = follow_links(target_, failure);
        if (!failure && replaces_ && !std::filesystem::equivalent(resolved_, target_, failure)) {
            // The target is an open file that was deleted, reached through /proc/self/fd for
            // example.
            failure = std::make_error_code(std::errc::operation_not_supported);
        }
        if (failure) {
            ec = system_error_of(failure);
        }
    }

    /// The path that a symbolic link resolves to, whether or not it exists.
    static std::filesystem::path follow_links(std::filesystem::path path, std::error_code& ec)
    {
        constexpr int max_links = 40; // the limit of Linux
        for (int n = 0; n < max_links; ++n) {
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

    /// For file systems without hard links, such as FAT.
    void rename_without_links(std::error_code& failure)
    {
        if (rename_unless_exists(temporary_, resolved_, failure)) {
            return;
        }
        boost::beast::file placeholder;
        error_code create_error;
        create_file(placeholder, resolved_, false, create_error);
        if (create_error) {
            failure = create_error;
            return;
        }
        placeholder.close(create_error);
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
    std::filesystem::path resolved_; // the target with symbolic links resolved
    std::filesystem::path temporary_;
    long creator_pid_ = 0;
    bool replaces_ = false;  // an existing file
    bool is_stream_ = false; // a pipe or a device
    bool in_place_ = false;
    boost::beast::file file_;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_NEW_FILE_HPP
