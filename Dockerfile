# The image of `app`: the program alone, linked statically, as a user that is not root. Build it with BuildKit:
#
#   docker build --tag app .

# Every image that this one is made from, pinned in this one place. Renovate and the like find it here.
ARG RUST_IMAGE=rust:1.95-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082

FROM ${RUST_IMAGE} AS build
WORKDIR /src
# A static program needs no shared library, and so no base image to keep up to date.
ENV RUSTFLAGS="-C target-feature=+crt-static" \
    CARGO_TERM_COLOR=never

# The manifests alone, with nothing behind them: this layer holds the compiled dependencies until one of them changes.
COPY Cargo.toml Cargo.lock ./
COPY app/Cargo.toml app/
COPY xtask/Cargo.toml xtask/
COPY xtask/crates/coverage/Cargo.toml xtask/crates/coverage/
COPY xtask/crates/image/Cargo.toml xtask/crates/image/
COPY .ci/empty-sources.sh /tmp/
# The secret `ca` is a bundle of certificates, for networks that sign TLS anew; without it the image's own are used.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=secret,id=ca \
    if [ -f /run/secrets/ca ]; then export CARGO_HTTP_CAINFO=/run/secrets/ca; fi \
    && sh /tmp/empty-sources.sh \
    && rustc -vV >/tmp/rustc \
    && sed -n 's/^host: //p' /tmp/rustc >/tmp/target \
    && cargo build --locked --release --package app --target "$(cat /tmp/target)" \
    && cargo clean --locked --release --package app --target "$(cat /tmp/target)"

COPY app/src app/src
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=secret,id=ca \
    if [ -f /run/secrets/ca ]; then export CARGO_HTTP_CAINFO=/run/secrets/ca; fi \
    && cargo build --locked --release --package app --target "$(cat /tmp/target)" \
    && install -D --mode=0555 "target/$(cat /tmp/target)/release/app" /image/app/app \
    && chmod 0555 /image/app \
    && mkdir -p /image/etc \
    && echo 'app:x:1000:1000::/nonexistent:/sbin/nologin' >/image/etc/passwd \
    && echo 'app:x:1000:' >/image/etc/group

FROM scratch
COPY --from=build /image/ /
WORKDIR /app
USER 1000:1000
ENV APP_LISTEN=0.0.0.0:8080
EXPOSE 8080/tcp
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s --retries=3 CMD ["/app/app", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/app"]
CMD ["serve"]
