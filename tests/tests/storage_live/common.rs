//! What these tests share: a stack, content, a folder.

use std::path::{Path, PathBuf};
use std::time::Duration;

use supabase_core::transport::RetryPolicy;
use supabase_core::{Client, ErrorKind};
use supabase_local::{Database, SharedStack, Stack};
use supabase_tests::stack::service;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const MIB: usize = 1024 * 1024;

/// Signed-in users own the folder of their id, in every bucket.
static STACK: SharedStack = SharedStack::new(|| {
    Stack::builder().sql(
        "create policy own on storage.objects for all to authenticated
           using ((storage.foldername(name))[1] = auth.uid()::text)
           with check ((storage.foldername(name))[1] = auth.uid()::text)",
    )
});

/// A database of this test's own with a bucket `b`.
pub(crate) async fn database() -> (Database, Client) {
    let database = STACK.get().await.unwrap().database().await.unwrap();
    database.set_storage_size_limit(4 << 30);
    let client = service(&database).unwrap();
    client.storage().create_bucket("b").await.unwrap();
    (database, client)
}

/// A storage server that is there for one test.
pub(crate) struct Server {
    url: String,
    service_key: String,
    _database: Option<Database>,
}

impl Server {
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn service_key(&self) -> &str {
        &self.service_key
    }
}

/// A server with an empty bucket `b`: a database of this test's own, or the server that `SUPABASE_TEST_STORAGE` names
/// (`URL KEY`, the key being one of the service role). That one is shared: its tests run with `--test-threads 1`.
pub(crate) async fn server() -> (Server, Client) {
    let Ok(named) = std::env::var("SUPABASE_TEST_STORAGE") else {
        let (database, client) = database().await;
        let (url, service_key) = (database.url().to_owned(), database.service_key().to_owned());
        return (Server { url, service_key, _database: Some(database) }, client);
    };
    let (url, key) = named.split_once(' ').expect("URL and key with a blank between");
    let client = Client::new(url, key).unwrap();
    for bucket in ["b", "other", "p", "q"] {
        match client.storage().get_bucket(bucket).await {
            Ok(_) => {
                client.storage().empty_bucket(bucket).await.unwrap();
                client.storage().delete_bucket(bucket).await.unwrap();
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error}"),
        }
    }
    client.storage().create_bucket("b").await.unwrap();
    (Server { url: url.to_owned(), service_key: key.to_owned(), _database: None }, client)
}

/// A client that hardly waits before it tries again.
pub(crate) fn impatient(url: &str, key: &str) -> Client {
    let retry = RetryPolicy::default().waits(Duration::from_millis(10), Duration::from_millis(50));
    Client::builder(url, key).retry(retry).build().unwrap()
}

/// A client that never tries again.
pub(crate) fn once(url: &str, key: &str) -> Client {
    Client::builder(url, key).retry(RetryPolicy::none()).build().unwrap()
}

pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| ((at * 131 + (at >> 8) * 17 + (at >> 16)) % 256) as u8).collect()
}

/// Fetches a URL as somebody without any key.
pub(crate) async fn fetch(url: &str) -> (u16, Vec<u8>) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, target) = rest.split_once('/').unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    stream
        .write_all(format!("GET /{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let at = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let status = std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
    (status, answer[at + 4..].to_vec())
}

/// A folder of this test's own, which goes with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("supabase-tests-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The names in it.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What remains is in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
