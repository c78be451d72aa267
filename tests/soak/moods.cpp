//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "soak/moods.hpp"

#include <chrono>
#include <string>

namespace cyclos::soak {

namespace {

using namespace std::chrono_literals;
using sandbox::ending;

/// A record of TLS: handshake_failure.
const std::string fatal_alert{"\x15\x03\x03\x00\x02\x02\x28", 7};

/// One of the ways to end a connection at once.
ending any_end(std::mt19937_64& random)
{
    constexpr ending all[] = {ending::notify, ending::fin, ending::reset};
    return all[random() % 3];
}

unsigned any_status(std::mt19937_64& random)
{
    constexpr unsigned all[] = {400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503, 504};
    return all[random() % std::size(all)];
}

/// What happens to the requests of a mood.
sandbox::misbehaviour any_misbehaviour(std::mt19937_64& random)
{
    sandbox::misbehaviour what;
    what.skip = static_cast<unsigned>(random() % 20);
    what.times = static_cast<unsigned>(1 + random() % 50);
    switch (random() % 14) {
    case 0: what.instead = any_end(random); break;
    case 1:
        what.perform = true;
        what.instead = any_end(random);
        break;
    case 2: what.status = any_status(random); break;
    case 3:
        what.status = 503;
        what.headers = {{"Retry-After", "0"}};
        break;
    case 4:
        what.stop_after = random() % 100'000;
        what.stopped = any_end(random);
        break;
    case 5:
        what.piece = 1 + random() % 100;
        what.piece_delay = 1ms;
        what.times = 5;
        break;
    case 6: what.framing = sandbox::framing::chunked; break;
    case 7: what.framing = sandbox::framing::until_close; break;
    case 8: what.raw = "SSH-2.0-OpenSSH_9.2\r\n"; break;
    case 9: what.answer_delay = 50ms; break;
    case 10: what.end = any_end(random); break;
    case 11:
        what.unsolicited = "HTTP/1.1 408 Request Timeout\r\n\r\n";
        what.unsolicited_delay = std::chrono::milliseconds{random() % 5};
        break;
    case 12: // an answer in the middle of an upload
        what.method = "POST";
        what.read_body = random() % 10'000;
        what.status = 413;
        what.drain_body = random() % 2 == 0;
        break;
    default: // for the timeouts
        what.instead = random() % 2 == 0 ? ending::hang : ending::freeze;
        what.times = 5;
    }
    return what;
}

sandbox::connection_misbehaviour any_connection_misbehaviour(std::mt19937_64& random)
{
    sandbox::connection_misbehaviour what;
    what.times = static_cast<unsigned>(1 + random() % 5);
    switch (random() % 5) {
    case 0: what.before_handshake = any_end(random); break;
    case 1: what.after_handshake = any_end(random); break;
    case 2: what.delay = 20ms; break;
    case 3:
        what.instead_of_handshake = fatal_alert;
        what.before_handshake = any_end(random);
        break;
    default:
        what.instead_of_handshake = "HTTP/1.1 400 Bad Request\r\n\r\n";
        what.before_handshake = any_end(random);
    }
    return what;
}

} // namespace

void change_mood(sandbox::server& server, std::mt19937_64& random)
{
    server.clear_misbehaviours();
    server.pause_accepting(false);
    switch (random() % 10) {
    case 0:
    case 1: break;
    case 2: server.misbehave_on_connect(any_connection_misbehaviour(random)); [[fallthrough]];
    case 3: server.close_all(); break;
    case 4: server.close_idle(any_end(random)); break;
    case 5: server.send_to_idle("HTTP/1.1 408 Request Timeout\r\n\r\n"); break;
    case 6: server.pause_accepting(true); break;
    default: server.misbehave(any_misbehaviour(random));
    }
}

} // namespace cyclos::soak
