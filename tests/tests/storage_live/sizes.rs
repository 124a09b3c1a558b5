//! Sizes from nothing to 200 MiB, in one request and in chunks: what comes back is what was sent, to the byte.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::TryStreamExt;
use supabase_core::storage::{Resumable, UploadBody};
use tokio::io::AsyncReadExt;

use crate::common::{Folder, MIB, pattern, server};

#[tokio::test(flavor = "multi_thread")]
async fn every_size_comes_back_either_way() {
    let (_database, client) = server().await;
    let bucket = client.storage().from("b");
    let folder = Folder::new("sizes");
    let chunk = 6 * MIB;
    for size in [0, 1, 65_536, chunk - 1, chunk, chunk + 1, 2 * chunk, 2 * chunk + 7, 20 * MIB] {
        let content = pattern(size);
        let path = folder.join("content");
        std::fs::write(&path, &content).unwrap();
        for way in [Resumable::Auto, Resumable::Always, Resumable::Never] {
            let stream = futures_util::stream::iter(
                content
                    .chunks(100_000)
                    .map(|part| Ok::<_, std::io::Error>(Bytes::copy_from_slice(part)))
                    .collect::<Vec<_>>(),
            );
            let bodies = [
                ("bytes", UploadBody::from(content.clone())),
                ("file", UploadBody::from(path.as_path())),
                ("stream", UploadBody::stream(stream)),
            ];
            for (kind, body) in bodies {
                let key = format!("{size}-{way:?}-{kind}");
                let last = Arc::new(AtomicU64::new(u64::MAX));
                let told = last.clone();
                let uploaded = bucket
                    .upload(&key, body)
                    .resumable(way)
                    .on_progress(move |progress| told.store(progress.sent, Ordering::Relaxed))
                    .await;
                let uploaded = uploaded.unwrap_or_else(|error| panic!("{key}: {error}"));
                assert_eq!((uploaded.size, last.load(Ordering::Relaxed)), (size as u64, size as u64), "{key}");
                let back = bucket.download(&key).await.unwrap();
                assert!(back == content, "{key}: {} bytes came back", back.len());
                bucket.remove([key]).await.unwrap();
            }
        }
    }
    bucket.upload("f", folder.join("content")).await.unwrap();
    let target = folder.join("target");
    assert_eq!(bucket.download("f").to_file(&target).await.unwrap(), 20 * MIB as u64);
    assert!(std::fs::read(&target).unwrap() == pattern(20 * MIB));
}

/// A megabyte again and again, each time with its number in front.
fn numbered(mebibytes: u64) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    let filling = Bytes::from(pattern(MIB - 8));
    futures_util::stream::iter((0..mebibytes).map(move |number| {
        let mut part = number.to_be_bytes().to_vec();
        part.extend_from_slice(&filling);
        Ok(Bytes::from(part))
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_mebibytes_come_back() {
    let (_database, client) = server().await;
    let bucket = client.storage().from("b");
    let filling = pattern(MIB - 8);
    for (way, multipart) in [(Resumable::Always, false), (Resumable::Never, true)] {
        let body = UploadBody::stream(numbered(200)).with_length(200 << 20);
        let uploaded = bucket.upload("large", body).resumable(way).multipart(multipart).await.unwrap();
        assert_eq!((uploaded.size, uploaded.resumable), (200 << 20, !multipart));
        // Read back part by part, each compared with what it has to be.
        let stream = bucket.download("large").stream().await.unwrap();
        assert_eq!(stream.length(), Some(200 << 20));
        let mut reader = Box::pin(tokio_reader(stream));
        let mut part = vec![0; MIB];
        for number in 0..200_u64 {
            reader.read_exact(&mut part).await.unwrap();
            assert!(part[..8] == number.to_be_bytes() && part[8..] == filling, "{way:?}: mebibyte {number}");
        }
        assert_eq!(reader.read(&mut part).await.unwrap(), 0);
        bucket.remove(["large"]).await.unwrap();
    }
}

/// A download as a reader.
fn tokio_reader(stream: supabase_core::storage::Downloaded) -> impl tokio::io::AsyncRead {
    use tokio::io::AsyncWriteExt;
    let (mut to, from) = tokio::io::duplex(MIB);
    tokio::spawn(async move {
        let mut stream = stream;
        while let Some(part) = stream.try_next().await.unwrap() {
            to.write_all(&part).await.unwrap();
        }
    });
    from
}
