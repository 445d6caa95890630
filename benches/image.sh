#!/usr/bin/env bash
# How long an image takes from the compiled program to the registry: the embedded builder and the own client, against
# `docker build` and `docker push` of the same program. Warm, with one line of the program changed before each run; compiling
# is left out on both sides. Needs an engine that answers, docker-registry and python3; the ratio of the medians is the last line.
#
#   benches/image.sh [RUNS]     default: 5 runs
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
runs=${1:-5}
cd "$here"
cargo build --quiet --package xtask --profile xtask
xtask=${CARGO_TARGET_DIR:-$here/target}/xtask/xtask
work=$(mktemp -d)
port=$((20000 + RANDOM % 20000))
mkdir -p "$work/registry"
cat >"$work/registry.yml" <<YML
version: 0.1
http: { addr: 127.0.0.1:$port }
storage: { filesystem: { rootdirectory: $work/registry } }
YML
docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
registry=$!
trap 'kill $registry; rm -rf "$work"' EXIT

# A copy of the service, so that a line of it can change.
mkdir "$work/service"
cp -r app/Cargo.toml app/src "$work/service/"
sed -i 's/^\(version\|edition\|rust-version\|license\|publish\)\.workspace = true//; /^\[lints\]/,$d; /^\[dev-dependencies\]/,$d' "$work/service/Cargo.toml"
sed -i 's/^\[package\]/[package]\nversion = "0.1.0"\nedition = "2024"/; s/^clap.workspace = true/clap = { version = "4.6", default-features = false, features = ["std", "derive", "help", "usage", "error-context", "suggestions", "env"] }/; s/^serde.workspace = true/serde = { version = "1", features = ["derive"] }/' "$work/service/Cargo.toml"
printf '/target\n/reports\n' >"$work/service/.gitignore"
cat >"$work/service/slipway.toml" <<TOML
[image]
builder = "embedded"
push = "always"
[[images]]
name = "app"
repository = "127.0.0.1:$port/bench/embedded"
args = ["serve"]
TOML
cp Cargo.lock "$work/service/"
cd "$work/service"
git init -q . && git add -A && git -c user.name=b -c user.email=b@example.com commit -qm one
"$xtask" image build -q >/dev/null
layout=$work/peer
mkdir -p "$layout/root"
# The same libraries, certificates and user below the program.
skopeo copy -q "oci:reports/image:app" "dir:$work/layers"
python3 - "$work/layers" "$layout/root" <<'PY'
import json, sys, tarfile
source, root = sys.argv[1:]
for layer in json.load(open(f"{source}/manifest.json"))["layers"]:
    tarfile.open(f"{source}/{layer['digest'].split(':')[1]}").extractall(root)
PY
rm -rf "$layout/root/app"
cat >"$layout/Dockerfile" <<'DOCKERFILE'
FROM scratch
COPY root/ /
COPY app /app/app
USER 1000:1000
ENTRYPOINT ["/app/app"]
CMD ["serve"]
DOCKERFILE
ours=() theirs=()
for run in $(seq 0 "$runs"); do
    echo "const _: u32 = $run; // one line" >>src/lib.rs
    "$xtask" image push -q --mode report-only >/dev/null 2>&1 || true
    mine=$(python3 -c "import json; i = json.load(open('reports/run.json'))['images'][0]; print(i['builder']['duration_ms'] + i['pushed']['duration_ms'])")
    cp "$(find target/slipway/image/target/release -maxdepth 1 -name app -type f)" "$layout/app"
    started=$(date +%s%N)
    DOCKER_BUILDKIT=1 docker build -q -t "127.0.0.1:$port/bench/engine:latest" "$layout" >/dev/null
    docker push -q "127.0.0.1:$port/bench/engine:latest" >/dev/null
    peer=$((($(date +%s%N) - started) / 1000000))
    # The first run warms both up.
    [ "$run" -eq 0 ] || { ours+=("$mine") && theirs+=("$peer"); }
    echo "run $run: embedded $mine ms, engine $peer ms" >&2
done
docker image rm "127.0.0.1:$port/bench/engine:latest" >/dev/null
python3 - "${ours[*]}" "${theirs[*]}" <<'PY'
import statistics, sys
ours, theirs = (statistics.median(map(int, numbers.split())) for numbers in sys.argv[1:])
print(f"embedded {ours:.0f} ms, docker build and push {theirs:.0f} ms, ratio {theirs / ours:.1f}")
PY
