//! What the realtime tests share: a stack, a table, and a proxy that breaks things.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)] // helpers; each file uses some

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use supabase_local::{SharedStack, Stack};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub static STACK: SharedStack = SharedStack::new(|| {
    Stack::builder().sql(
        "create table planets (id bigint primary key, name text not null, radius float8, map bytea, tags text[]);
         create table notes (id bigint primary key, owner uuid not null, body text, secret text);
         alter table notes enable row level security;
         create policy own on notes using (owner = auth.uid());
         revoke select on notes from authenticated;
         grant select (id, owner, body) on notes to authenticated;
         create table hidden (id bigint primary key);
         alter publication supabase_realtime add table planets, notes;
         create policy staff on realtime.messages for select to authenticated using (realtime.topic() = 'staff');",
    )
});

/// The future's result, in ten seconds at most.
pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("it took longer than 20 seconds")
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Through,
    /// Connections stay open and nothing passes, in either direction; new ones are accepted and dead.
    BlackHole,
    /// What was connected before this number is cut.
    Cut(usize, bool),
}

/// A TCP proxy that cuts, stalls and swallows, but never removes bytes from a stream that goes on.
pub struct Proxy {
    port: u16,
    mode: Arc<watch::Sender<Mode>>,
    stalled: Arc<Mutex<Option<tokio::time::Instant>>>,
    sockets: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    pub async fn start(target: &str) -> Self {
        let target = target.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mode = Arc::new(watch::Sender::new(Mode::Through));
        let stalled = Arc::new(Mutex::new(None));
        let sockets = Arc::new(AtomicUsize::new(0));
        let (modes, stall, upgraded) = (mode.clone(), stalled.clone(), sockets.clone());
        let task = tokio::spawn(async move {
            let mut number = 0;
            loop {
                let Ok((client, _)) = listener.accept().await else { return };
                number += 1;
                let Ok(server) = TcpStream::connect(&target).await else { continue };
                tokio::spawn(pipe(number, client, server, modes.subscribe(), stall.clone(), upgraded.clone()));
            }
        });
        Self { port, mode, stalled, sockets, task }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many WebSockets have gone through.
    pub fn connections(&self) -> usize {
        self.sockets.load(Ordering::SeqCst)
    }

    /// Cuts everything that is connected.
    pub fn cut(&self) {
        self.mode.send_replace(Mode::Cut(usize::MAX, false));
    }

    /// The same, after the first bytes of a frame that never ends.
    pub fn cut_mid_frame(&self) {
        self.mode.send_replace(Mode::Cut(usize::MAX, true));
    }

    /// A half-open connection: no FIN, no bytes.
    pub fn black_hole(&self) {
        self.mode.send_replace(Mode::BlackHole);
    }

    /// Connections that come from now on work; the ones in the black hole stay there.
    pub fn restore(&self) {
        self.mode.send_replace(Mode::Through);
    }

    /// Nothing passes for so long, and everything after.
    pub fn stall(&self, time: Duration) {
        *self.stalled.lock().unwrap() = Some(tokio::time::Instant::now() + time);
    }
}

async fn pipe(
    _number: usize,
    mut client: TcpStream,
    mut server: TcpStream,
    mut mode: watch::Receiver<Mode>,
    stalled: Arc<Mutex<Option<tokio::time::Instant>>>,
    sockets: Arc<AtomicUsize>,
) {
    let (mut up, mut down) = ([0; 16384], [0; 16384]);
    mode.mark_unchanged();
    let mut dead = *mode.borrow() == Mode::BlackHole;
    loop {
        let until = *stalled.lock().unwrap();
        if let Some(until) = until.filter(|until| *until > tokio::time::Instant::now()) {
            tokio::time::sleep_until(until).await;
        }
        tokio::select! {
            read = client.read(&mut up), if !dead => match read {
                Ok(count) if count > 0 => {
                    if up[..count].starts_with(b"GET /realtime/v1/websocket") {
                        sockets.fetch_add(1, Ordering::SeqCst);
                    }
                    let until = *stalled.lock().unwrap();
                    if let Some(until) = until { tokio::time::sleep_until(until).await; }
                    if server.write_all(&up[..count]).await.is_err() { return }
                }
                _ => return,
            },
            read = server.read(&mut down), if !dead => match read {
                Ok(count) if count > 0 => {
                    let until = *stalled.lock().unwrap();
                    if let Some(until) = until { tokio::time::sleep_until(until).await; }
                    if client.write_all(&down[..count]).await.is_err() { return }
                }
                _ => return,
            },
            changed = mode.changed() => {
                if changed.is_err() { return }
                match *mode.borrow_and_update() {
                    Mode::BlackHole => dead = true,
                    Mode::Cut(_, mid_frame) => {
                        if mid_frame {
                            // The head of a text frame of 100 bytes, and three of them.
                            let _ = client.try_write(&[0x81, 100, b'[', b'n', b'u']);
                        }
                        return;
                    }
                    Mode::Through => {}
                }
            }
        }
    }
}

/// As the generator writes a table.
#[allow(non_camel_case_types)]
pub mod planets {
    use supabase_core::__private::{DecodeError, RowReader, SelectWriter};
    use supabase_core::schema::{self, ColumnInfo};
    use supabase_core::types::Bytea;

    pub struct Table;
    impl schema::Table for Table {
        const NAME: &'static str = "planets";
        const SCHEMA: &'static str = "public";
        const COLUMNS: &'static [ColumnInfo] = &[
            ColumnInfo::new("id", "bigint", false),
            ColumnInfo::new("name", "text", false),
            ColumnInfo::new("radius", "double precision", true),
            ColumnInfo::new("map", "bytea", true),
            ColumnInfo::new("tags", "text[]", true),
        ];
        const REQUIRED: &'static [&'static str] = &["id", "name"];
        const PRIMARY_KEY: &'static [&'static str] = &["id"];
    }

    macro_rules! columns {
        ($($name:ident $sql:ty, $ty:ty, $null:ident, $write:ident;)+) => {$(
            pub struct $name;
            impl schema::Column for $name {
                type Table = Table;
                type Sql = $sql;
                type Ty = $ty;
                type Null = schema::$null;
                type Write = schema::$write;
                const NAME: &'static str = stringify!($name);
            }
        )+};
    }
    columns! {
        id schema::sql::Int8, i64, NotNull, Required;
        name schema::sql::Text, String, NotNull, Required;
        radius schema::sql::Float8, Option<f64>, Nullable, Optional;
        map schema::sql::Bytea, Option<Bytea>, Nullable, Optional;
        tags schema::sql::Array<schema::sql::Text>, Option<Vec<String>>, Nullable, Optional;
    }

    #[derive(Debug, Clone, PartialEq)]
    pub struct Row {
        pub id: i64,
        pub name: String,
        pub radius: Option<f64>,
        pub map: Option<Bytea>,
        pub tags: Option<Vec<String>>,
    }
    impl schema::FromRow for Row {
        type Table = Table;
        fn select(out: &mut SelectWriter<'_>) {
            out.all();
        }
        fn decode(reader: &mut RowReader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                id: reader.column("id")?,
                name: reader.column("name")?,
                radius: reader.column("radius")?,
                map: reader.column("map")?,
                tags: reader.column("tags")?,
            })
        }
    }
    impl schema::HasRow for Table {
        type Row = Row;
    }
}
