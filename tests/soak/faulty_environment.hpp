//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SOAK_FAULTY_ENVIRONMENT_HPP
#define CYCLOS_SOAK_FAULTY_ENVIRONMENT_HPP

#include "integration/support/fault_proxy.hpp"
#include "integration/support/leased_file.hpp"
#include "integration/support/name_service.hpp"
#include "integration/support/temporary_directory.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace cyclos::soak {

/// The name resolution, the files and the network of the clients. Each of them can be made to
/// fail.
class faulty_environment
{
public:
    /// The size of each file; its bytes are the pattern of the embedded server.
    static constexpr std::size_t file_size = 5'000;

    explicit faulty_environment(unsigned short server_port);

    /// The URL of the server through the faulty network.
    std::string url() const { return network_.url(); }

    /// A file to upload. Opening it may block until the next change, or longer.
    std::filesystem::path random_file(std::mt19937_64& random) const;

    const std::filesystem::path& folder() const { return folder_.path(); }

    /// Makes one of them fail, or none, until the next call: each of them once, and after that a
    /// random one.
    void change(std::mt19937_64& random);

    /// Ends the connections, and refuses new ones until the next change.
    void take_server_down();

    /// Ends all faults.
    void heal();

    /// The faults that took effect so far.
    struct counts
    {
        std::size_t files = 0;       ///< Files that an upload waited for.
        std::size_t names = 0;       ///< Name look-ups that waited.
        std::size_t connections = 0; ///< Faults of the network.
    };

    const counts& count() const { return counts_; }

private:
    void plan(const test::incident& incident);
    void hang_files();

    test::fault_proxy network_;
    test::name_service names_{"localhost", {"127.0.0.1"}};
    test::temporary_directory folder_;
    std::vector<std::filesystem::path> files_;
    std::vector<std::unique_ptr<test::leased_file>> hung_;
    std::uint64_t changes_ = 0;
    bool planned_ = false; // a fault of the network, since the last heal()
    counts counts_;
};

} // namespace cyclos::soak

#endif // CYCLOS_SOAK_FAULTY_ENVIRONMENT_HPP
