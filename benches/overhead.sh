#!/usr/bin/env bash
# How much `cargo xtask ci` costs on top of what it runs: the same commands raw, one after the other, against one
# run of the pipeline, both with warm builds. They take turns: what the machine does meanwhile then falls on both, which it
# does not when all runs of the one come before all runs of the other. Needs hyperfine; the ratio of the medians is the last line.
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
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
declare -A commands=(
    [raw]="sh -c '$raw'"
    [ours]="$xtask ci --only fmt,clippy,rustdoc,test --mode report-only"
)
# One run of one of them, which hyperfine writes to a file of its own.
turn() {
    hyperfine --style none --runs 1 --ignore-failure --export-json "$results/$1-$2.json" "${commands[$1]}" >&2
}
# The first round warms both up; the order changes from round to round, as what comes second finds warmer caches.
for round in $(seq 0 "$runs"); do
    order=(raw ours)
    ((round % 2)) && order=(ours raw)
    for name in "${order[@]}"; do turn "$name" "$round"; done
    [ "$round" -ne 0 ] || rm "$results"/*.json
done
python3 - "$results" <<'PY'
import glob, json, statistics, sys
def seconds(name):
    return {path.rsplit("-", 1)[1]: json.load(open(path))["results"][0]["median"] for path in glob.glob(f"{sys.argv[1]}/{name}-*.json")}
raw, ours = seconds("raw"), seconds("ours")
for number, (one, other) in enumerate(((raw[key], ours[key]) for key in sorted(raw, key=lambda key: int(key.split('.')[0]))), 1):
    print(f"round {number}: raw {one:.3f} s, cargo xtask ci {other:.3f} s, ratio {other / one:.3f}", file=sys.stderr)
of_rounds = statistics.median(ours[key] / raw[key] for key in raw)
raw, ours = statistics.median(raw.values()), statistics.median(ours.values())
print(f"raw {raw:.3f} s, cargo xtask ci {ours:.3f} s, median of the rounds' ratios {of_rounds:.3f}, ratio {ours / raw:.3f}")
PY
