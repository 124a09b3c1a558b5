//! A server that says to the byte what a test tells it to, and notices when the client has gone.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};

/// A listening server; it ends with the runtime.
#[derive(Debug)]
pub struct Server {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    opened: Arc<AtomicUsize>,
    closed: Arc<AtomicUsize>,
}

/// One request, and the way back to the client.
#[derive(Debug)]
pub struct Exchange {
    /// The head of the request.
    pub head: String,
    client: OwnedWriteHalf,
}

impl Exchange {
    /// Sends these bytes.
    ///
    /// # Errors
    /// Fails when the client has gone.
    pub async fn say(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.client.write_all(bytes.as_ref()).await
    }

    /// Sends these bytes as one chunk of a body.
    ///
    /// # Errors
    /// Fails when the client has gone.
    pub async fn chunk(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let bytes = bytes.as_ref();
        self.say(format!("{:x}\r\n", bytes.len())).await?;
        self.say(bytes).await?;
        self.say("\r\n").await
    }
}

/// The head of an answer whose body comes in chunks.
pub const CHUNKED: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";

impl Server {
    /// Answers every connection's first request by way of `answer`; when that ends, the connection
    /// is closed.
    ///
    /// # Errors
    /// Fails when there is no port to listen on.
    pub async fn start<F, Fut>(answer: F) -> io::Result<Self>
    where
        F: Fn(Exchange) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (opened, closed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let server = Self { url, opened: Arc::clone(&opened), closed: Arc::clone(&closed) };
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                opened.fetch_add(1, Ordering::SeqCst);
                let (answer, closed) = (Arc::clone(&answer), Arc::clone(&closed));
                tokio::spawn(async move {
                    // An error is a client that has gone, which is what is counted.
                    let _ = serve(stream, &*answer).await;
                    closed.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        Ok(server)
    }

    /// How many connections were made.
    #[must_use]
    pub fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    /// Waits until so many connections are closed; gives how many are after five seconds at most.
    pub async fn closed(&self, wanted: usize) -> usize {
        for _ in 0..500 {
            if self.closed.load(Ordering::SeqCst) >= wanted {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.closed.load(Ordering::SeqCst)
    }
}

async fn serve<F, Fut>(stream: TcpStream, answer: &F) -> io::Result<()>
where
    F: Fn(Exchange) -> Fut,
    Fut: Future<Output = io::Result<()>>,
{
    let (mut from, client) = stream.into_split();
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if from.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let gone = async {
        let mut rest = [0; 1024];
        while !matches!(from.read(&mut rest).await, Ok(0) | Err(_)) {}
        Ok(())
    };
    tokio::select! {
        answered = answer(Exchange { head: String::from_utf8_lossy(&head).into_owned(), client }) => answered,
        gone = gone => gone,
    }
}
