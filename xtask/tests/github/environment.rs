//! The variables of whoever runs the tests.

/// Those that runs of the executable need, or with which they are measured, and these: no CI service, no settings, no flags.
pub(crate) fn kept(more: &[&str]) -> impl Iterator<Item = (String, String)> {
    let usual = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "LLVM_PROFILE_FILE"];
    let kept = usual.into_iter().chain(more.iter().copied());
    kept.filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
}
