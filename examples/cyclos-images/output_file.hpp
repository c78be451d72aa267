//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_OUTPUT_FILE_HPP
#define CYCLOS_TOOL_OUTPUT_FILE_HPP

#include "platform.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace tool {

/** A file that comes into being whole or not at all.

    It is written beside its target, and takes the target's name in the end. Where it goes before, nothing is left. A
    device, such as /dev/null, is written to as it is.
*/
class output_file
{
public:
    /** Creates it.

        @param replace An existing file may be replaced.
        @throws refusal where that is not possible.
    */
    output_file(const boost::asio::any_io_executor& executor, std::filesystem::path target, bool replace);
    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;
    ~output_file();

    native_stream& stream() noexcept { return stream_; }

    /// Gives the file its name. @throws output_failure
    void commit();

private:
    void open_device();
    void open_beside();
    void take_name();

    std::filesystem::path target_;
    std::filesystem::path temporary_; ///< Empty: there is none.
    bool replace_;
    boost::asio::any_io_executor executor_;
    native_stream stream_;
};

/// The last part of a key, as a name for a file in the current folder: nothing that leads elsewhere, hides or
/// surprises.
std::string file_name_for(std::string_view key);

} // namespace tool

#endif // CYCLOS_TOOL_OUTPUT_FILE_HPP
