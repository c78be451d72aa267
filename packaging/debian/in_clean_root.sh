#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The part of try.sh that runs in the clean root.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Debian's installer writes this file, and mmdebstrap does not.
if [[ ! -e /etc/hosts ]]; then
    echo '127.0.0.1 localhost' >/etc/hosts
fi

install() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@"
}

# The library depends on what it needs; the compiler, CMake and pkg-config
# belong to the project.
install ./libcyclos-images-dev_*.deb
dpkg-query --search '*/libboost_json.so' '*/libboost_url.so' /usr/include/openssl/ssl.h
install g++ cmake make pkgconf

version=$(dpkg-query --show --showformat='${Version}' libcyclos-images-dev)
test "$(pkg-config --modversion cyclos-images)" = "$version"
cmake -S install -B build -D FIRST_EXAMPLE="$PWD/first_example.cpp" -D CYCLOS_IMAGES_VERSION="$version"
cmake --build build
./run_against_server "$PWD/build/consumer"

# The embedded server has its own package, for the tests of a service.
install ./libcyclos-images-sandbox-dev_*.deb
cmake -S sandbox -B build_sandbox
cmake --build build_sandbox
ctest --test-dir build_sandbox --output-on-failure --no-tests=error
test "$(pkg-config --modversion cyclos-images-sandbox)" = "$version"
test -s /usr/share/doc/libcyclos-images-sandbox-dev/copyright

# The tool does not depend on the library package.
install ./cyclos-images_*.deb
apt-get -qq -y purge libcyclos-images-dev libcyclos-images-sandbox-dev
test ! -e /usr/include/cyclos
cyclos-images --version
cyclos-images demo
for file in man/man1/cyclos-images.1 bash-completion/completions/cyclos-images \
    zsh/vendor-completions/_cyclos-images fish/vendor_completions.d/cyclos-images.fish doc/cyclos-images/copyright; do
    test -s "/usr/share/$file"
done
bash -n /usr/share/bash-completion/completions/cyclos-images
apt-get -qq -y purge cyclos-images
test ! -e /usr/bin/cyclos-images
