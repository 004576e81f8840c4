#!/usr/bin/env bash
# Builds the native Kafka client, the optional dependency @confluentinc/kafka-javascript, from its sources and links it
# into this checkout's node_modules. For machines where its prebuilt binary cannot be downloaded: `npm ci` leaves it out
# there. Needs a C++ compiler, make, Python 3 and the headers of OpenSSL, zlib and zstd (Debian: g++ make python3
# libssl-dev zlib1g-dev libzstd-dev); as root on Debian it installs those that are missing.
#
# A build takes two to five minutes and is kept in the user's cache by version, Node ABI and platform, so that the next
# call takes a second. Does nothing where the client loads already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

package=@confluentinc/kafka-javascript
node=$PWD/node_modules/.bin/node
loads() {
  "$node" -e 'require(process.argv[1])' "$1" >/dev/null 2>&1
}
if loads "$package"; then
  echo "$package loads: nothing to build"
  exit 0
fi

field() {
  "$node" -p 'const lock = require("./package-lock.json").packages; lock["node_modules/" + process.argv[1]][process.argv[2]]' "$package" "$1"
}
version=$(field version)
integrity=$(field integrity)
platform=$("$node" -p '`abi${process.versions.modules}-${process.platform}-${process.arch}`')
node_home=$PWD/node_modules/node-$("$node" -p '`${process.platform}-${process.arch}`')
cache=${XDG_CACHE_HOME:-$HOME/.cache}/openframe/native
built=$cache/kafka-javascript-$version-$platform

has_headers() {
  echo '#include <openssl/ssl.h>
#include <zlib.h>
#include <zstd.h>' | c++ -x c++ -E - >/dev/null 2>&1 && command -v make python3 >/dev/null
}

build() {
  local folder=$1
  if ! has_headers && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq </dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      g++ make python3 libssl-dev zlib1g-dev libzstd-dev </dev/null
  fi
  has_headers || {
    echo "The native Kafka client cannot be built: install a C++ compiler, make, Python 3 and the headers of OpenSSL, zlib and zstd (Debian: apt-get install g++ make python3 libssl-dev zlib1g-dev libzstd-dev)." >&2
    exit 1
  }
  echo "{ \"private\": true, \"dependencies\": { \"$package\": \"$version\" } }" >"$folder/package.json"
  (
    cd "$folder"
    # The lock file's integrity holds here too: the sources are the very ones that the checkout names.
    npm install --ignore-scripts --no-audit --no-fund
    "$node" -e '
      const { packages } = require("./package-lock.json");
      if (packages["node_modules/" + process.argv[1]].integrity !== process.argv[2])
        throw new Error("the sources are not those of package-lock.json");
    ' "$package" "$integrity"
    # The calls that npm makes of node-gyp read Node's headers from here and fetch none.
    export npm_config_nodedir=$node_home
    PATH=$(dirname "$node"):$PATH CKJS_LINKING=dynamic npm_config_build_from_source=true \
      nice -n 5 npm rebuild --foreground-scripts "$package"
  )
  loads "$folder/node_modules/$package"
}

if ! loads "$built/node_modules/$package"; then
  mkdir -p "$cache"
  folder=$(mktemp -d "$cache/build.XXXXXX")
  trap 'rm -rf "$folder"' EXIT
  started=$SECONDS
  if ! build "$folder" >"$folder/build.log" 2>&1; then
    tail -n 40 "$folder/build.log" >&2
    echo "The native Kafka client could not be built." >&2
    exit 1
  fi
  rm -rf "$built"
  mv "$folder" "$built"
  echo "built $package $version in $((SECONDS - started)) s"
fi

mkdir -p "node_modules/${package%/*}"
rm -rf "node_modules/${package:?}"
ln -s "$built/node_modules/$package" "node_modules/$package"
loads "$package"
echo "linked $package $version from $built"
