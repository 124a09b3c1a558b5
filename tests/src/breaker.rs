//! A proxy between client and server that breaks, slows and stalls connections.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};

/// No bound.
const FREE: u64 = u64::MAX;

/// One way through the proxy.
#[derive(Debug)]
struct Way {
    /// Bytes that may still pass before the connection is cut.
    left: AtomicU64,
    /// Bytes in a second; 0 is as many as come.
    pace: AtomicU64,
    passed: AtomicU64,
    stalled: AtomicBool,
}

impl Default for Way {
    fn default() -> Self {
        Self {
            left: AtomicU64::new(FREE),
            pace: AtomicU64::new(0),
            passed: AtomicU64::new(0),
            stalled: AtomicBool::new(false),
        }
    }
}

/// A listening proxy; it ends with the runtime.
#[derive(Debug)]
pub struct Breaker {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    up: Arc<Way>,
    down: Arc<Way>,
}

impl Breaker {
    /// A proxy in front of this `http` URL.
    ///
    /// # Errors
    /// When there is no port to listen on.
    pub async fn before(url: &str) -> io::Result<Self> {
        let host = url.strip_prefix("http://").unwrap_or(url).to_owned();
        let socket = TcpSocket::new_v4()?;
        // What the system would hold for a slow reader looks like speed.
        socket.set_recv_buffer_size(128 * 1024)?;
        socket.bind(std::net::SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let listener = socket.listen(64)?;
        let url = format!("http://{}", listener.local_addr()?);
        let (up, down) = (Arc::new(Way::default()), Arc::new(Way::default()));
        let this = Self { url, up: Arc::clone(&up), down: Arc::clone(&down) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (host, up, down) = (host.clone(), Arc::clone(&up), Arc::clone(&down));
                tokio::spawn(async move {
                    // Without a server the connection is closed, as a gateway without one does.
                    let Ok(server) = TcpStream::connect(&host).await else { return };
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::select! {
                        () = pass(from_client, to_server, &up) => {}
                        () = pass(from_server, to_client, &down) => {}
                    }
                });
            }
        });
        Ok(this)
    }

    /// Cuts the connection once, after so many bytes to the server.
    pub fn cut_up(&self, after: u64) {
        self.up.left.store(after, Ordering::SeqCst);
    }

    /// The same for bytes from the server.
    pub fn cut_down(&self, after: u64) {
        self.down.left.store(after, Ordering::SeqCst);
    }

    /// Whether every cut has happened.
    #[must_use]
    pub fn has_cut(&self) -> bool {
        [&self.up, &self.down].iter().all(|way| way.left.load(Ordering::SeqCst) == FREE)
    }

    /// Lets so many bytes in a second pass each way; 0 is as many as come.
    pub fn pace(&self, bytes: u64) {
        self.up.pace.store(bytes, Ordering::SeqCst);
        self.down.pace.store(bytes, Ordering::SeqCst);
    }

    /// Stops everything, or lets it go on. Connections stay open.
    pub fn stall(&self, stalled: bool) {
        self.up.stalled.store(stalled, Ordering::SeqCst);
        self.down.stalled.store(stalled, Ordering::SeqCst);
    }

    /// How many bytes have gone to the server so far.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.up.passed.load(Ordering::SeqCst)
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: &Way) {
    let mut part = vec![0; 64 * 1024];
    loop {
        let Ok(read) = from.read(&mut part).await else { return };
        if read == 0 {
            return;
        }
        let pace = way.pace.load(Ordering::SeqCst);
        if pace > 0 {
            tokio::time::sleep(
                Duration::from_secs(1) * u32::try_from(read).unwrap_or(u32::MAX)
                    / u32::try_from(pace).unwrap_or(u32::MAX),
            )
            .await;
        }
        while way.stalled.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let left = way.left.load(Ordering::SeqCst);
        if left != FREE {
            if left < read as u64 {
                // Once; the next connection is a good one.
                let _ = to.write_all(&part[..usize::try_from(left).unwrap_or(0)]).await;
                way.left.store(FREE, Ordering::SeqCst);
                return;
            }
            way.left.store(left - read as u64, Ordering::SeqCst);
        }
        if to.write_all(&part[..read]).await.is_err() {
            return;
        }
        way.passed.fetch_add(read as u64, Ordering::SeqCst);
    }
}
