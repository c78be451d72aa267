//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "models.hpp"

#include "terminal.hpp"
#include "text.hpp"

#include <cyclos/json.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace tool {
namespace {

std::string size_in_pixels(const cyclos::image& value)
{
    if (!value.width || !value.height) {
        return {};
    }
    return std::to_string(*value.width) + " x " + std::to_string(*value.height);
}

std::string cell(const std::optional<std::string>& value)
{
    return value ? printable(*value) : std::string{};
}

std::string cell(const std::optional<bool>& value)
{
    return !value ? "" : *value ? "yes" : "no";
}

std::string length(const cyclos::image& value)
{
    return value.length ? human_size(*value.length) : std::string{};
}

/// Text with one line for each property that is not empty.
class property_list
{
public:
    explicit property_list(const console& out)
        : colours_(out.uses_colours())
    {}

    void add(std::string_view name, const std::string& value)
    {
        if (!value.empty()) {
            const std::string title = padded(name, 13);
            text_ += (colours_ ? coloured(colour::bold, title) : title) + value + '\n';
        }
    }

    const std::string& text() const noexcept { return text_; }

private:
    bool colours_;
    std::string text_;
};

constexpr std::size_t column_count = 5;
using row = std::array<std::string, column_count>;

/// A table of images. Columns without values are left out.
std::string table(const std::vector<cyclos::image>& images, bool colours)
{
    std::vector<row> rows{{"ID", "NAME", "TYPE", "LENGTH", "PIXELS"}};
    for (const cyclos::image& each : images) {
        rows.push_back({cell(each.id), cell(each.name), cell(each.content_type), length(each),
                        size_in_pixels(each)});
    }
    std::array<std::size_t, column_count> widths{};
    for (std::size_t column = 0; column < column_count; ++column) {
        const auto wider = [column](const row& a, const row& b) {
            return display_width(a[column]) < display_width(b[column]);
        };
        const auto widest = std::max_element(rows.begin() + 1, rows.end(), wider);
        if (widest != rows.end() && !(*widest)[column].empty()) {
            widths[column] =
                std::max(display_width((*widest)[column]), display_width(rows.front()[column]));
        }
    }
    std::string text;
    for (const row& each : rows) {
        std::string line;
        for (std::size_t column = 0; column < column_count; ++column) {
            if (widths[column] > 0) {
                line += padded(each[column], widths[column] + 2);
            }
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += (text.empty() && colours ? coloured(colour::bold, line) : line) + '\n';
    }
    return images.empty() ? "no images\n" : text;
}

template <class Model>
void print_model(const console& out, const Model& value, const std::string& text)
{
    if (out.uses_json()) {
        out.print_result(to_json(value));
    }
    else {
        out.print_result(text);
    }
}

} // namespace

void print(const console& out, const cyclos::image_view& value)
{
    property_list all{out};
    all.add("id", cell(value.id));
    all.add("name", cell(value.name));
    all.add("kind", printable(value.kind.text()));
    all.add("type", cell(value.content_type));
    all.add("length", length(value));
    all.add("pixels", size_in_pixels(value));
    all.add("converted", cell(value.converted_to_jpeg));
    all.add("url", cell(value.url));
    print_model(out, value, all.text());
}

void print(const console& out, const cyclos::images_list_data& value)
{
    property_list all{out};
    all.add("may edit", cell(value.may_edit()));
    all.add("may add", cell(value.can_create));
    all.add("at most", value.max_images ? std::to_string(*value.max_images) : std::string{});
    all.add("availability", printable(value.availability.text()));
    print_model(out, value,
                all.text() + (value.images ? table(*value.images, out.uses_colours()) : ""));
}

void print(const console& out, const cyclos::uploaded_image& value)
{
    property_list all{out};
    all.add("id", printable(value.id));
    all.add("location", cell(value.location));
    print_model(out, value, all.text());
}

void print(const console& out, const std::vector<cyclos::image>& value)
{
    print_model(out, value, table(value, out.uses_colours()));
}

bool may_be_stored(const file_outcome& outcome)
{
    // An error of a gateway does not tell whether the server behind it has stored the image.
    const unsigned status = outcome.reason.http_status.value_or(0);
    return !outcome.stored && (status == 0 || (status >= 502 && status <= 504)) &&
           outcome.reason.context && outcome.reason.context->sent == cyclos::sent_state::complete;
}

void print(const console& out, const std::vector<file_outcome>& outcomes)
{
    boost::json::array all;
    std::string text;
    for (const file_outcome& each : outcomes) {
        boost::json::object line;
        line["file"] = each.file;
        const std::string file = padded(printable(each.file), 20) + "  ";
        if (each.stored) {
            line["status"] = "stored";
            line["sent"] = to_string(cyclos::sent_state::complete);
            const boost::json::value stored = to_json(*each.stored);
            line.insert(stored.as_object().begin(), stored.as_object().end());
            text += file + printable(each.stored->id) + '\n';
        }
        else {
            line["status"] = may_be_stored(each) ? "unknown" : "failed";
            line["error"] = each.reason.kind;
            if (each.reason.http_status) {
                line["httpStatus"] = *each.reason.http_status;
            }
            for (const auto& detail : details_of(each.reason)) {
                line[detail.key()] = detail.value();
            }
            text += file + (may_be_stored(each) ? "unknown: " : "not stored: ") +
                    printable(each.reason.message) + '\n';
        }
        all.push_back(std::move(line));
    }
    if (out.uses_json()) {
        out.print_result(boost::json::value(std::move(all)));
    }
    else {
        out.print_result(text);
    }
}

} // namespace tool
