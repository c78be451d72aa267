//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "cyclos-images/secrets.hpp"

#include <doctest/doctest.h>

using namespace tool;

TEST_CASE("tool secrets: redact() replaces each occurrence")
{
    secrets hidden;
    hidden.add("hunter2");
    hidden.add(""); // ignored
    CHECK(hidden.redact("hunter2") == "***");
    CHECK(hidden.redact("hunter2hunter2 is hunter2.") == "****** is ***.");
    CHECK(hidden.redact("hunter3 HUNTER2").ends_with("HUNTER2"));
    CHECK(hidden.redact("").empty());
}

TEST_CASE("tool secrets: redact() replaces a secret in any escaping")
{
    secrets hidden;
    hidden.add("p&\"/ö 𝄞%<\\");
    for (const char* const each : {
             "p&\"/ö 𝄞%<\\", "p%26%22%2F%C3%B6%20%F0%9D%84%9E%25%3C%5C",
             "p%26%22%2f%c3%b6+%f0%9d%84%9e%25%3c%5c", "p&amp;&quot;/&#246; &#x1D11E;%&lt;\\",
             "p&#38;&#x22;/&#xf6; &#119070;%&lt;&#92;", R"(p&\"\/ö 𝄞%<\\)",
             R"(p\u0026\u0022/\u00F6\u0020\ud834\udd1E%\u003c\u005c)",
             "%70%26%22/ö 𝄞%25&lt;\\", // mixed encodings
         }) {
        CAPTURE(each);
        CHECK(hidden.redact(std::string{"it is '"} + each + "'.") == "it is '***'.");
    }
}

TEST_CASE(
    "tool secrets: redact() tries escapes literally and decoded, and the longest secret first")
{
    secrets hidden;
    hidden.add("%25");
    CHECK(hidden.redact("%25 %2525") == "*** ***");
    hidden.add("ab");
    hidden.add("abcd");
    CHECK(hidden.redact("abcd ab") == "*** ***");
    secrets bytes;
    bytes.add("\xff\xc3");
    CHECK(bytes.redact("a\xff\xc3"
                       "b %FF%c3") == "a***b ***");
}
