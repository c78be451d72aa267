//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Uploads from the source to the server: the sandbox reads a form of any file name and media type,
// read in pieces of any size. The first byte: if it is odd, the length is known. The second: the
// size of the pieces. Then fields, each ended by the byte 0xff: the file name and the media type;
// the rest is the file.

#include "fuzz/support/reference.hpp"
#include "fuzz/support/require.hpp"
#include "fuzz/support/session.hpp"

#include <cyclos/detail/base/utf8.hpp>
#include <cyclos/sandbox/multipart_parser.hpp>

#include <algorithm>
#include <string>

namespace {

using namespace cyclos::fuzz;

class pieces_source final : public cyclos::body_source
{
public:
    std::string bytes;
    std::string name;
    std::string type;
    std::size_t piece = 1;
    bool has_length = false;

    asio::awaitable<void> open() override { co_return; }
    std::optional<std::uint64_t> length() const override
    {
        return has_length ? std::optional<std::uint64_t>{bytes.size()} : std::nullopt;
    }
    std::string file_name() const override { return name; }
    std::string media_type() const override { return type; }

    asio::awaitable<std::size_t> read_some(asio::mutable_buffer target) override
    {
        const std::size_t count = asio::buffer_copy(target, asio::buffer(bytes) + position_,
                                                    std::min(piece, bytes.size() - position_));
        position_ += count;
        co_return count;
    }

private:
    std::size_t position_ = 0;
};

/// A name as in a form: invalid UTF-8 is replaced, and control characters and quotes are escaped.
std::string as_sent(std::string_view name)
{
    std::string result;
    while (!name.empty()) {
        const std::size_t bytes = cyclos::detail::utf8_size(name);
        const auto first = static_cast<unsigned char>(name.front());
        if (bytes == 0) {
            result += cyclos::detail::replacement_character;
        }
        else if (first < 0x20 || first == 0x7f || first == '"') {
            constexpr std::string_view digits = "0123456789ABCDEF";
            result += {'%', digits[first / 16], digits[first % 16]};
        }
        else {
            result += name.substr(0, bytes);
        }
        name.remove_prefix(bytes == 0 ? 1 : bytes);
    }
    return result;
}

/// The expected name in a form, in which a quote cannot be distinguished from its escape.
std::string as_received(std::string_view name)
{
    std::string result;
    while (!name.empty()) {
        const std::string_view next = name.substr(0, 3);
        const bool quote = next == "%22";
        const bool cr = next == "%0D" || next == "%0d";
        const bool lf = next == "%0A" || next == "%0a";
        result += quote ? '"' : cr ? '\r' : lf ? '\n' : name.front();
        name.remove_prefix(quote || cr || lf ? 3 : 1);
    }
    return result;
}

bool is_control(char c)
{
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && c != '\t') || u == 0x7f;
}

/// Nothing, so that it is detected from the bytes, or a type and a subtype without parameters.
bool is_usual_type(std::string_view type)
{
    const auto slash = type.find('/');
    return type.empty() || (slash != 0 && slash + 1 < type.size() &&
                            std::count(type.begin(), type.end(), '/') == 1 &&
                            std::all_of(type.begin(), type.end(), [](char c) {
                                return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                                       c == '/' || c == '-';
                            }));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view input = text_of(data, size);
    pieces_source source;
    source.has_length = take_byte(input) % 2 == 1;
    source.piece = take_byte(input) + 1;
    source.name = take_field(input);
    source.type = take_field(input);
    source.bytes = input;
    const pieces_source given = source;

    operation upload{'u'};
    session run{session::settings("http://127.0.0.1:1/api")};
    run.start_upload(upload, std::move(source));
    run.settle();
    if (upload.result.done) {
        require(upload.result.code == cyclos::errc::invalid_argument &&
                    upload.result.sent == cyclos::sent_state::none,
                "an upload is rejected before it is sent");
        require(std::any_of(given.type.begin(), given.type.end(), is_control),
                "only a value that would break a header is rejected");
        return 0;
    }
    require(run.current() != nullptr, "the upload opens a connection");
    const received_request asked{run.current()->received()};
    require(asked.complete && asked.used == run.current()->received().size(),
            "exactly one complete request is sent");
    run.current()->send("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n42");
    run.settle();
    require(upload.result.complete && upload.result.body == "42", "the upload succeeds");

    std::string content;
    cyclos::sandbox::multipart_parser form{asked.content_type,
                                           [&](std::string_view bytes) { content += bytes; }};
    std::string_view body = asked.body;
    bool well = true;
    while (!body.empty()) { // in pieces, to test the parser
        well = well && form.write(body.substr(0, given.piece));
        body.remove_prefix(std::min(given.piece, body.size()));
    }
    well = well && form.finish();
    require(well || given.name.empty() || !is_usual_type(given.type), "the form is valid");
    if (well) {
        require(content == given.bytes, "the content equals the uploaded file");
        require(form.part().name == "image", "the field has the name image");
        require(form.part().file_name == as_received(as_sent(given.name)),
                "the file name is encoded by the rules");
        require(!is_usual_type(given.type) || given.type.empty() ||
                    form.part().content_type == given.type,
                "the media type is unchanged");
    }
    return 0;
}
