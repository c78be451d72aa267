//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Runs a program that does the same as the first example of the README against the embedded server
// over TLS, and succeeds if the server has received its requests.
//
//   run_against_server PROGRAM [ARGUMENT...]

#include "integration/support/child_process.hpp"
#include "integration/support/temporary_directory.hpp"

#include <cyclos/sandbox/pictures.hpp>
#include <cyclos/sandbox/server.hpp>

#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace sandbox = cyclos::sandbox;

void require(bool holds, const std::string& expectation)
{
    if (!holds) {
        throw std::runtime_error{"expectation not met: " + expectation};
    }
}

std::string read_file(const std::filesystem::path& file)
{
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

void run(std::vector<std::string> command)
{
    sandbox::server server;
    const std::string alice =
        server.store().add_user({.name = "Alice", .password = "secret", .principals = {"alice"}});

    cyclos::test::temporary_directory folder;
    const auto portrait = sandbox::make_picture(640, 480, "image/jpeg");
    folder.write("me.jpg", portrait.bytes);

    cyclos::test::child_process program{{
        .command = std::move(command),
        // OpenSSL reads the system authorities from the last one.
        .environment = {{"CYCLOS_URL", server.url()},
                        {"CYCLOS_PASSWORD", "secret"},
                        {"SSL_CERT_FILE", server.ca_file().string()}},
        .working_directory = folder.path(),
    }};
    const auto end = program.wait();
    std::cout << program.output();
    std::cerr << program.errors();
    require(end.status == 0, "the program ended successfully");

    const auto images = server.store().user_images(alice);
    require(images.size() == 1, "the server has one image of alice's");
    require(images[0].content.kept() == portrait.bytes, "that image is the file, byte for byte");
    require(program.output() == "me.jpg is stored as " + images[0].id + '\n',
            "the program prints the id of the image");

    const auto thumbnail = sandbox::inspect_picture(read_file(folder / "me-200.jpg"));
    require(thumbnail && thumbnail->width == 200,
            "the saved file is a picture of the requested width");
}

} // namespace

int main(int argc, char** argv)
{
    try {
        require(argc > 1, "the first argument is the program to run");
        run({argv + 1, argv + argc});
    }
    catch (const std::exception& e) {
        std::cerr << "run_against_server: " << e.what() << '\n';
        return 1;
    }
}
