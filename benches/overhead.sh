#!/usr/bin/env bash
# How much `cargo xtask ci` costs on top of what it runs: the same commands raw, one after the other, against one
# run of the pipeline, both with warm builds. Needs hyperfine; the ratio of the medians is the last line.
#
#   benches/overhead.sh [WORKSPACE] [RUNS]     default: this repository, 10 runs
#   RUNNER=cargo benches/overhead.sh …         without nextest
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
workspace=$(cd "${1:-$here}" && pwd)
runs=${2:-10}
runner=${RUNNER:-nextest}

cd "$here"
cargo build --quiet --package xtask --profile xtask
xtask=${CARGO_TARGET_DIR:-$here/target}/xtask/xtask
cd "$workspace"
packages=$(cargo metadata --no-deps --format-version 1 |
    python3 -c 'import json,sys; print(" ".join("-p " + p["name"] for p in json.load(sys.stdin)["packages"]))')
case $runner in
nextest) suite='cargo nextest run --workspace --no-fail-fast' ;;
cargo) suite='cargo test --workspace --tests --no-fail-fast' ;;
*) echo "RUNNER is nextest or cargo, not $runner" >&2 && exit 2 ;;
esac
# `|| true`: a finding or a failing test is not what is measured here.
raw="cargo fmt $packages -- --check || true
cargo clippy --workspace --all-targets || true
cargo doc --workspace --no-deps || true
$suite || true
cargo test --workspace --doc --no-fail-fast || true"

export SLIPWAY_TEST_RUNNER=$runner
results=$(mktemp)
trap 'rm -f "$results"' EXIT
hyperfine --style basic --warmup 1 --runs "$runs" --ignore-failure --export-json "$results" \
    --command-name raw "sh -c '$raw'" \
    --command-name 'cargo xtask ci' "$xtask ci --only fmt,clippy,rustdoc,test --mode report-only" >&2
python3 - "$results" <<'PY'
import json, sys
raw, ours = (result["median"] for result in json.load(open(sys.argv[1]))["results"])
print(f"raw {raw:.3f} s, cargo xtask ci {ours:.3f} s, ratio {ours / raw:.3f}")
PY
