//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "event_text.hpp"
#include "failure.hpp"
#include "models.hpp"
#include "platform.hpp"
#include "progress.hpp"
#include "session.hpp"
#include "sources.hpp"
#include "text.hpp"

#include <cyclos/images.hpp>

#include <boost/asio/error.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tool {

namespace asio = boost::asio;

namespace {

/// A session that has a client.
struct online
{
    online(session& s, cyclos::client& client)
        : images(client)
        , args(s.given.args)
        , out(s.out)
        , whole(s)
    {}

    cyclos::images_api images;
    const arguments& args;
    const console& out;
    const session& whole;
};

/// Prints the result of something that is done: if that cannot be written, the failure says what was done.
template <class Print>
void print_done(const std::string& done, Print print_result)
{
    try {
        print_result();
    }
    catch (const output_failure& error) {
        failure reason;
        reason.status = partly_done;
        reason.kind = "output";
        reason.message = done + ", but " + error.what();
        throw explained(std::move(reason));
    }
}

// --- Those that answer with a model, or with nothing

template <class Model>
asio::awaitable<void> show(online& o, asio::awaitable<Model> operation)
{
    const Model answer = co_await std::move(operation);
    print(o.out, answer);
}

asio::awaitable<void> delete_image(online& o)
{
    return o.images.delete_image(o.args.subject);
}

asio::awaitable<void> view_image(online& o)
{
    return show(o, o.images.view_image(o.args.subject, {.fields = o.args.fields}));
}

asio::awaitable<void> get_ad_images_list_data(online& o)
{
    return show(o, o.images.get_ad_images_list_data(o.args.subject, {.fields = o.args.fields}));
}

asio::awaitable<void> get_user_images_list_data(online& o)
{
    return show(o, o.images.get_user_images_list_data(o.args.subject, {.fields = o.args.fields, .kind = o.args.kind}));
}

asio::awaitable<void> list_ad_images(online& o)
{
    return show(o, o.images.list_ad_images(o.args.subject, {.fields = o.args.fields}));
}

asio::awaitable<void> list_user_images(online& o)
{
    return show(o, o.images.list_user_images(o.args.subject, {.fields = o.args.fields, .kind = o.args.kind}));
}

asio::awaitable<void> list_temp_images(online& o)
{
    return show(o, o.images.list_temp_images({.fields = o.args.fields,
                                              .target = o.args.target,
                                              .guest_key = o.args.guest_key,
                                              .user = o.args.user,
                                              .custom_field = o.args.custom_field,
                                              .custom_field_kind = o.args.custom_field_kind}));
}

asio::awaitable<void> reorder_ad_images(online& o)
{
    return o.images.reorder_ad_images(o.args.subject, o.args.ids);
}

asio::awaitable<void> reorder_profile_images(online& o)
{
    return o.images.reorder_profile_images(o.args.subject, o.args.ids);
}

// --- Uploads

cyclos::source open_source(const arguments& args, const std::string& file)
{
    if (file == "-") {
        return standard_input{args.file_name.empty() ? "image" : args.file_name};
    }
    return cyclos::file_source{path_of(file), args.file_name};
}

/// A file with its bar, while that is uploaded.
template <class Send>
asio::awaitable<cyclos::uploaded_image> upload_file(online& o, progress_display& display, const std::string& file,
                                                    Send& send)
{
    progress_bar bar{display, file == "-" ? "standard input" : text_of(path_of(file).filename())};
    auto content = cyclos::with_progress(open_source(o.args, file),
                                         [&bar](const cyclos::transfer_progress& now) { bar.update(now); });
    cyclos::uploaded_image stored = co_await send(std::move(content));
    bar.finish();
    co_return stored;
}

template <class Send>
asio::awaitable<void> upload_one(online& o, Send send)
{
    cyclos::uploaded_image stored;
    {
        progress_display display{co_await asio::this_coro::executor, o.out.progress()};
        stored = co_await upload_file(o, display, o.args.files.front(), send);
    }
    print_done("stored as " + stored.id, [&] { print(o.out, stored); });
}

// The images of an advertisement, of a user or of a contact info are in the order in which they were stored, and that
// is to be the order of the arguments. Nobody orders temporary images, and so many uploads share the network well.
constexpr std::size_t one_after_the_other = 1;
constexpr std::size_t in_any_order = 4;

file_outcome outcome_of(const online& o, const std::string& file, cyclos::result<cyclos::uploaded_image>& result)
{
    file_outcome outcome;
    outcome.file = file;
    try {
        outcome.stored = result.value();
    }
    catch (...) {
        outcome.reason = explain(std::current_exception(), o.whole.stopped, o.whole.from);
        if (outcome.reason.context && outcome.reason.context->operation.empty()) {
            outcome.reason.message += "; it was not begun";
        }
    }
    return outcome;
}

/// All that became of several files, in one line.
std::string summary_of(const std::vector<file_outcome>& outcomes)
{
    std::string text;
    for (const file_outcome& each : outcomes) {
        text += (text.empty() ? "" : "; ") + each.file +
                (each.stored ? " is stored as " + each.stored->id : ": " + each.reason.message);
    }
    return text;
}

/// Uploads several files, each for itself: what fails does not keep the others from being stored.
template <class Send>
asio::awaitable<void> upload_several(online& o, std::size_t at_once, Send send)
{
    const std::vector<std::string>& files = o.args.files;
    std::vector<cyclos::result<cyclos::uploaded_image>> results;
    {
        progress_display display{co_await asio::this_coro::executor, o.out.progress()};
        const auto upload = [&](const std::string& file) { return upload_file(o, display, file, send); };
        results = co_await cyclos::upload_all(files, at_once, upload);
    }
    std::vector<file_outcome> outcomes;
    outcomes.reserve(files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        outcomes.push_back(outcome_of(o, files[i], results[i]));
    }
    print_done(summary_of(outcomes), [&] { print(o.out, outcomes); });

    const auto is_stored = [](const file_outcome& each) { return each.stored.has_value(); };
    const auto first = std::find_if_not(outcomes.begin(), outcomes.end(), is_stored);
    if (first == outcomes.end()) {
        co_return;
    }
    const auto stored = static_cast<std::size_t>(std::count_if(outcomes.begin(), outcomes.end(), is_stored));
    failure reason = first->reason;
    reason.status = stored > 0 ? partly_done : reason.status;
    reason.message = std::to_string(files.size() - stored) + " of " + std::to_string(files.size()) +
                     " files were not uploaded, the first of them is " + first->file + ": " + reason.message;
    throw explained(std::move(reason));
}

template <class Send>
asio::awaitable<void> upload(online& o, std::size_t at_once, Send send)
{
    return o.args.files.size() == 1 ? upload_one(o, std::move(send)) : upload_several(o, at_once, std::move(send));
}

asio::awaitable<void> upload_ad_image(online& o)
{
    return upload(o, one_after_the_other, [&o](cyclos::source content) {
        return o.images.upload_ad_image(o.args.subject, std::move(content), {.name = o.args.name});
    });
}

asio::awaitable<void> upload_contact_info_image(online& o)
{
    return upload(o, one_after_the_other, [&o](cyclos::source content) {
        return o.images.upload_contact_info_image(o.args.subject, std::move(content), {.name = o.args.name});
    });
}

asio::awaitable<void> upload_contact_info_image_deprecated(online& o)
{
    return upload(o, one_after_the_other, [&o](cyclos::source content) {
        return o.images.upload_contact_info_image_deprecated(o.args.subject, std::move(content), {.name = o.args.name});
    });
}

asio::awaitable<void> upload_temp_image(online& o)
{
    return upload(o, in_any_order, [&o](cyclos::source content) {
        return o.images.upload_temp_image(std::move(content), {.name = o.args.name,
                                                               .target = o.args.target,
                                                               .guest_key = o.args.guest_key,
                                                               .user = o.args.user,
                                                               .custom_field = o.args.custom_field,
                                                               .custom_field_kind = o.args.custom_field_kind});
    });
}

asio::awaitable<void> upload_user_image(online& o)
{
    return upload(o, one_after_the_other, [&o](cyclos::source content) {
        return o.images.upload_user_image(o.args.subject, std::move(content),
                                          {.kind = o.args.kind, .name = o.args.name});
    });
}

// --- Downloads

/// Finds a target that cannot be written to before anything is asked for. @throws refusal
asio::awaitable<void> check_target(const std::filesystem::path& target, cyclos::save_options how)
{
    const auto outcome = co_await cyclos::as_result(cyclos::check_save_target(target, how));
    if (outcome) {
        co_return;
    }
    if (outcome.error().code() == cyclos::errc::target_exists) {
        throw refusal(text_of(target) + " exists already; --force replaces it");
    }
    if (outcome.error().code() == cyclos::errc::target_failed) {
        throw refusal("cannot write " + outcome.error().context().detail);
    }
    throw outcome.error();
}

template <class Open>
asio::awaitable<void> print_content(online& o, Open open)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    native_stream target{executor, standard::output};
    progress_display display{executor, o.out.progress() && !is_terminal(standard::output)}; // not into the content
    progress_bar bar{display, o.args.subject};
    cyclos::image_content content = co_await open();
    content.on_progress([&bar](const cyclos::transfer_progress& now) { bar.update(now); });
    constexpr std::size_t block_size = 128 * 1024;
    const auto block = std::make_unique_for_overwrite<char[]>(block_size);
    while (const std::size_t bytes = co_await content.read_some(asio::buffer(block.get(), block_size))) {
        cyclos::error_code ec;
        co_await target.write(asio::buffer(block.get(), bytes), ec);
        if (ec == asio::error::operation_aborted) {
            throw boost::system::system_error(ec);
        }
        if (ec) {
            throw output_failure("the content cannot be written: " + ec.message());
        }
    }
    bar.finish();
}

