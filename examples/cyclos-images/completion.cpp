//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "completion.hpp"

namespace tool {

std::string completion(const grammar& g, std::string_view shell)
{
    return shell == "bash"  ? completion_for_bash(g)
           : shell == "zsh" ? completion_for_zsh(g)
                            : completion_for_fish(g);
}

} // namespace tool
