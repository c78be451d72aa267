//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_TEMPORARY_DIRECTORY_HPP
#define CYCLOS_TESTS_TEMPORARY_DIRECTORY_HPP

#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace cyclos::test {

/// A new folder that only this user can read, removed with its contents when the object is
/// destroyed.
class temporary_directory
{
public:
    temporary_directory()
    {
        std::random_device random;
        path_ =
            std::filesystem::temp_directory_path() / ("cyclos-images-" + std::to_string(random()));
        // An existing one may belong to another user, or be a link.
        if (!std::filesystem::create_directory(path_)) {
            throw std::runtime_error{path_.string() + " exists already"};
        }
        std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
    }

    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;

    ~temporary_directory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& path() const noexcept { return path_; }

    /// The path of a file in the folder, which need not exist.
    std::filesystem::path operator/(const std::filesystem::path& name) const
    {
        return path_ / name;
    }

    /// Writes a file into the folder and returns its path.
    std::filesystem::path write(const std::filesystem::path& name, std::string_view content) const
    {
        auto file = path_ / name;
        std::ofstream stream{file, std::ios::binary};
        stream.write(content.data(), static_cast<std::streamsize>(content.size()));
        if (!stream.flush())
            throw std::runtime_error{"cannot write " + file.string()};
        return file;
    }

private:
    std::filesystem::path path_;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_TEMPORARY_DIRECTORY_HPP
