# The Action's image: one static binary in an empty image. It stays root, for the runner's mounts belong to
# another user and GitHub asks for it; `safe.directory` tells git that this is meant.
#
# Releases pass the builder with its digest: --build-arg RUST_IMAGE=docker.io/library/rust:…@sha256:…
ARG RUST_IMAGE=docker.io/library/rust:1.95-bookworm
FROM ${RUST_IMAGE} AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock LICENSE-APACHE LICENSE-MIT README.md THIRD-PARTY-LICENSES.txt ./
COPY src src
# The manifest names them.
COPY benches benches
COPY .ci/image-files ./
# `flsgate explain` prints the rule pages.
COPY docs/rules docs/rules
# The target is named so that build scripts and macros stay dynamic; only the binary is static.
ENV RUSTFLAGS="-C target-feature=+crt-static"
RUN target="$(rustc --print host-tuple)" \
    && cargo build --locked --release --bin flsgate --target "$target" \
    && ./image-files "target/$target/release/flsgate" /image
# What is linked: the crates, Rust's standard library, glibc (LGPL) and parts of GCC's runtime.
RUN mkdir /image/licenses \
    && cp LICENSE-APACHE LICENSE-MIT THIRD-PARTY-LICENSES.txt /image/licenses/ \
    && cp "$(rustc --print sysroot)/share/doc/rust/COPYRIGHT-library.html" /image/licenses/RUST-STANDARD-LIBRARY.html \
    && cp /usr/share/doc/libc6/copyright /image/licenses/GLIBC \
    && cp /usr/share/common-licenses/LGPL-2.1 /image/licenses/LGPL-2.1 \
    && cp /usr/share/doc/libgcc-s1/copyright /image/licenses/LIBGCC
# A binary that judges wrongly must not become an image: the demo blocks.
RUN status=0; /image/flsgate demo --exit-status || status=$?; test "$status" -eq 1

# .ci/image puts these lines around a binary that is compiled elsewhere.
FROM scratch
COPY --from=build /image/ /
# Nor must one that does not start without a system around it.
RUN ["/flsgate", "--version"]
ENTRYPOINT ["/flsgate"]
CMD ["action"]
