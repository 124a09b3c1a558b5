//! Objects from upload to removal, and who may.

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use supabase_core::storage::{Entry, Resumable, UploadBody};
use supabase_core::{Client, ErrorKind};
use supabase_tests::stack::anon;
use tokio::io::AsyncReadExt;

use crate::common::{MIB, database, fetch, pattern, server};

#[tokio::test(flavor = "multi_thread")]
async fn an_object_lives() {
    let (_server, client) = server().await;
    let bucket = client.storage().from("b");
    let uploaded =
        bucket.upload("a/x.txt", "hello").metadata(&json!({"from": "test"})).cache_control(60).await.unwrap();
    assert_eq!((uploaded.full_path.as_str(), uploaded.size, uploaded.resumable), ("b/a/x.txt", 5, false));
    let conflict = bucket.upload("a/x.txt", "other").await.unwrap_err();
    assert_eq!((conflict.kind(), conflict.code()), (ErrorKind::Conflict, Some("KeyAlreadyExists")));
    let info = bucket.info("a/x.txt").await.unwrap();
    assert_eq!((info.size, info.content_type.as_deref()), (Some(5), Some("text/plain")));
    assert_eq!(info.metadata, Some(json!({"from": "test"})));
    assert_eq!((info.id, info.cache_control.as_deref()), (uploaded.id, Some("max-age=60")));
    assert!(bucket.exists("a/x.txt").await.unwrap());
    assert!(!bucket.exists("a/y.txt").await.unwrap());
    assert_eq!(client.storage().from("nope").exists("x").await.unwrap_err().kind(), ErrorKind::NotFound);

    assert_eq!(bucket.download("a/x.txt").await.unwrap(), "hello");
    assert_eq!(bucket.download("a/x.txt").range(1..3).await.unwrap(), "el");
    assert_eq!(bucket.download("a/x.txt").last_bytes(2).await.unwrap(), "lo");
    assert_eq!(bucket.download("a/x.txt").range(9..).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    let etag = info.etag.unwrap();
    assert_eq!(bucket.download("a/x.txt").if_none_match(&etag).await.unwrap(), None);
    assert_eq!(bucket.download("a/x.txt").if_none_match("\"other\"").await.unwrap().unwrap(), "hello");

    bucket.update("a/x.txt", "newer").await.unwrap();
    assert_eq!(bucket.info("a/x.txt").await.unwrap().id, uploaded.id);
    bucket.copy("a/x.txt", "c.txt").await.unwrap();
    client.storage().create_bucket("other").public(true).await.unwrap();
    bucket.copy("a/x.txt", "c.txt").into_bucket("other").await.unwrap();
    bucket.move_to("a/x.txt", "m.txt").await.unwrap();
    let names: Vec<String> = bucket.list("").await.unwrap().iter().map(|entry| entry.name().to_owned()).collect();
    assert_eq!(names, ["c.txt", "m.txt"]);
    let url = client.storage().from("other").get_public_url("c.txt").to_url().unwrap();
    assert_eq!(fetch(&url).await, (200, b"newer".to_vec()));

    let signed = bucket.create_signed_upload_url("s.txt").await.unwrap();
    let nobody = Client::new(client.url(), "no key at all").unwrap();
    nobody.storage().from("b").upload_to_signed_url("s.txt", signed.token, "by token").await.unwrap();
    assert_eq!(bucket.download("s.txt").await.unwrap(), "by token");

    let removed = bucket.remove(["c.txt", "m.txt", "s.txt", "never.txt"]).await.unwrap();
    assert_eq!(removed.len(), 3);
    client.storage().update_bucket("b").file_size_limit("1kb").allowed_mime_types(["text/*"]).await.unwrap();
    let large = bucket.upload("l.txt", vec![b'x'; 1001]).await.unwrap_err();
    assert_eq!((large.kind(), large.code()), (ErrorKind::InvalidInput, Some("EntityTooLarge")));
    assert_eq!(bucket.upload("l.png", "x").await.unwrap_err().code(), Some("InvalidMimeType"));
    // A body of unknown length is limited as well.
    let endless =
        futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(b"xxxxxxxx"))).take(1000);
    assert!(bucket.upload("l.txt", UploadBody::stream(endless)).resumable(Resumable::Never).await.is_err());
    client.storage().empty_bucket("b").await.unwrap();
    client.storage().delete_bucket("b").await.unwrap();
    assert_eq!(client.storage().get_bucket("b").await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_secured() {
    let (database, client) = database().await;
    let alice = "11111111-1111-4111-8111-111111111111";
    let user = anon(&database).unwrap().as_user(&database.jwt_for(alice, "authenticated"));
    let own = format!("{alice}/x.txt");
    user.storage().from("b").upload(&own, "mine").await.unwrap();
    let refused = user.storage().from("b").upload("bob/x.txt", "his").await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::PermissionDenied, Some("AccessDenied")));
    let chunked = user.storage().from("b").upload("bob/x.txt", "his").resumable(Resumable::Always).await.unwrap_err();
    assert_eq!(chunked.kind(), ErrorKind::PermissionDenied);
    client.storage().from("b").upload("bob/x.txt", "his").await.unwrap();
    assert_eq!(user.storage().from("b").download("bob/x.txt").await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(user.storage().from("b").download(&own).await.unwrap(), "mine");
    assert_eq!(anon(&database).unwrap().storage().from("b").list("").await.unwrap(), []);
    let forged = anon(&database).unwrap().as_user("not-a-token");
    assert_eq!(forged.storage().list_buckets().await.unwrap_err().kind(), ErrorKind::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_and_signed_and_streamed_lists() {
    let (_server, client) = server().await;
    let (storage, bucket) = (client.storage(), client.storage().from("b"));
    let uploads: Vec<_> =
        (0..25).map(|number| bucket.upload(format!("many/{number:02}.bin"), pattern(number * 1000))).collect();
    let results: Vec<_> = storage.upload_all(uploads, 4).collect().await;
    assert!(results.len() == 25 && results.iter().all(|(_, result)| result.is_ok()));
    let listed: Vec<String> =
        bucket.list_v2().prefix("many/").limit(7).stream().map_ok(|object| object.name).try_collect().await.unwrap();
    assert_eq!(listed, (0..25).map(|number| format!("many/{number:02}.bin")).collect::<Vec<_>>());
    assert_eq!(bucket.list("").await.unwrap(), [Entry::Folder { name: "many".into() }]);
    // By a signed token, in chunks, without rights of one's own.
    let signed = bucket.create_signed_upload_url("signed.bin").await.unwrap();
    let content = pattern(7 * MIB);
    let nobody = Client::new(client.url(), "no key").unwrap();
    let (upload, progress) =
        nobody.storage().from("b").upload_to_signed_url("signed.bin", signed.token, content.clone()).with_progress();
    let (uploaded, steps) = tokio::join!(upload.send(), progress.collect::<Vec<_>>());
    assert!(uploaded.unwrap().resumable);
    assert_eq!(steps.last().unwrap().sent, content.len() as u64);
    assert!(bucket.download("signed.bin").await.unwrap() == content);
    let zeros = storage.from("b").upload("z", UploadBody::reader(tokio::io::repeat(0).take(3))).await.unwrap();
    assert_eq!(zeros.size, 3);
}
