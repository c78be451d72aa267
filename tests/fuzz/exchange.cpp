//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The whole exchange: two consecutive operations of a client, and a server whose actions are those
// of the input.
//
// The first two bytes name the operations (see session::kinds), the third is the size of reads of a
// content, the fourth, counted from 'a', the size of the pieces that are sent. The rest is a
// script; its marks:
//
//   n  the client runs
//   d  the client runs, and the server reads its bytes
//   o  the other operation starts after the first one has ended
//   c  the server closes its side
//   r  the server closes the connection, with data in flight
//   x  the operation is cancelled

#include "fuzz/support/reference.hpp"
#include "fuzz/support/require.hpp"
#include "fuzz/support/script.hpp"
#include "fuzz/support/session.hpp"

#include <cyclos/sandbox/multipart_parser.hpp>

#include <string>

namespace {

using namespace cyclos::fuzz;
using cyclos::errc;
using cyclos::sent_state;

/// One run: the operations, and their expected results.
class dialogue
{
public:
    dialogue(char first, char second, std::size_t read_size)
        : operations_{operation{first}, operation{second}}
        , read_size_(read_size)
        , session_(session::settings("http://127.0.0.1:1/api"))
    {
        session_.start(operations_[0], read_size_);
        session_.turn();
    }

    void play(script steps, std::size_t piece)
    {
        while (const auto step = steps.next()) {
            switch (step->mark) {
            case 'n': session_.turn(); break;
            case 'd': session_.settle(); break;
            case 'o': other_asked_ = true; break;
            case 'x': session_.cancel(now()); break;
            case 'c':
                if (wire* const w = session_.current()) {
                    w->finish();
                }
                break;
            case 'r':
                if (wire* const w = session_.current()) {
                    w->reset();
                }
                break;
            default: send(step->bytes, piece);
            }
            look();
        }
    }

    void end()
    {
        other_asked_ = true;
        session_.finish(now());
        look();
        session_.finish(now());
        look();
        const auto stats = session_.stats();
        require(stats.in_use == 0 && stats.waiting == 0 && stats.connecting == 0,
                "the pool is empty at the end");
        if (stats.idle > 0) {
            require_reusable();
        }
    }

private:
    operation& now() { return operations_[second_begun_ ? 1 : 0]; }

    void send(std::string_view bytes, std::size_t piece)
    {
        while (!bytes.empty()) {
            const std::string_view next = bytes.substr(0, piece == 0 ? bytes.size() : piece);
            if (wire* const w = session_.current()) {
                w->send(next);
            }
            bytes.remove_prefix(next.size());
            if (!bytes.empty()) {
                session_.turn();
                look();
            }
        }
    }

    /// Checks an operation that has ended, and starts the other one.
    void look()
    {
        if (now().result.done && !judged_[second_begun_ ? 1 : 0]) {
            judged_[second_begun_ ? 1 : 0] = true;
            judge(now());
        }
        if (judged_[0] && other_asked_ && !second_begun_) {
            session_.turn();
            if (session_.stats().idle > 0) {
                require_reusable();
            }
            second_begun_ = true;
            session_.start(operations_[1], read_size_);
            session_.turn();
            look();
        }
    }

    /// The connection of the last attempt. Null if nothing was sent.
    wire* used_by(const operation& call)
    {
        auto& wires = session_.net().wires();
        for (std::size_t n = wires.size(); n > call.first_wire; --n) {
            if (wires[n - 1].arrived() > (n - 1 == call.first_wire ? call.arrived_before : 0)) {
                return &wires[n - 1];
            }
        }
        return nullptr;
    }

    void judge(const operation& call)
    {
        const outcome& result = call.result;
        wire* const w = used_by(call);
        // The result for the caller is checked separately from the response.
        const bool answered =
            result.complete || result.status || result.code == errc::unexpected_response;
        if (w == nullptr) {
            require(!answered, "a request that was not sent has no response");
            require(result.sent == sent_state::none,
                    "a request that was not sent is reported as not sent");
            used_ = nullptr;
            return;
        }
        const bool first = &session_.net().wires()[call.first_wire] == w;
        const std::size_t sent_before = first ? call.sent_before : 0;
        const std::size_t arrived_before = first ? call.arrived_before : 0;
        w->drain();
        const reference said{std::string_view{w->sent()}.substr(sent_before), !w->open()};
        const received_request asked{std::string_view{w->received()}.substr(arrived_before)};
        used_ = w;
        answer_end_ = sent_before + said.used;
        reusable_ = answered && said.complete && said.keep_alive && asked.complete;

        if (result.complete) {
            require(said.complete && said.status / 100 == 2,
                    "a success requires a complete response with status 2xx");
            if (call.kind == 'c') {
                require(result.body == said.body,
                        "the content is the one that the framing delimits");
            }
            if (session::is_upload(call.kind)) {
                judge_upload(call, asked);
            }
        }
        else if (result.status) {
            require(said.has_head && said.status == *result.status,
                    "the status is that of the response");
            const std::string start = said.body.substr(0, 4096);
            require(said.complete ? start == result.error_body
                                  : start.starts_with(result.error_body),
                    "the excerpt is the beginning of the body");
        }
        else if (result.code == errc::unexpected_response) {
            // Such a response is rejected at its header section if that suffices, before its body
            // has arrived.
            require(said.has_head && said.status / 100 == 2,
                    "an unexpected response has a complete head with status 2xx");
        }
        else if (!call.was_cancelled && !w->was_reset()) {
            require(!said.complete, "a complete response is delivered");
        }

        if (result.code && !w->was_reset()) {
            require(result.sent != sent_state::none, "a request that was sent is reported as sent");
            // A request that the server confirmed before it had received all of it counts as sent,
            // unless the operation was cancelled before the client read the confirmation.
            const bool is_confirmed =
                session::is_upload(call.kind) && said.has_head && said.status / 100 == 2;
            require(result.sent == sent_state::complete
                        ? asked.complete || is_confirmed
                        : !asked.complete && !(is_confirmed && !call.was_cancelled),
                    "complete is reported exactly if the whole request was sent");
        }
    }

    static void judge_upload(const operation& call, const received_request& asked)
    {
        // A server that responds early has received less.
        if (!asked.complete) {
            return;
        }
        std::string content;
        cyclos::sandbox::multipart_parser form{asked.content_type,
                                               [&](std::string_view bytes) { content += bytes; }};
        require(form.write(asked.body) && form.finish(), "the form is valid");
        require(content == session::upload_of(call.kind), "the form contains the uploaded file");
    }

    /// The idle connection has no unread bytes.
    void require_reusable()
    {
        require(used_ != nullptr && used_ == session_.current(),
                "an idle connection has carried a request");
        require(reusable_, "a connection is kept only if its message ended properly");
        require(used_->open() && used_->sent().size() == answer_end_,
                "a connection with unread bytes is not kept");
    }

    operation operations_[2];
    std::size_t read_size_;
    session session_;
    bool other_asked_ = false;
    bool second_begun_ = false;
    bool judged_[2] = {false, false};
    wire* used_ = nullptr;
    std::size_t answer_end_ = 0;
    bool reusable_ = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view input = text_of(data, size);
    const auto first = static_cast<char>(take_byte(input));
    const auto second = static_cast<char>(take_byte(input));
    const std::size_t read_size = take_byte(input);
    const std::size_t piece = take_byte(input);
    dialogue run{first, second, read_size * read_size + 1};
    run.play(script{input, "ndoxcr"}, piece < 'a' ? 0 : piece - 'a' + 1);
    run.end();
    return 0;
}
