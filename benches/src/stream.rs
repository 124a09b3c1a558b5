//! An answer of a million rows over HTTP, read row by row, and how much memory that takes.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use supabase_core::Client;

use crate::db::planets;

/// What was read, and what it took.
#[derive(Debug)]
pub struct Figures {
    /// How many rows arrived.
    pub rows: u64,
    /// The size of the answer in bytes.
    pub bytes: u64,
    /// By how many bytes the peak of the process's memory rose; `None` where the system does not say.
    pub growth: Option<u64>,
}

/// Streams an answer of so many rows from a server in a thread of this process, whose buffers are in
/// the figure as well.
///
/// # Panics
/// When the rows do not arrive whole and in order.
#[must_use]
pub fn run(rows: u64) -> Figures {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let server = thread::spawn(move || serve(&listener, rows));
    let supabase = Client::new(&url, "key").expect("URL and key are good");

    // A first answer brings what is made once: connection pool, buffers, code.
    let first = runtime.block_on(read(&supabase));
    assert_eq!(first, WARM_UP, "every row arrives");
    let before = peak();
    let read = runtime.block_on(read(&supabase));
    let after = peak();
    assert_eq!(read, rows, "every row arrives");
    let bytes = server.join().expect("the server goes on").expect("the server can write");
    Figures { rows: read, bytes, growth: after.zip(before).map(|(after, before)| after - before) }
}

/// How many rows the first answer has.
const WARM_UP: u64 = 1000;

async fn read(supabase: &Client) -> u64 {
    let mut rows = supabase
        .from(planets::Table)
        .select((planets::id, planets::name, planets::radius_km, planets::has_rings))
        .stream();
    let mut count = 0;
    while let Some(row) = rows.next().await {
        let (id, name, ..) = row.expect("the answer is good");
        assert_eq!(u64::try_from(id), Ok(count), "in order: {name}");
        count += 1;
    }
    count
}

/// Answers two requests, the second with `rows` rows, and gives the size of that answer.
fn serve(listener: &TcpListener, rows: u64) -> io::Result<u64> {
    for rows in [WARM_UP, rows] {
        let (mut stream, _) = listener.accept()?;
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        let bytes = answer(&mut stream, rows)?;
        if rows != WARM_UP {
            return Ok(bytes);
        }
    }
    Ok(0)
}

fn answer(stream: &mut TcpStream, rows: u64) -> io::Result<u64> {
    stream.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
    )?;
    let (mut part, mut bytes) = (String::from("["), 0);
    for at in 0..rows {
        if at > 0 {
            part.push_str(", \n ");
        }
        let written = write!(
            part,
            r#"{{"id":{at},"name":"Planet number {at}","radius_km":{}.5,"has_rings":{}}}"#,
            at % 70_000,
            at.is_multiple_of(2)
        );
        debug_assert!(written.is_ok(), "writing to a String does not fail");
        if part.len() > 30_000 || at + 1 == rows {
            if at + 1 == rows {
                part.push(']');
            }
            write!(stream, "{:x}\r\n{part}\r\n", part.len())?;
            bytes += part.len() as u64;
            part.clear();
        }
    }
    stream.write_all(b"0\r\n\r\n")?;
    Ok(bytes)
}

/// The most memory that the process has had, where the system says.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
