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

/// What an operation needs: the session, and a handle of the client.
struct operation_context
{
    operation_context(tool::session& s, cyclos::client& client)
        : images(client)
        , args(s.options.args)
        , out(s.out)
        , session(s)
    {}

    cyclos::images_api images;
    const arguments& args;
    const console& out;
    const tool::session& session;
};

/// Prints the result of a completed operation. If that fails, the error must not hide that the
/// operation was completed, which @p summary says.
template <class Print>
void print_completed(const std::string& summary, Print print_result)
{
    try {
        print_result();
    }
    catch (const output_error& error) {
        failure reason;
        reason.status = partially_done;
        reason.kind = "output";
        reason.message = summary + ", but " + error.what();
        throw command_failure(std::move(reason));
    }
}

// --- Operations that return a model or nothing

template <class Model>
asio::awaitable<void> print_result_of(operation_context& op, asio::awaitable<Model> operation)
{
    const Model result = co_await std::move(operation);
    print(op.out, result);
}

asio::awaitable<void> delete_image(operation_context& op)
{
    return op.images.delete_image(op.args.subject);
}

asio::awaitable<void> view_image(operation_context& op)
{
    return print_result_of(op, op.images.view_image(op.args.subject, {.fields = op.args.fields}));
}

asio::awaitable<void> get_ad_images_list_data(operation_context& op)
{
    return print_result_of(
        op, op.images.get_ad_images_list_data(op.args.subject, {.fields = op.args.fields}));
}

asio::awaitable<void> get_user_images_list_data(operation_context& op)
{
    return print_result_of(
        op, op.images.get_user_images_list_data(op.args.subject,
                                                {.fields = op.args.fields, .kind = op.args.kind}));
}

asio::awaitable<void> list_ad_images(operation_context& op)
{
    return print_result_of(op,
                           op.images.list_ad_images(op.args.subject, {.fields = op.args.fields}));
}

asio::awaitable<void> list_user_images(operation_context& op)
{
    return print_result_of(
        op, op.images.list_user_images(op.args.subject,
                                       {.fields = op.args.fields, .kind = op.args.kind}));
}

asio::awaitable<void> list_temp_images(operation_context& op)
{
    return print_result_of(
        op, op.images.list_temp_images({.fields = op.args.fields,
                                        .target = op.args.target,
                                        .guest_key = op.args.guest_key,
                                        .user = op.args.user,
                                        .custom_field = op.args.custom_field,
                                        .custom_field_kind = op.args.custom_field_kind}));
}

asio::awaitable<void> reorder_ad_images(operation_context& op)
{
    return op.images.reorder_ad_images(op.args.subject, op.args.ids);
}

asio::awaitable<void> reorder_profile_images(operation_context& op)
{
    return op.images.reorder_profile_images(op.args.subject, op.args.ids);
}

// --- Uploads

cyclos::source make_source(const arguments& args, const std::string& file)
{
    if (file == "-") {
        return standard_input_source{args.file_name.empty() ? "image" : args.file_name};
    }
    return cyclos::file_source{path_of(file), args.file_name};
}

/// Uploads one file and shows a progress bar.
template <class Send>
asio::awaitable<cyclos::uploaded_image>
upload_file(operation_context& op, progress_display& display, const std::string& file, Send& send)
{
    progress_bar bar{display, file == "-" ? "standard input" : text_of(path_of(file).filename())};
    const cyclos::progress_hook update = [&bar](const cyclos::transfer_progress& now) {
        bar.update(now);
    };
    const auto images = op.images.with({.progress = &update});
    cyclos::uploaded_image stored = co_await send(images, make_source(op.args, file));
    bar.finish();
    co_return stored;
}

template <class Send>
asio::awaitable<void> upload_one(operation_context& op, Send send)
{
    cyclos::uploaded_image stored;
    {
        progress_display display{co_await asio::this_coro::executor, op.out.shows_progress()};
        stored = co_await upload_file(op, display, op.args.files.front(), send);
    }
    print_completed("stored as " + stored.id, [&] { print(op.out, stored); });
}

// Images of advertisements, users and contact information are in the order of their uploads, which
// must be the order of the arguments. Temporary images have no order, so they are uploaded
// concurrently.
constexpr std::size_t sequential = 1;
constexpr std::size_t concurrent = 4;

file_outcome outcome_of(const operation_context& op, const std::string& file,
                        cyclos::result<cyclos::uploaded_image>& result)
{
    file_outcome outcome;
    outcome.file = file;
    try {
        outcome.stored = result.value();
    }
    catch (...) {
        outcome.reason =
            explain(std::current_exception(), op.session.stopped_by, op.session.caller);
        if (outcome.reason.context && outcome.reason.context->operation.empty()) {
            outcome.reason.message += "; it was not started";
        }
    }
    return outcome;
}

