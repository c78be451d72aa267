//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "cyclos-images/text.hpp"

#include <doctest/doctest.h>

using namespace tool;

TEST_CASE("what text takes on a terminal")
{
    CHECK(columns("") == 0);
    CHECK(columns("a.png") == 5);
    CHECK(columns("Möbius") == 6);
    CHECK(columns("Mo\xcc\x88"
                  "bius") == 6); // an o, and the dots for it
    CHECK(columns("写真.png") == 8);
    CHECK(columns("🌅") == 2);
    CHECK(columns("\x1b[1mbold\x1b[m") == 4);
    CHECK(columns("\x1b[1") == 0);
    CHECK(padded("写真", 6) == "写真  ");
    CHECK(padded("Möbius", 3) == "Möbius");
}

TEST_CASE("text is cut off between characters")
{
    CHECK(shortened("a.png", 5) == "a.png");
    CHECK(shortened("a.png", 3) == "a.p");
    CHECK(shortened("Möbius", 2) == "Mö");
    CHECK(shortened("写真.png", 3) == "写");
    CHECK(shortened("写真.png", 4) == "写真");
    CHECK(shortened("Mo\xcc\x88"
                    "bius",
                    2) == "Mo\xcc\x88"); // with its dots
    CHECK(shortened("a.png", 0).empty());
}

TEST_CASE("what a terminal would obey is not printable")
{
    CHECK(printable("a\x1b[2Jb\nc") == "a?[2Jb?c");
    CHECK(printable("写真 Möbius") == "写真 Möbius");
    CHECK(printable("\xc3") == "?");
    CHECK(printable("\xed\xa0\x80") == "???"); // half of a pair of UTF-16
    CHECK(printable("\xc2\x9b"
                    "2J") == "?2J"); // the beginning of a sequence in one character
}

TEST_CASE("sizes and times for people")
{
    CHECK(human_size(0) == "0 B");
    CHECK(human_size(1023) == "1023 B");
    CHECK(human_size(1536) == "1.5 KiB");
    CHECK(human_size(1024 * 1024 - 1) == "1.0 MiB");
    CHECK(human_time(std::chrono::seconds{7}) == "0:07");
    CHECK(human_time(std::chrono::seconds{3723}) == "1:02:03");
}
