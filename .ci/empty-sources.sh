#!/bin/sh
# Gives every manifest of the workspace sources with nothing in them, so that cargo can build the dependencies before
# it sees the code. For the Dockerfile.
set -eu
for manifest in app/Cargo.toml xtask/Cargo.toml xtask/crates/*/Cargo.toml; do
    folder=${manifest%/Cargo.toml}
    mkdir -p "$folder/src"
    : >"$folder/src/lib.rs"
    echo 'fn main() {}' >"$folder/src/main.rs"
    # Targets that a manifest names have to be there.
    awk '/^\[\[bench\]\]/ { folder = "benches" } /^\[\[example\]\]/ { folder = "examples" } /^\[\[test\]\]/ { folder = "tests" }
        /^name = / && folder { gsub(/"/, "", $3); print folder "/" $3 ".rs"; folder = "" }' "$manifest" |
        while read -r target; do
            mkdir -p "$folder/$(dirname "$target")"
            echo 'fn main() {}' >"$folder/$target"
        done
done
