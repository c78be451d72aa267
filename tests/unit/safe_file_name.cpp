//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/safe_file_name.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <string_view>

using cyclos::safe_file_name;
using namespace std::string_literals;

TEST_SUITE("safe_file_name")
{
    TEST_CASE("safe_file_name: a safe name is unchanged")
    {
        for (const std::string name :
             {"chair.jpg", "demo-portrait.png", "7762070814178015001",
              "möbius 猫 👩‍👧.png", "a..b", "console.png", "com10"}) {
            CHECK(safe_file_name(name) == name);
        }
    }

    TEST_CASE("safe_file_name: only the last segment of a path is kept")
    {
        CHECK(safe_file_name("../../up.png") == "up.png");
        CHECK(safe_file_name("/etc/passwd") == "passwd");
        CHECK(safe_file_name("..\\back.png") == "back.png");
        CHECK(safe_file_name("x/") == "image");
        CHECK(safe_file_name("") == "image");
        CHECK(safe_file_name("", "picture") == "picture");
    }

    TEST_CASE("safe_file_name: the result is no hidden file, option or folder")
    {
        CHECK(safe_file_name(".") == "_");
        CHECK(safe_file_name("..") == "__");
        CHECK(safe_file_name(".profile") == "_profile");
        CHECK(safe_file_name("-rf") == "_rf");
        CHECK(safe_file_name("a.") == "a_");
        CHECK(safe_file_name("a ") == "a_");
    }

    TEST_CASE("safe_file_name: characters with a special meaning are replaced")
    {
        CHECK(safe_file_name("a\nb\x1b[31m") == "a_b_[31m");
        CHECK(safe_file_name("a\0b"s) == "a_b");
        CHECK(safe_file_name("c:d*e?f\"g<h>i|j") == "c_d_e_f_g_h_i_j");
        CHECK(safe_file_name("exe.\u202egpj") == "exe._gpj");
        CHECK(safe_file_name("a\u0085b\u2028c\u2066d\u200ee") == "a_b_c_d_e");
    }

    TEST_CASE("safe_file_name: the result is valid UTF-8")
    {
        CHECK(safe_file_name("\xff\xfe") == "__");
        CHECK(safe_file_name("a\xc3") == "a_");                // truncated
        CHECK(safe_file_name("a\xc0\xaf") == "a__");           // an overlong slash
        CHECK(safe_file_name("a\xe0\x80\xaf") == "a___");      // the same
        CHECK(safe_file_name("a\xed\xa0\x80") == "a___");      // a surrogate
        CHECK(safe_file_name("a\xf4\x90\x80\x80") == "a____"); // beyond the last code point
    }

    TEST_CASE("safe_file_name: names of Windows devices are changed")
    {
        CHECK(safe_file_name("nul") == "_nul");
        CHECK(safe_file_name("CON.png") == "_CON.png");
        CHECK(safe_file_name("lpt1.tar.gz") == "_lpt1.tar.gz");
        CHECK(safe_file_name("aux .txt") == "_aux .txt");
        for (const std::string digit : {"0", "9", "\u00b9", "\u00b2", "\u00b3"}) {
            CHECK(safe_file_name("com" + digit + ".png") == "_com" + digit + ".png");
            CHECK(safe_file_name("LPT" + digit) == "_LPT" + digit);
        }
        CHECK(safe_file_name("com\u00b4") == "com\u00b4");
    }

    TEST_CASE(
        "safe_file_name: a long name is truncated at a character boundary, and keeps its extension")
    {
        CHECK(safe_file_name(std::string(300, 'x') + ".png") == std::string(196, 'x') + ".png");
        CHECK(safe_file_name(std::string(300, 'x')) == std::string(200, 'x'));
        std::string wide;
        for (int n = 0; n < 100; ++n) {
            wide += "猫";
        }
        const std::string name = safe_file_name(wide + ".jpeg");
        CHECK(name == wide.substr(0, 195) + ".jpeg");
        CHECK(safe_file_name(wide + "x").size() == 198);
        CHECK(safe_file_name("x." + std::string(300, 'y')).size() == 200);
        CHECK(safe_file_name("nul." + std::string(300, 'y')) == "_nul." + std::string(195, 'y'));
        CHECK(safe_file_name("con" + std::string(300, ' ') + ".png") ==
              "_con" + std::string(192, ' ') + ".png");
        CHECK(safe_file_name("con" + std::string(300, ' ') + "x") ==
              "con" + std::string(196, ' ') + "_");
    }

    TEST_CASE("safe_file_name: any two bytes give the name of a file in the current folder")
    {
        for (unsigned one = 0; one < 256; ++one) {
            for (unsigned other = 0; other < 256; ++other) {
                const std::string text{static_cast<char>(one), static_cast<char>(other)};
                const std::filesystem::path path{safe_file_name(text)};
                CHECK(path.filename() == path);
                CHECK(path != ".");
                CHECK(path != "..");
                CHECK_FALSE(path.empty());
            }
        }
    }
}
