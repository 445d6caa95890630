#!/usr/bin/env bash
# What coverage costs, against LLVM's tools and against cargo-llvm-cov, in one run with warm builds. Needs hyperfine;
# the ratios of the medians are the last lines.
#
#   benches/coverage.sh reports [WORKSPACE] [RUNS]   from the same raw profiles to lcov, Cobertura and pages: ours
#                                                    against llvm-profdata merge and three times llvm-cov
#   benches/coverage.sh run [WORKSPACE] [RUNS]       tests with the same three reports: `cargo xtask test` against
#                                                    `cargo llvm-cov nextest` and two reports from its profiles
#
# LLVM_COV and LLVM_PROFDATA name the tools of the compiler's LLVM version.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
what=${1:-reports}
workspace=$(cd "${2:-$here}" && pwd)
runs=${3:-10}
cov=${LLVM_COV:-llvm-cov-22}
profdata=${LLVM_PROFDATA:-llvm-profdata-22}
LLVM_COV=$(command -v "$cov")
LLVM_PROFDATA=$(command -v "$profdata")
export CARGO_LLVM_COV_SETUP=no LLVM_COV LLVM_PROFDATA

cd "$here"
target=${CARGO_TARGET_DIR:-$here/target}
cargo build --quiet --package xtask --profile xtask
cargo build --quiet --release --package slipway-coverage --example reports
xtask=$target/xtask/xtask
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$workspace"

ratio() {
    python3 - "$work/results.json" "$1" <<'PY'
import json, sys
ours, theirs = (result["median"] for result in json.load(open(sys.argv[1]))["results"])
print(f"{sys.argv[2]}: ours {ours:.3f} s, theirs {theirs:.3f} s, {theirs / ours:.2f} times as long")
PY
}

# The most memory that a command had, in MiB.
peak() {
    python3 - "$@" <<'PY'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
PY
}

case $what in
reports)
    SLIPWAY_COVERAGE_KEEP_PROFILES=true SLIPWAY_MODE=report-only "$xtask" test >"$work/log" 2>&1 ||
        { tail -n 20 "$work/log"; exit 1; }
    built=$(cargo metadata --no-deps --format-version 1 |
        python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')/slipway/coverage
    mapfile -t objects <"$built/objects.txt"
    profiles=$built/profiles
    ls "$profiles"/*.profraw >"$work/list"
    others=()
    for object in "${objects[@]:1}"; do others+=(-object "$object"); done
    ignore='-ignore-filename-regex=(^/rustc/|/\.cargo/|/\.rustup/|(^|/)(tests|examples|benches)/)'
    cat >"$work/theirs" <<SH
set -e
"$LLVM_PROFDATA" merge -sparse --input-files="$work/list" -o "$work/merged"
for format in lcov text; do
    "$LLVM_COV" export -format=\$format "$ignore" -instr-profile="$work/merged" ${objects[0]} ${others[*]} >"$work/\$format"
done
"$LLVM_COV" show -format=html "$ignore" -output-dir="$work/html" -instr-profile="$work/merged" ${objects[0]} ${others[*]} >"$work/show"
SH
    ours=("$target/release/examples/reports" "$profiles" "$workspace" "$work/ours" "${objects[@]}")
    hyperfine --style basic --warmup 1 --runs "$runs" --export-json "$work/results.json" \
        --command-name ours "${ours[*]}" --command-name theirs "sh $work/theirs" >&2
    echo "$(wc -l <"$work/list") profiles, ${#objects[@]} objects; peak memory in MiB:" \
        "ours $(peak "${ours[@]}"), theirs $(peak sh "$work/theirs")"
    ratio "three reports from raw profiles"
    ;;
run)
    cat >"$work/theirs" <<SH
set -e
cargo llvm-cov nextest --workspace --no-fail-fast --lcov --output-path "$work/lcov.info" || true
cargo llvm-cov report --cobertura --output-path "$work/coverage.xml"
cargo llvm-cov report --html --output-dir "$work/html"
SH
    hyperfine --style basic --warmup 1 --runs "$runs" --ignore-failure --export-json "$work/results.json" \
        --command-name ours "$xtask test --skip doctest --mode report-only" \
        --command-name theirs "sh $work/theirs" >&2
    ratio "tests with three reports"
    ;;
*)
    echo "usage: benches/coverage.sh reports|run [WORKSPACE] [RUNS]" >&2
    exit 2
    ;;
esac
