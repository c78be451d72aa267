//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "cyclos-images/text.hpp"

#include <boost/json.hpp>

#include <doctest/doctest.h>

using namespace tool;

TEST_CASE("tool text: display_width() counts the columns of a terminal")
{
    CHECK(display_width("") == 0);
    CHECK(display_width("a.png") == 5);
    CHECK(display_width("Möbius") == 6);
    CHECK(display_width("Mo\xcc\x88"
                        "bius") == 6); // an o with a combining diaeresis
    CHECK(display_width("写真.png") == 8);
    CHECK(display_width("🌅") == 2);
    CHECK(display_width("⭐⌚✅🟢🀄￥") == 12);
    CHECK(display_width("\u1100\u1161") == 2);     // a Hangul syllable in its parts
    CHECK(display_width("\u2764\ufe0f") == 2);     // a heart with an emoji variation selector
    CHECK(display_width("\u304b\u3099.png") == 6); // a kana with a combining mark
    CHECK(display_width("\x1b[1mbold\x1b[m") == 4);
    CHECK(display_width("\x1b[1") == 0);
    CHECK(padded("写真", 6) == "写真  ");
    CHECK(padded("Möbius", 3) == "Möbius");
}

TEST_CASE("tool text: truncated() cuts between characters")
{
    CHECK(truncated("a.png", 5) == "a.png");
    CHECK(truncated("a.png", 3) == "a.p");
    CHECK(truncated("Möbius", 2) == "Mö");
    CHECK(truncated("写真.png", 3) == "写");
    CHECK(truncated("写真.png", 4) == "写真");
    CHECK(truncated("Mo\xcc\x88"
                    "bius",
                    2) == "Mo\xcc\x88"); // with the diaeresis
    CHECK(truncated("a.png", 0).empty());
}

TEST_CASE("tool text: printable() replaces control characters and invalid UTF-8")
{
    CHECK(printable("a\x1b[2Jb\nc") == "a?[2Jb?c");
    CHECK(printable("写真 Möbius") == "写真 Möbius");
    CHECK(printable("\xc3") == "?");
    CHECK(printable("\xed\xa0\x80") == "???"); // half of a UTF-16 surrogate pair
    CHECK(printable("\xc2\x9b"
                    "2J") == "?2J"); // the beginning of an escape sequence in one character
}

TEST_CASE("tool text: printable() replaces bidirectional and invisible characters")
{
    CHECK(printable("\u202egnp.exe") == "?gnp.exe"); // a bidirectional override
    for (const char* const each : {"\u061c", "\u200b", "\u200f", "\u2028", "\u2066", "\u206f",
                                   "\ufeff", "\u00ad", "\ufffb", "\U000e0041"}) {
        CAPTURE(each);
        CHECK(printable(each) == "?");
    }
    CHECK(printable("\u05e9\u05dc\u05d5\u05dd") ==
          "\u05e9\u05dc\u05d5\u05dd"); // right-to-left text
}

TEST_CASE("tool text: json_line() is valid JSON for any bytes")
{
    const boost::json::value value{{"a\xff", "b\xc3 c"},
                                   {"m\u00f6", "\u202e \u009b \U000e0041 \x1b\n"}};
    const std::string line = json_line(value);
    CHECK(line ==
          "{\"a\ufffd\":\"b\ufffd c\",\"m\u00f6\":\"\\u202e \\u009b \\udb40\\udc41 \\u001b\\n\"}");
    const auto again = boost::json::parse(line);
    CHECK(again.at("m\u00f6") == value.at("m\u00f6")); // escaped characters have the same value
}

TEST_CASE("tool text: human_size() and human_time() format values")
{
    CHECK(human_size(0) == "0 B");
    CHECK(human_size(1023) == "1023 B");
    CHECK(human_size(1536) == "1.5 KiB");
    CHECK(human_size(1024 * 1024 - 1) == "1.0 MiB");
    CHECK(human_time(std::chrono::seconds{7}) == "0:07");
    CHECK(human_time(std::chrono::seconds{3723}) == "1:02:03");
}
