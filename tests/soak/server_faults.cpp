//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "soak/server_faults.hpp"

#include <chrono>
#include <string>

namespace cyclos::soak {

namespace {

using namespace std::chrono_literals;
using sandbox::ending;

/// A TLS record with the alert handshake_failure.
const std::string fatal_alert{"\x15\x03\x03\x00\x02\x02\x28", 7};

/// A random way to end a connection at once.
ending random_end(std::mt19937_64& random)
{
    constexpr ending all[] = {ending::notify, ending::fin, ending::reset};
    return all[random() % 3];
}

unsigned random_status(std::mt19937_64& random)
{
    constexpr unsigned all[] = {400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503, 504};
    return all[random() % std::size(all)];
}

/// A fault of the following requests.
sandbox::misbehaviour random_misbehaviour(std::mt19937_64& random)
{
    sandbox::misbehaviour fault;
    fault.skip = static_cast<unsigned>(random() % 20);
    fault.times = static_cast<unsigned>(1 + random() % 50);
    switch (random() % 14) {
    case 0: fault.instead = random_end(random); break;
    case 1:
        fault.perform = true;
        fault.instead = random_end(random);
        break;
    case 2: fault.status = random_status(random); break;
    case 3:
        fault.status = 503;
        fault.headers = {{"Retry-After", "0"}};
        break;
    case 4:
        fault.stop_after = random() % 100'000;
        fault.stopped = random_end(random);
        break;
    case 5:
        fault.piece = 1 + random() % 100;
        fault.piece_delay = 1ms;
        fault.times = 5;
        break;
    case 6: fault.framing = sandbox::framing::chunked; break;
    case 7: fault.framing = sandbox::framing::until_close; break;
    case 8: fault.raw = "SSH-2.0-OpenSSH_9.2\r\n"; break;
    case 9: fault.answer_delay = 50ms; break;
    case 10: fault.end = random_end(random); break;
    case 11:
        fault.unsolicited = "HTTP/1.1 408 Request Timeout\r\n\r\n";
        fault.unsolicited_delay = std::chrono::milliseconds{random() % 5};
        break;
    case 12: // a response in the middle of an upload
        fault.method = "POST";
        fault.read_body = random() % 10'000;
        fault.status = 413;
        fault.drain_body = random() % 2 == 0;
        break;
    default: // causes timeouts
        fault.instead = random() % 2 == 0 ? ending::hang : ending::freeze;
        fault.times = 5;
    }
    return fault;
}

sandbox::connection_misbehaviour random_connection_misbehaviour(std::mt19937_64& random)
{
    sandbox::connection_misbehaviour fault;
    fault.times = static_cast<unsigned>(1 + random() % 5);
    switch (random() % 5) {
    case 0: fault.before_handshake = random_end(random); break;
    case 1: fault.after_handshake = random_end(random); break;
    case 2: fault.delay = 20ms; break;
    case 3:
        fault.instead_of_handshake = fatal_alert;
        fault.before_handshake = random_end(random);
        break;
    default:
        fault.instead_of_handshake = "HTTP/1.1 400 Bad Request\r\n\r\n";
        fault.before_handshake = random_end(random);
    }
    return fault;
}

} // namespace

void change_server_fault(sandbox::server& server, std::mt19937_64& random)
{
    server.clear_misbehaviours();
    server.pause_accepting(false);
    switch (random() % 10) {
    case 0:
    case 1: break;
    case 2: server.misbehave_on_connect(random_connection_misbehaviour(random)); [[fallthrough]];
    case 3: server.close_all(); break;
    case 4: server.close_idle(random_end(random)); break;
    case 5: server.send_to_idle("HTTP/1.1 408 Request Timeout\r\n\r\n"); break;
    case 6: server.pause_accepting(true); break;
    default: server.misbehave(random_misbehaviour(random));
    }
}

} // namespace cyclos::soak
