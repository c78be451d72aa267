//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_RECORD_READER_HPP
#define CYCLOS_TESTS_RECORD_READER_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace cyclos::test {

/// Classifies the bytes of one direction of TLS 1.3 by the types and lengths of records, which are
/// not secret.
class record_reader
{
public:
    /// The part of the protocol that a record belongs to.
    enum class kind { handshake, ticket, message };

    struct run
    {
        std::size_t bytes = 0;
        record_reader::kind kind = kind::handshake;
        bool payload = false; ///< Not a record header.
    };

    /// @param tls Otherwise all bytes are messages.
    /// @param skipped Number of application data records that are not messages.
    /// @param kind_of_skipped Their kind.
    record_reader(bool tls, unsigned skipped, kind kind_of_skipped)
        : tls_(tls)
        , skipped_(skipped)
        , kind_of_skipped_(kind_of_skipped)
    {}

    /** The longest prefix of the data, which is not empty, of one kind.

        @param held Whether the next records belong to the handshake, whatever their number.
    */
    run next(std::span<const char> data, bool held)
    {
        if (!tls_) {
            return {data.size(), kind::message, true};
        }
        if (have_ < header_.size()) {
            if (have_ == 0) {
                classify(data.front(), held);
            }
            const std::size_t bytes = std::min(header_.size() - have_, data.size());
            std::copy_n(data.begin(), bytes, header_.begin() + static_cast<std::ptrdiff_t>(have_));
            have_ += bytes;
            left_ = have_ == header_.size()
                        ? std::size_t{static_cast<unsigned char>(header_[3])} * 256 +
                              static_cast<unsigned char>(header_[4])
                        : 1;
            end_of_record();
            return {bytes, kind_, false};
        }
        const std::size_t bytes = std::min(left_, data.size());
        left_ -= bytes;
        end_of_record();
        return {bytes, kind_, true};
    }

    /// Whether a record of application data, which is encrypted, has begun.
    bool encrypted() const noexcept { return encrypted_; }

private:
    void classify(char type, bool held)
    {
        constexpr char application_data = 23;
        if (type != application_data) {
            return; // a later alert has the kind of the record before it
        }
        encrypted_ = true;
        if (held) {
            return;
        }
        kind_ = skipped_ == 0 ? kind::message : kind_of_skipped_;
        skipped_ -= skipped_ == 0 ? 0 : 1;
    }

    void end_of_record()
    {
        if (left_ == 0) {
            have_ = 0;
        }
    }

    bool tls_;
    unsigned skipped_;
    std::array<char, 5> header_{};
    std::size_t have_ = 0;
    std::size_t left_ = 0;
    kind kind_of_skipped_;
    kind kind_ = kind::handshake;
    bool encrypted_ = false;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_RECORD_READER_HPP
