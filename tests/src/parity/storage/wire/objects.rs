//! The recorded calls about objects, made on our client.

use std::time::Duration;

use serde_json::json;
use supabase_core::storage::{Bucket, Order, RemoveItem, Resize, SortBy, Transform};

use super::{Done, done};

const MINUTE: Duration = Duration::from_secs(60);
/// The content type that the official clients give to everything; here it has to be said.
const TEXT: &str = "text/plain;charset=UTF-8";
/// What the vectors show as `PNG\u{fffd}\0`.
const PNG: &[u8] = b"PNG\xff\x00";

fn thumbnail() -> Transform {
    Transform::new().width(100).height(50).resize(Resize::Contain).quality(80).format("origin")
}

/// The same call as the official client's.
#[allow(clippy::too_many_lines, reason = "one arm for each line of the vectors")]
pub(super) async fn perform(call: &str, avatars: &Bucket) -> Option<Done> {
    Some(match call {
        // -- uploads
        "upload('public/avatar1.png', new Blob(['hello'],{type:'image/png'}), {cacheControl:'60',upsert:true,metadata:{k:'ü'}})" => {
            done(
                avatars
                    .upload("public/avatar1.png", "hello")
                    .multipart(true)
                    .content_type("image/png")
                    .cache_control(60)
                    .upsert(true)
                    .metadata(&json!({"k": "ü"}))
                    .await,
            )
        }
        "upload('f/a.txt','hello')" => done(avatars.upload("f/a.txt", "hello").content_type(TEXT).await),
        "upload('/lead//dbl/ü é+&%.txt','x')" | "upload('/lead//dbl/ü é+&%.txt', b'x')" => {
            done(avatars.upload("/lead//dbl/ü é+&%.txt", "x").await)
        }
        "update('p.png','new',{contentType:'text/plain'})" => {
            done(avatars.update("p.png", "new").content_type("text/plain").await)
        }
        "createSignedUploadUrl('folder/a.png')" | "create_signed_upload_url('folder/a.png')" => {
            done(avatars.create_signed_upload_url("folder/a.png").await)
        }
        "createSignedUploadUrl('folder/a.png',{upsert:true})"
        | "create_signed_upload_url('folder/a.png', CreateSignedUploadUrlOptions(upsert='true'))" => {
            done(avatars.create_signed_upload_url("folder/a.png").upsert(true).await)
        }
        "uploadToSignedUrl('folder/a.png','upload-token-1','data',{contentType:'text/plain'})" => done(
            avatars.upload_to_signed_url("folder/a.png", "upload-token-1", "data").content_type("text/plain").await,
        ),
        "uploadToSignedUrl('folder/a.png','upload-token-1',new Blob(['d']))" => done(
            avatars
                .upload_to_signed_url("folder/a.png", "upload-token-1", "d")
                .content_type("application/octet-stream")
                .multipart(true)
                .await,
        ),
        "upload(file=open('avatar1.png','rb'), path='public/avatar1.png', file_options={'cache-control': '3600', 'upsert': 'false'})" => {
            done(avatars.upload("public/avatar1.png", PNG).content_type(TEXT).multipart(true).await)
        }
        "upload('folder/a.txt', b'hello')" => {
            done(avatars.upload("folder/a.txt", b"hello").content_type(TEXT).multipart(true).await)
        }
        "upload('folder/a.txt', b'hello', {'content-type': 'text/plain', 'upsert': 'true', 'metadata': {'k': 'v', 'u': 'ü'}, 'headers': {'x-custom': 'h'}, 'cache-control': '60'})" => {
            done(
                avatars
                    .upload("folder/a.txt", b"hello")
                    .content_type("text/plain")
                    .upsert(true)
                    .metadata(&json!({"k": "v", "u": "ü"}))
                    .header("x-custom", "h")
                    .cache_control(60)
                    .multipart(true)
                    .await,
            )
        }
        "upload('a/../b.txt', b'x')" => done(avatars.upload("a/../b.txt", b"x").await),
        "upload('p.png', Path('avatar1.png'), {'content-type': 'image/png'})" => {
            let file = std::env::temp_dir().join(format!("supabase-tests-{}-avatar1.png", std::process::id()));
            std::fs::write(&file, PNG).unwrap();
            let sent = avatars.upload("p.png", file.as_path()).content_type("image/png").multipart(true).await;
            std::fs::remove_file(&file).unwrap();
            done(sent)
        }
        "update('public/avatar1.png', b'new', {'cache-control': '3600', 'upsert': 'true'})" => {
            done(avatars.update("public/avatar1.png", b"new").content_type(TEXT).multipart(true).await)
        }
        "upload_to_signed_url('folder/a.png', 'upload-token-1', b'data')" => done(
            avatars
                .upload_to_signed_url("folder/a.png", "upload-token-1", b"data")
                .content_type(TEXT)
                .multipart(true)
                .await,
        ),
        "upload_to_signed_url('folder/a.png', 'upload-token-1', b'data', {'content-type': 'image/png', 'cache-control': '60', 'metadata': {'a': 1}})" => {
            done(
                avatars
                    .upload_to_signed_url("folder/a.png", "upload-token-1", b"data")
                    .content_type("image/png")
                    .cache_control(60)
                    .metadata(&json!({"a": 1}))
                    .multipart(true)
                    .await,
            )
        }
        // -- downloads
        "download('folder/avatar1.png')" => done(avatars.download("folder/avatar1.png").await),
        "download('ü a+b%20c#d?e.png')" => done(avatars.download("ü a+b%20c#d?e.png").await),
        "download('folder/ü a+b%20c#d?e.png')" => done(avatars.download("folder/ü a+b%20c#d?e.png").await),
        "download('a.png',{transform:{width:100,height:50,resize:'contain',quality:80,format:'origin'},cacheNonce:'n1'})" => {
            done(avatars.download("a.png").transform(thumbnail()).cache_nonce("n1").await)
        }
        "download('a.png', {'transform': {'width': 100, 'height': 50, 'resize': 'contain', 'quality': 80, 'format': 'origin'}})" => {
            done(avatars.download("a.png").transform(thumbnail()).await)
        }
        "download('a.png',{versionId:'v1'})" => done(avatars.download("a.png").version_id("v1").await),
        "download('a.png').asStream()" => done(avatars.download("a.png").stream().await),
        "download('a.png', {}, {'download': 'x', 'versionId': 'v1'})" => {
            done(avatars.download("a.png").query("download", "x").version_id("v1").await)
        }
        // -- lists
        "list()" => done(avatars.list("").await),
        "list('folder', {'limit': 100, 'offset': 0, 'sortBy': {'column': 'name', 'order': 'desc'}})" => {
            done(avatars.list("folder").limit(100).offset(0).sort_by(SortBy::Name, Order::Desc).await)
        }
        "list('folder', {'search': 'jon', 'limit': 5})" => done(avatars.list("folder").search("jon").limit(5).await),
        "list('f', {'sortBy': {'column': 'created_at'}})" => {
            done(avatars.list("f").sort_by(SortBy::CreatedAt, Order::Asc).await)
        }
        "listV2()" | "list_v2()" => done(avatars.list_v2().await),
        "listV2({prefix:'f/',limit:2,cursor:'c',with_delimiter:true,sortBy:{column:'name',order:'asc'},deleteMarkers:'only'})" => {
            done(
                avatars
                    .list_v2()
                    .prefix("f/")
                    .limit(2)
                    .cursor("c")
                    .with_delimiter(true)
                    .sort_by(SortBy::Name, Order::Asc)
                    .delete_markers("only")
                    .await,
            )
        }
        "list_v2({'prefix': 'f/', 'limit': 2, 'cursor': 'c', 'with_delimiter': True, 'sortBy': {'column': 'name', 'order': 'asc'}})" => {
            done(
                avatars
                    .list_v2()
                    .prefix("f/")
                    .limit(2)
                    .cursor("c")
                    .with_delimiter(true)
                    .sort_by(SortBy::Name, Order::Asc)
                    .await,
            )
        }
        // -- files
        "info('f/a.png')" => done(avatars.info("f/a.png").await),
        "info('f/a.png',{versionId:'v'})" => done(avatars.info("f/a.png").version_id("v").await),
        "exists('f/a.png')" => done(avatars.exists("f/a.png").await),
        "exists('folder/a.png')" => done(avatars.exists("folder/a.png").await),
        "move('a','b')" => done(avatars.move_to("a", "b").await),
        "move('a','b',{destinationBucket:'other',sourceVersionId:'v'})" => {
            done(avatars.move_to("a", "b").into_bucket("other").version_id("v").await)
        }
        "copy('a','b')" => done(avatars.copy("a", "b").await),
        "copy('public/avatar1.png', 'private/avatar2.png')" => {
            done(avatars.copy("public/avatar1.png", "private/avatar2.png").await)
        }
        "copy('a','b',{destinationBucket:'other',copyMetadata:false,metadata:{mimetype:'x/y'}})" => {
            done(avatars.copy("a", "b").into_bucket("other").copy_metadata(false).content_type("x/y").await)
        }
        "remove(['a','b ü'])" => done(avatars.remove(["a", "b ü"]).await),
        "remove(['folder/avatar1.png', 'b ü.png'])" => done(avatars.remove(["folder/avatar1.png", "b ü.png"]).await),
        "remove([])" => done(avatars.remove(Vec::<String>::new()).await),
        "remove([{path:'a',versionId:'v1'}])" => {
            done(avatars.remove([RemoveItem::Version { path: "a".into(), version_id: "v1".into() }]).await)
        }
        "purgeCache('a.png',{transformations:true})" => done(avatars.purge_cache("a.png").transformations().await),
        // -- URLs
        "createSignedUrl('folder/avatar1.png',60,{download:'my file.png',cacheNonce:'n'})" => done(
            avatars.create_signed_url("folder/avatar1.png", MINUTE).download_as("my file.png").cache_nonce("n").await,
        ),
        "createSignedUrls(['folder/a.png','missing.png'],60,{download:'n.png'})"
        | "create_signed_urls(['folder/a.png','missing.png'], 60, {'download': 'n.png'})" => {
            done(avatars.create_signed_urls(["folder/a.png", "missing.png"], MINUTE).download_as("n.png").await)
        }
        "create_signed_url('folder/avatar1.png', 60)" => {
            done(avatars.create_signed_url("folder/avatar1.png", MINUTE).await)
        }
        "create_signed_url('folder/avatar1.png', 60, {'download': True})" => {
            done(avatars.create_signed_url("folder/avatar1.png", MINUTE).download().await)
        }
        "create_signed_url('folder/avatar1.png', 60, {'download': 'my file.png'})" => {
            done(avatars.create_signed_url("folder/avatar1.png", MINUTE).download_as("my file.png").await)
        }
        "getPublicUrl('folder/avatar1.png')" | "get_public_url('folder/avatar1.png')" => {
            avatars.get_public_url("folder/avatar1.png").to_url().map(Some)
        }
        "getPublicUrl('folder/avatar1.png',{download:'x y.png',transform:{width:100,resize:'fill'},cacheNonce:'n',versionId:'v'})" =>
        {
            let fill = Transform::new().width(100).resize(Resize::Fill);
            avatars
                .get_public_url("folder/avatar1.png")
                .download_as("x y.png")
                .transform(fill)
                .cache_nonce("n")
                .version_id("v")
                .to_url()
                .map(Some)
        }
        "getPublicUrl('f/ü a+b%.png')" => avatars.get_public_url("f/ü a+b%.png").to_url().map(Some),
        "get_public_url('f/ü a+b.png')" => avatars.get_public_url("f/ü a+b.png").to_url().map(Some),
        "get_public_url('folder/avatar1.png', {'download': True})" => {
            avatars.get_public_url("folder/avatar1.png").download().to_url().map(Some)
        }
        "get_public_url('folder/avatar1.png', {'download': 'x y.png'})" => {
            avatars.get_public_url("folder/avatar1.png").download_as("x y.png").to_url().map(Some)
        }
        "get_public_url('folder/avatar1.png', {'transform': {'width': 100, 'height': 100, 'resize': 'fill'}})" => {
            let fill = Transform::new().width(100).height(100).resize(Resize::Fill);
            avatars.get_public_url("folder/avatar1.png").transform(fill).to_url().map(Some)
        }
        _ => return None,
    })
}
