//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "upload.hpp"

#include <cyclos/sandbox/pictures.hpp>

#include <utility>

namespace cyclos::sandbox {

namespace {

constexpr std::size_t kept_prefix_size = 1024;

}

upload::upload(std::string_view content_type, const limits& allowed, commit on_image)
    : limits_(allowed)
    , commit_(std::move(on_image))
    , parser_(
          content_type, [this](std::string_view bytes) { append(bytes); },
          allowed.strict ? multipart_rules::strict : multipart_rules::tolerant)
{
    if (limits_.digest)
        digest_.emplace();
}

bool upload::write(std::string_view bytes)
{
    received_ += bytes.size();
    if (received_ > limits_.request)
        error_ = empty_reply(413);
    else if (!error_ && !parser_.write(bytes))
        error_ = bad_request(parser_.error());
    return !error_;
}

void upload::append(std::string_view bytes)
{
    size_ += bytes.size();
    if (size_ > limits_.file_size) {
        error_ = input_error("fileUploadSize", {{"maxFileSize", limits_.file_size}});
        return;
    }
    const auto allowed = std::min(limits_.kept, limits_.available);
    if (!limits_.replace_with_pattern && size_ > allowed) {
        error_ = empty_reply(size_ > limits_.kept ? 413 : 507);
        return;
    }
    if (digest_)
        digest_->update(bytes);

    const bool was_whole = kept_.size() + bytes.size() == size_;
    if (was_whole && size_ <= allowed) {
        kept_.append(bytes);
    }
    else if (was_whole) {
        kept_.append(bytes.substr(0, kept_prefix_size));
        kept_.resize(std::min(kept_.size(), kept_prefix_size));
        kept_.shrink_to_fit();
    }
}

reply upload::finish()
{
    if (error_)
        return *std::move(error_);
    if (!parser_.finish())
        return bad_request(parser_.error());

    const auto& part = parser_.part();
    const auto info = inspect_picture(kept_);
    // Some clients do not send the type of the file: detect it.
    const auto declared =
        part.content_type.empty() && info ? info->content_type : part.content_type;
    if (!declared.starts_with("image/"))
        return invalid_property("image", "the file is not an image");
    if (limits_.check_picture && !info)
        return invalid_property("image", "the file is not a readable picture");

    image value{.name = part.file_name,
                .file_name = part.file_name,
                .content_type = info ? info->content_type : declared,
                .declared_type = part.content_type,
                .content = content(size_, std::move(kept_)),
                .sha256 = digest_ ? digest_->finish() : std::string()};
    if (info) {
        value.width = info->width;
        value.height = info->height;
    }
    try {
        return commit_(std::move(value));
    }
    catch (error_reply& error) {
        return std::move(error.reply);
    }
}

} // namespace cyclos::sandbox