template <class Open>
asio::awaitable<void> save_content(online& o, Open open, std::filesystem::path target)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const cyclos::save_options how{.overwrite = o.args.force};
    co_await check_target(target, how);
    std::string type;
    std::uint64_t bytes = 0;
    {
        progress_display display{executor, o.out.progress()};
        progress_bar bar{display, text_of(target.filename())};
        cyclos::image_content content = co_await open();
        content.on_progress([&bar](const cyclos::transfer_progress& now) { bar.update(now); });
        bytes = co_await content.save_to(target, how);
        type = content.content_type();
        bar.finish();
    }
    if (o.out.json()) {
        boost::json::object saved;
        saved["file"] = text_of(target);
        saved["contentType"] = type;
        saved["length"] = bytes;
        print_done("saved " + text_of(target), [&] { o.out.result(boost::json::value(std::move(saved))); });
    }
    else {
        o.out.note("saved " + text_of(target) + " (" + human_size(bytes) + ", " + type + ")");
    }
}

template <class Open>
asio::awaitable<void> download(online& o, std::string_view key, Open open)
{
    const std::filesystem::path target = path_of(o.args.output.empty() ? cyclos::safe_file_name(key) : o.args.output);
    // /dev/stdout, for one, is standard output by another name, be it a file, a pipe or a terminal.
    if (o.args.output == "-" || is_standard_output(target)) {
        return print_content(o, std::move(open));
    }
    return save_content(o, std::move(open), target);
}

