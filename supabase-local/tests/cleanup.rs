//! Whatever ends the process, its engines end and its folders go; an engine that ends alone is replaced.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail by panicking

mod common;

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program of this package, running in a folder of its own.
struct Running {
    child: Child,
    folder: PathBuf,
    url: String,
    engines: Vec<(u32, String)>,
}

fn processes() -> Vec<(u32, u32, String, String)> {
    let output = Command::new("ps").args(["-A", "-o", "pid=,ppid=,stat=,comm="]).output().unwrap();
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| {
            let mut words = line.split_whitespace();
            let mut word = || words.next().unwrap_or_default().to_owned();
            (word().parse().unwrap(), word().parse().unwrap(), word(), word())
        })
        .collect()
}

fn start(name: &str) -> Running {
    let folder = std::env::temp_dir().join(format!("sl-test-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_supabase-local"))
        .env("TMPDIR", &folder)
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let mut url = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(value) = line.strip_prefix("SUPABASE_URL=") {
            url = value.to_owned();
        }
        if line.starts_with("SUPABASE_DB_URL=") {
            break;
        }
    }
    assert!(!url.is_empty(), "the program did not start");
    let engines: Vec<(u32, String)> = processes()
        .into_iter()
        .filter(|(_, parent, _, _)| *parent == child.id())
        .map(|(pid, _, _, name)| (pid, name))
        .collect();
    for engine in ["postgres", "postgrest"] {
        assert!(engines.iter().any(|(_, name)| name.ends_with(engine)), "{engine} is not among {engines:?}");
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "one folder for everything");
    Running { child, folder, url, engines }
}

fn assert_gone(running: Running, what: &str) {
    let began = Instant::now();
    loop {
        // A zombie has ended; who reaps it is the business of the machine's first process.
        let alive: Vec<_> = processes()
            .into_iter()
            .filter(|(pid, _, state, _)| {
                !state.starts_with('Z') && running.engines.iter().any(|(engine, _)| engine == pid)
            })
            .collect();
        let left = std::fs::read_dir(&running.folder).unwrap().count();
        if alive.is_empty() && left == 0 {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "after {what}: still running {alive:?}, folders left {left}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    println!("after {what} everything was gone in {:?}", began.elapsed());
    assert!(std::net::TcpStream::connect(running.url.strip_prefix("http://").unwrap()).is_err());
    std::fs::remove_dir(&running.folder).unwrap();
}

fn signal(target: &str, signal: &str) {
    assert!(Command::new("kill").args(["-s", signal, "--", target]).status().unwrap().success());
}

#[test]
fn killed() {
    let mut running = start("kill");
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    assert_gone(running, "SIGKILL");
}

#[test]
fn terminated_without_a_handler() {
    let mut running = start("term");
    signal(&running.child.id().to_string(), "TERM");
    assert!(!running.child.wait().unwrap().success());
    assert_gone(running, "SIGTERM");
}

#[test]
fn interrupted_as_a_terminal_does() {
    let mut running = start("int");
    signal(&format!("-{}", running.child.id()), "INT");
    assert!(running.child.wait().unwrap().success(), "Ctrl-C is the orderly end");
    assert_gone(running, "SIGINT to the whole process group");
}

#[tokio::test]
async fn a_postgrest_that_died_is_replaced_by_the_next_request() {
    // The other tests of this file have their engines in other processes.
    let stack = supabase_local::Stack::builder().sql("create table t (id int primary key)").start().await.unwrap();
    let servers = || -> Vec<u32> {
        let ours = std::process::id();
        processes()
            .into_iter()
            .filter(|(_, parent, state, name)| {
                *parent == ours && name.ends_with("postgrest") && !state.starts_with('Z')
            })
            .map(|(pid, ..)| pid)
            .collect()
    };
    let before = servers();
    assert_eq!(before.len(), 1, "{before:?}");
    signal(&before[0].to_string(), "KILL");
    while !servers().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    // Its first thread may have ended a moment before the others: until then it is a server that does not answer.
    let mut answer = common::get(stack.url(), stack.anon_key(), "/rest/v1/t").await;
    for _ in 0..50 {
        if answer.status != 503 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        answer = common::get(stack.url(), stack.anon_key(), "/rest/v1/t").await;
    }
    assert_eq!((answer.status, answer.body.as_str()), (200, "[]"), "{answer:?}");
    assert_ne!(servers(), before);
    stack.stop().await.unwrap();
}
