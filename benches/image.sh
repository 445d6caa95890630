#!/usr/bin/env bash
# How long an image takes from the compiled program to the registry: the embedded builder and the own client, against
# `docker build` and `docker push` of the same program. Warm, with one line of the program changed before each run; compiling
# is left out on both sides. Then what a push asks that has nothing to push, and how large the images are and how soon they
# serve. Needs an engine that answers, docker-registry, skopeo and python3.
#
#   benches/image.sh [RUNS] [WEIGHT]     default: 5 runs; the content of the file WEIGHT becomes part of the program
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
runs=${1:-5}
weight=${2:+$(realpath "$2")}
cd "$here"
cargo build --quiet --package xtask --profile xtask
xtask=${CARGO_TARGET_DIR:-$here/target}/xtask/xtask
# What is built from here on belongs to the copy below.
unset CARGO_TARGET_DIR
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
env = { APP_LISTEN = "0.0.0.0:8080" }
[[smoke]]
name = "serve"
port = 8080
http = [{ path = "/health/ready" }]
TOML
if [ -n "$weight" ]; then
    cp "$weight" "$work/service/src/weight"
    echo "#[used] static WEIGHT: [u8; $(stat -c %s "$weight")] = *include_bytes!(\"weight\");" >>"$work/service/src/lib.rs"
fi
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
ENV APP_LISTEN=0.0.0.0:8080
DOCKERFILE
# A number of the last run: a Python expression over its only image `i`.
recorded() {
    python3 -c "import json; i = json.load(open('reports/run.json'))['images'][0]; print($1)"
}
ours=() theirs=()
for run in $(seq 0 "$runs"); do
    echo "#[used] static CHANGED_$run: u32 = $run; // one line" >>src/lib.rs
    git -c user.name=b -c user.email=b@example.com commit -qam "change $run"
    "$xtask" image push -q --mode report-only >/dev/null 2>&1 || true
    # Program and configuration are new, or it is not what is measured here.
    [ "$(recorded "i['pushed']['uploaded'] >= 2")" = True ] || { echo "run $run: the program did not change" >&2 && exit 1; }
    mine=$(recorded "i['builder']['duration_ms'] + i['pushed']['duration_ms']")
    parts=$(recorded "f\"build {i['builder']['duration_ms']}, push {i['pushed']['duration_ms']}\"")
    cp target/slipway/image/target/release/app "$layout/app"
    started=$(date +%s%N)
    DOCKER_BUILDKIT=1 docker build -q -t "127.0.0.1:$port/bench/engine:latest" "$layout" >/dev/null
    docker push -q "127.0.0.1:$port/bench/engine:latest" >/dev/null
    peer=$((($(date +%s%N) - started) / 1000000))
    # The first run warms both up.
    [ "$run" -eq 0 ] || { ours+=("$mine") && theirs+=("$peer"); }
    echo "run $run: embedded $mine ms ($parts), engine $peer ms" >&2
done
python3 - "${ours[*]}" "${theirs[*]}" <<'PY'
import statistics, sys
ours, theirs = (statistics.median(map(int, numbers.split())) for numbers in sys.argv[1:])
print(f"embedded {ours:.0f} ms, docker build and push {theirs:.0f} ms, ratio {theirs / ours:.1f}")
PY

# The same again: the registry's own log says what the client asked before the pull, whose first request is a GET.
seen=$(wc -l <"$work/registry.log")
"$xtask" image push -q --mode report-only >/dev/null 2>&1 || true
tail -n "+$((seen + 1))" "$work/registry.log" | python3 -c '
import collections, itertools, re, sys
methods = (found[1] for line in sys.stdin if (found := re.search(r"\"(GET|HEAD|POST|PUT|PATCH) /v2/\S* HTTP", line)))
asked = list(itertools.takewhile(lambda method: method != "GET", methods))
others = collections.Counter(method for method in asked if method != "HEAD")
print(f"unchanged push: {len(asked)} requests,", f"not all HEAD: {dict(others)}" if others else "all HEAD")
'

# Each image is run once: size as it is pulled and unpacked, and the time from its start to its first answer.
row() {
    local name=$1 && shift
    "$@" -q --mode report-only >/dev/null 2>&1 || true
    recorded "f\"| {'$name':<32} | {i['contents']['size'] / 1e6:>9.2f} | {i['contents']['unpacked'] / 1e6:>11.2f} | {i['smoke'][0]['ready_ms'] or '-':>8} |\""
}
echo '| image, and what runs it          | packed MB | unpacked MB | ready ms |'
echo '|----------------------------------|-----------|-------------|----------|'
row 'embedded, process sandbox' env DOCKER_HOST="unix://$work/none" "$xtask" image smoke
row 'embedded, engine' "$xtask" image smoke
# Of what comes from a registry, the deployment looks at the contents.
row 'docker build, engine' "$xtask" cd --image "127.0.0.1:$port/bench/engine"
docker image rm "127.0.0.1:$port/bench/engine:latest" >/dev/null