cyclos::image_content_options size_of(const arguments& args)
{
    return {.width = args.width, .height = args.height};
}

asio::awaitable<void> get_image_content(online& o)
{
    return download(o, o.args.subject, [&o] { return o.images.get_image_content(o.args.subject, size_of(o.args)); });
}

asio::awaitable<void> get_image_content_by_id(online& o)
{
    return download(o, o.args.subject,
                    [&o] { return o.images.get_image_content_by_id(o.args.subject, size_of(o.args)); });
}

asio::awaitable<void> get_image_content_deprecated(online& o)
{
    return download(o, o.args.file, [&o] {
        return o.images.get_image_content_deprecated(o.args.image_kind.value(), o.args.file, size_of(o.args));
    });
}

// ---

using operation = asio::awaitable<void> (*)(online&);

const std::map<std::string_view, operation> operations{
    {"delete-image", delete_image},
    {"get-ad-images-list-data", get_ad_images_list_data},
    {"get-image-content", get_image_content},
    {"get-image-content-by-id", get_image_content_by_id},
    {"get-image-content-deprecated", get_image_content_deprecated},
    {"get-user-images-list-data", get_user_images_list_data},
    {"list-ad-images", list_ad_images},
    {"list-temp-images", list_temp_images},
    {"list-user-images", list_user_images},
    {"reorder-ad-images", reorder_ad_images},
    {"reorder-profile-images", reorder_profile_images},
    {"upload-ad-image", upload_ad_image},
    {"upload-contact-info-image", upload_contact_info_image},
    {"upload-contact-info-image-deprecated", upload_contact_info_image_deprecated},
    {"upload-temp-image", upload_temp_image},
    {"upload-user-image", upload_user_image},
    {"view-image", view_image},
};

} // namespace

void prepare_operation(session& s)
{
    s.connection = s.given.connection;
    const std::vector<std::string>& files = s.given.args.files;
    const bool from_input = std::find(files.begin(), files.end(), "-") != files.end();
    if (s.connection.password_file == "-" && from_input) {
        throw refusal("standard input cannot be both the password and the image");
    }
    if (files.size() > 1 && (from_input || !s.given.args.file_name.empty())) {
        throw refusal("standard input and --filename are for one file alone");
    }
    complete_from_environment(s.connection);
    s.from = caller_of(s.connection);
}

asio::awaitable<void> run_operation(session& s)
{
    cyclos::config config = make_config(s.connection);
    if (s.given.verbose) {
        config.on_event = [&out = s.out](const cyclos::client_event& event) { out.event(describe(event)); };
    }
    cyclos::client client{co_await asio::this_coro::executor, config};
    online o{s, client};
    s.out.event("begins at " + *s.connection.url + " as " + describe_credentials(s.connection));
    try {
        co_await operations.at(s.given.command)(o);
    }
    catch (...) {
        // While the client is there: when it has gone, so have the descriptors that it may have been one too many of.
        throw explained(explain(std::current_exception(), s.stopped, s.from));
    }
}

} // namespace tool