/// The outcomes of several files, in one line.
std::string summary_of(const std::vector<file_outcome>& outcomes)
{
    std::string text;
    for (const file_outcome& outcome : outcomes) {
        text += (text.empty() ? "" : "; ") + outcome.file +
                (outcome.stored ? " is stored as " + outcome.stored->id
                                : ": " + outcome.reason.message);
    }
    return text;
}

/// Uploads several files. If one upload fails, the others continue.
template <class Send>
asio::awaitable<void> upload_several(operation_context& op, std::size_t concurrency, Send send)
{
    const std::vector<std::string>& files = op.args.files;
    std::vector<cyclos::result<cyclos::uploaded_image>> results;
    {
        progress_display display{co_await asio::this_coro::executor, op.out.shows_progress()};
        const auto upload = [&](const std::string& file) {
            return upload_file(op, display, file, send);
        };
        results = co_await cyclos::upload_all(files, concurrency, upload);
    }
    std::vector<file_outcome> outcomes;
    outcomes.reserve(files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        outcomes.push_back(outcome_of(op, files[i], results[i]));
    }
    print_completed(summary_of(outcomes), [&] { print(op.out, outcomes); });

    const auto is_stored = [](const file_outcome& each) { return each.stored.has_value(); };
    const auto first = std::find_if_not(outcomes.begin(), outcomes.end(), is_stored);
    if (first == outcomes.end()) {
        co_return;
    }
    const auto stored =
        static_cast<std::size_t>(std::count_if(outcomes.begin(), outcomes.end(), is_stored));
    failure reason = first->reason;
    reason.status = stored > 0 ? partially_done : reason.status;
    reason.message = std::to_string(files.size() - stored) + " of " + std::to_string(files.size()) +
                     " files were not uploaded, the first of them is " + first->file + ": " +
                     reason.message;
    throw command_failure(std::move(reason));
}

template <class Send>
asio::awaitable<void> upload(operation_context& op, std::size_t concurrency, Send send)
{
    return op.args.files.size() == 1 ? upload_one(op, std::move(send))
                                     : upload_several(op, concurrency, std::move(send));
}

asio::awaitable<void> upload_ad_image(operation_context& op)
{
    return upload(op, sequential, [&op](const cyclos::images_api& images, cyclos::source content) {
        return images.upload_ad_image(op.args.subject, std::move(content), {.name = op.args.name});
    });
}

asio::awaitable<void> upload_contact_info_image(operation_context& op)
{
    return upload(op, sequential, [&op](const cyclos::images_api& images, cyclos::source content) {
        return images.upload_contact_info_image(op.args.subject, std::move(content),
                                                {.name = op.args.name});
    });
}

asio::awaitable<void> upload_contact_info_image_deprecated(operation_context& op)
{
    return upload(op, sequential, [&op](const cyclos::images_api& images, cyclos::source content) {
        return images.upload_contact_info_image_deprecated(op.args.subject, std::move(content),
                                                           {.name = op.args.name});
    });
}

asio::awaitable<void> upload_temp_image(operation_context& op)
{
    return upload(op, concurrent, [&op](const cyclos::images_api& images, cyclos::source content) {
        return images.upload_temp_image(std::move(content),
                                        {.name = op.args.name,
                                         .target = op.args.target,
                                         .guest_key = op.args.guest_key,
                                         .user = op.args.user,
                                         .custom_field = op.args.custom_field,
                                         .custom_field_kind = op.args.custom_field_kind});
    });
}

asio::awaitable<void> upload_user_image(operation_context& op)
{
    return upload(op, sequential, [&op](const cyclos::images_api& images, cyclos::source content) {
        return images.upload_user_image(op.args.subject, std::move(content),
                                        {.kind = op.args.kind, .name = op.args.name});
    });
}

// --- Downloads

/// Checks, before the request is sent, that a file can be written. @throws command_rejected
asio::awaitable<void> check_target(const std::filesystem::path& target,
                                   cyclos::save_options options)
{
    const auto outcome = co_await cyclos::as_result(cyclos::check_save_target(target, options));
    if (outcome) {
        co_return;
    }
    if (outcome.error().code() == cyclos::errc::target_exists) {
        throw command_rejected(text_of(target) + " exists already; give --force to replace it");
    }
    if (outcome.error().code() == cyclos::errc::target_failed) {
        throw command_rejected("cannot write " + outcome.error().context().detail);
    }
    throw outcome.error();
}

