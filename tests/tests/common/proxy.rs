//! A TCP proxy that cuts, stalls, delays, swallows and refuses, but never removes bytes from a stream that goes on.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Through,
    /// Connections stay open and nothing passes, in either direction; new ones are accepted and dead.
    BlackHole,
    /// What is connected is cut; with `true` after the first bytes of a frame that never ends.
    Cut(bool),
}

struct Shared {
    target: String,
    mode: watch::Sender<Mode>,
    stalled: Mutex<Option<Instant>>,
    delay: Mutex<Duration>,
    sockets: AtomicUsize,
    open: AtomicUsize,
}

pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(task) = self.listening.lock().unwrap().take() {
            task.abort();
        }
        self.shared.mode.send_replace(Mode::Cut(false));
    }
}

/// Counts a connection while it is there.
struct Open(Arc<Shared>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Proxy {
    pub async fn start(target: &str) -> Self {
        let shared = Arc::new(Shared {
            target: target.trim_start_matches("http://").to_owned(),
            mode: watch::Sender::new(Mode::Through),
            stalled: Mutex::new(None),
            delay: Mutex::new(Duration::ZERO),
            sockets: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let listening = Mutex::new(Some(tokio::spawn(listen(listener, shared.clone()))));
        Self { address, shared, listening }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many WebSockets have gone through.
    pub fn connections(&self) -> usize {
        self.shared.sockets.load(Ordering::SeqCst)
    }

    /// How many connections there are now.
    pub fn open(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }

    /// Cuts everything that is connected.
    pub fn cut(&self) {
        self.shared.mode.send_replace(Mode::Cut(false));
    }

    /// The same, after the first bytes of a frame that never ends.
    pub fn cut_mid_frame(&self) {
        self.shared.mode.send_replace(Mode::Cut(true));
    }

    /// A half-open connection: no FIN, no bytes.
    pub fn black_hole(&self) {
        self.shared.mode.send_replace(Mode::BlackHole);
    }

    /// Connections that come from now on work; the ones in the black hole stay there.
    pub fn restore(&self) {
        self.shared.mode.send_replace(Mode::Through);
    }

    /// Nothing passes for so long, and everything after.
    pub fn stall(&self, time: Duration) {
        *self.shared.stalled.lock().unwrap() = Some(Instant::now() + time);
    }

    /// Everything takes so much longer, in each direction.
    pub fn delay(&self, time: Duration) {
        *self.shared.delay.lock().unwrap() = time;
    }

    /// Nobody listens any more, and what is connected is cut.
    pub fn down(&self) {
        if let Some(task) = self.listening.lock().unwrap().take() {
            task.abort();
        }
        self.cut();
    }

    /// The port is served again.
    pub async fn up(&self) {
        // The listener of the task that was ended may be a moment from closed.
        let listener = loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => break listener,
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        self.shared.mode.send_replace(Mode::Through);
        *self.listening.lock().unwrap() = Some(tokio::spawn(listen(listener, self.shared.clone())));
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((client, _)) = listener.accept().await else { return };
        let Ok(server) = TcpStream::connect(&shared.target).await else { continue };
        shared.open.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(pipe(client, server, Open(shared.clone())));
    }
}

/// Waits until bytes may pass.
async fn pass(shared: &Shared) {
    let until = *shared.stalled.lock().unwrap();
    if let Some(until) = until {
        tokio::time::sleep_until(until).await;
    }
    let delay = *shared.delay.lock().unwrap();
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}

async fn pipe(mut client: TcpStream, mut server: TcpStream, open: Open) {
    let shared = &*open.0;
    let mut mode = shared.mode.subscribe();
    mode.mark_unchanged();
    let (mut up, mut down) = ([0; 16384], [0; 16384]);
    let mut dead = *mode.borrow() == Mode::BlackHole;
    loop {
        tokio::select! {
            read = client.read(&mut up), if !dead => match read {
                Ok(count) if count > 0 => {
                    if up[..count].starts_with(b"GET /realtime/v1/websocket") {
                        shared.sockets.fetch_add(1, Ordering::SeqCst);
                    }
                    pass(shared).await;
                    if server.write_all(&up[..count]).await.is_err() { return }
                }
                _ => return,
            },
            read = server.read(&mut down), if !dead => match read {
                Ok(count) if count > 0 => {
                    pass(shared).await;
                    if client.write_all(&down[..count]).await.is_err() { return }
                }
                _ => return,
            },
            changed = mode.changed() => {
                if changed.is_err() { return }
                match *mode.borrow_and_update() {
                    Mode::BlackHole => dead = true,
                    Mode::Cut(mid_frame) => {
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