template <class Open>
asio::awaitable<void> print_content(operation_context& op, Open open)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    native_stream target{executor, standard_stream::output};
    // On a terminal, progress bars would be in the middle of the content.
    progress_display display{executor,
                             op.out.shows_progress() && !is_terminal(standard_stream::output)};
    progress_bar bar{display, op.args.subject};
    const cyclos::progress_hook update = [&bar](const cyclos::transfer_progress& now) {
        bar.update(now);
    };
    cyclos::image_content content = co_await open(op.images.with({.progress = &update}));
    constexpr std::size_t block_size = 128 * 1024;
    const auto block = std::make_unique_for_overwrite<char[]>(block_size);
    while (const std::size_t bytes =
               co_await content.read_some(asio::buffer(block.get(), block_size))) {
        cyclos::error_code ec;
        co_await target.write(asio::buffer(block.get(), bytes), ec);
        if (ec == asio::error::operation_aborted) {
            throw boost::system::system_error(ec);
        }
        if (ec) {
            throw output_error("the content cannot be written: " + ec.message());
        }
    }
    bar.finish();
}

template <class Open>
asio::awaitable<void> save_content(operation_context& op, Open open, std::filesystem::path target)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const cyclos::save_options options{.overwrite = op.args.force};
    co_await check_target(target, options);
    std::string type;
    std::uint64_t bytes = 0;
    {
        progress_display display{executor, op.out.shows_progress()};
        progress_bar bar{display, text_of(target.filename())};
        const cyclos::progress_hook update = [&bar](const cyclos::transfer_progress& now) {
            bar.update(now);
        };
        cyclos::image_content content = co_await open(op.images.with({.progress = &update}));
        bytes = co_await content.save_to(target, options);
        type = content.content_type();
        bar.finish();
    }
    if (op.out.uses_json()) {
        boost::json::object saved;
        saved["file"] = text_of(target);
        saved["contentType"] = type;
        saved["length"] = bytes;
        print_completed("saved " + text_of(target),
                        [&] { op.out.print_result(boost::json::value(std::move(saved))); });
    }
    else {
        op.out.print_note("saved " + text_of(target) + " (" + human_size(bytes) + ", " + type +
                          ")");
    }
}

template <class Open>
asio::awaitable<void> download(operation_context& op, std::string_view key, Open open)
{
    const std::filesystem::path target =
        path_of(op.args.output.empty() ? cyclos::safe_file_name(key) : op.args.output);
    // A path such as /dev/stdout is standard output, whether that is a file, a pipe or a terminal.
    if (op.args.output == "-" || is_standard_output(target)) {
        return print_content(op, std::move(open));
    }
    return save_content(op, std::move(open), target);
}

cyclos::image_content_options size_options(const arguments& args)
{
    return {.width = args.width, .height = args.height};
}

asio::awaitable<void> get_image_content(operation_context& op)
{
    return download(op, op.args.subject, [&op](const cyclos::images_api& images) {
        return images.get_image_content(op.args.subject, size_options(op.args));
    });
}

asio::awaitable<void> get_image_content_by_id(operation_context& op)
{
    return download(op, op.args.subject, [&op](const cyclos::images_api& images) {
        return images.get_image_content_by_id(op.args.subject, size_options(op.args));
    });
}

asio::awaitable<void> get_image_content_deprecated(operation_context& op)
{
    return download(op, op.args.file, [&op](const cyclos::images_api& images) {
        return images.get_image_content_deprecated(op.args.image_kind.value(), op.args.file,
                                                   size_options(op.args));
    });
}

// ---

using operation = asio::awaitable<void> (*)(operation_context&);

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
    s.connection = s.options.connection;
    const std::vector<std::string>& files = s.options.args.files;
    const bool from_standard_input = std::find(files.begin(), files.end(), "-") != files.end();
    if (s.connection.password_file == "-" && from_standard_input) {
        throw command_rejected("standard input cannot be both the password and the image");
    }
    if (files.size() > 1 && (from_standard_input || !s.options.args.file_name.empty())) {
        throw command_rejected("standard input and --filename are allowed for a single file only");
    }
    complete_from_environment(s.connection);
    s.caller = identify_caller(s.connection);
}

asio::awaitable<void> run_operation(session& s)
{
    cyclos::config config = make_config(s.connection);
    if (s.options.verbose) {
        config.on_event = [&out = s.out](const cyclos::client_event& event) {
            out.print_event(describe(event));
        };
    }
    cyclos::client client{co_await asio::this_coro::executor, config};
    operation_context op{s, client};
    s.out.print_event("using " + *s.connection.url + " as " + describe_credentials(s.connection));
    try {
        co_await operations.at(s.options.command)(op);
    }
    catch (...) {
        // Explain the error while the client exists: its destructor closes connections, and then
        // the explanation could not tell that the process has run out of descriptors.
        throw command_failure(explain(std::current_exception(), s.stopped_by, s.caller));
    }
}

} // namespace tool
