//! Requests of the storage service against those that the official clients send, and its errors
//! against the answers that they were given.
//!
//! Every line of the vectors is run through this client. A line that differs on purpose is listed
//! with its reason, and has to differ.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use supabase_core::storage::{
    BucketSort, DistanceMetric, Lifecycle, LifecycleRule, Order, RemoveItem, Resize, Resumable, SortBy, Storage,
    TableName, Transform, Vector, Versioning,
};
use supabase_core::transport::{Recording, Reply, RetryPolicy};
use supabase_core::{Client, ErrorKind, Result};

const URL: &str = "https://example.supabase.co";
const MINUTE: Duration = Duration::from_secs(60);
/// The content type that the official clients give to everything; here it has to be said.
const TEXT: &str = "text/plain;charset=UTF-8";

fn recorded(replies: impl IntoIterator<Item = Reply>) -> (Client, Recording) {
    let recording = Recording::new(replies);
    let retry = RetryPolicy::default().sleep(Arc::new(|_| Box::pin(async {})));
    (Client::builder(URL, "the-key").transport(recording.clone()).retry(retry).build().unwrap(), recording)
}

fn lines(file: &str) -> Vec<Value> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn storage_lines(file: &str) -> Vec<Value> {
    lines(file).into_iter().filter(|line| line["group"].as_str().unwrap().starts_with("storage.")).collect()
}

/// What makes no request: the URL that it gives. Otherwise nothing.
type Done = Result<Option<String>>;

fn done<T>(result: Result<T>) -> Done {
    result.map(|_| None)
}

fn thumbnail() -> Transform {
    Transform::new().width(100).height(50).resize(Resize::Contain).quality(80).format("origin")
}

/// The same call as the official client's. Answers are none of this test, so most calls end in an
/// error of reading them.
#[allow(clippy::too_many_lines, reason = "one arm for each line of the vectors")]
async fn perform(call: &str, storage: &Storage) -> Option<Done> {
    let call = call.strip_prefix("supabase.storage.")?;
    let call = call.strip_prefix("from_('avatars').").or_else(|| call.strip_prefix("from('avatars').")).unwrap_or(call);
    let avatars = storage.from("avatars");
    let vectors = storage.vectors();
    let index = vectors.from("vb").index("idx");
    let analytics = storage.analytics();
    Some(match call {
        // -- buckets
        "createBucket('avatars')" | "create_bucket('avatars')" => done(storage.create_bucket("avatars").await),
        "createBucket('avatars',{public:false,allowedMimeTypes:['image/png'],fileSizeLimit:1024,type:'STANDARD',versioningStatus:'ENABLED'})" => {
            done(
                storage
                    .create_bucket("avatars")
                    .allowed_mime_types(["image/png"])
                    .file_size_limit(1024)
                    .kind("STANDARD")
                    .versioning(Versioning::Enabled)
                    .await,
            )
        }
        "create_bucket('avatars', options={'public': False, 'allowed_mime_types': ['image/png'], 'file_size_limit': 1024})" => {
            done(
                storage
                    .create_bucket("avatars")
                    .public(false)
                    .allowed_mime_types(["image/png"])
                    .file_size_limit(1024)
                    .await,
            )
        }
        "create_bucket('avatars', name='other name')" => {
            done(storage.create_bucket("avatars").name("other name").await)
        }
        "getBucket('avatars')" | "get_bucket('avatars')" => done(storage.get_bucket("avatars").await),
        "get_bucket('a b/ü')" => done(storage.get_bucket("a b/ü").await),
        "list_buckets()" => done(storage.list_buckets().await),
        "listBuckets({limit:10,offset:5,sortColumn:'name',sortOrder:'desc',search:'a'})" => {
            done(storage.list_buckets().limit(10).offset(5).search("a").sort_by(BucketSort::Name, Order::Desc).await)
        }
        "emptyBucket('avatars')" | "empty_bucket('avatars')" => storage.empty_bucket("avatars").await.map(|()| None),
        "deleteBucket('avatars')" | "delete_bucket('avatars')" => storage.delete_bucket("avatars").await.map(|()| None),
        "getBucketLifecycle('avatars')" => done(storage.get_bucket_lifecycle("avatars").await),
        "updateBucketLifecycle('avatars',{rules:[{status:'Enabled',filter:{},noncurrentVersionExpiration:{noncurrentDays:30}}]})" =>
        {
            let rules = Lifecycle { rules: vec![LifecycleRule::expire_noncurrent(30)] };
            storage.update_bucket_lifecycle("avatars", &rules).await.map(|()| None)
        }
        "deleteBucketLifecycle('avatars')" => storage.delete_bucket_lifecycle("avatars").await.map(|()| None),
        "purgeBucketCache('avatars')" => storage.purge_bucket_cache("avatars").await.map(|()| None),
        "purgeBucketCache('avatars',{transformations:true})" => {
            storage.purge_bucket_cache("avatars").transformations().await.map(|()| None)
        }
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
        // -- analytics
        "analytics.createBucket('ab')" => done(analytics.create_bucket("ab").await),
        "analytics.listBuckets({limit:1,search:'s'})" => done(analytics.list_buckets().limit(1).search("s").await),
        "analytics().list()" => done(analytics.list_buckets().await),
        "analytics().list(limit=1, offset=2, sort_column='name', sort_order='desc', search='s')" => {
            done(analytics.list_buckets().limit(1).offset(2).sort_by(BucketSort::Name, Order::Desc).search("s").await)
        }
        "analytics.deleteBucket('ab')" | "analytics().delete('ab')" => done(analytics.delete_bucket("ab").await),
        "analytics.from('ab').createNamespace({namespace:['default']})" => {
            done(analytics.from("ab").create_namespace(["default"], &Default::default()).await)
        }
        "analytics.from('ab').listTables({namespace:['default']})" => {
            done(analytics.from("ab").list_tables(["default"]).await)
        }
        "analytics.from('ab').dropTable({namespace:['default'],name:'events'},{purge:true})" => {
            done(analytics.from("ab").drop_table(&TableName::new(["default"], "events"), true).await)
        }
        // -- vectors
        "vectors().create_bucket('vb')" => done(vectors.create_bucket("vb").await),
        "vectors().get_bucket('vb')" => done(vectors.get_bucket("vb").await),
        "vectors().list_buckets()" => done(vectors.list_buckets().await),
        "vectors.listBuckets({prefix:'p',maxResults:3})" => {
            done(vectors.list_buckets().prefix("p").max_results(3).await)
        }
        "vectors().delete_bucket('vb')" => done(vectors.delete_bucket("vb").await),
        "vectors().from_('vb').create_index('idx', 3, 'cosine', 'float32', MetadataConfiguration(nonFilterableMetadataKeys=['a']))" => {
            done(vectors.from("vb").create_index("idx", 3, DistanceMetric::Cosine).non_filterable(["a"]).await)
        }
        "vectors().from_('vb').get_index('idx')" => done(vectors.from("vb").get_index("idx").await),
        "vectors().from_('vb').list_indexes()" => done(vectors.from("vb").list_indexes().await),
        "vectors().from_('vb').delete_index('idx')" => done(vectors.from("vb").delete_index("idx").await),
        "vectors.from('vb').index('idx').putVectors({vectors:[{key:'k',data:{float32:[0.1,0.2]},metadata:{a:1}}]})"
        | "vectors().from_('vb').index('idx').put([VectorObject(key='k', data=VectorData(float32=[0.1,0.2]), metadata={'a': 1})])" => {
            done(index.put(&[Vector::new("k", [0.1, 0.2]).with("a", 1)]).await)
        }
        "vectors.from('vb').index('idx').queryVectors({queryVector:{float32:[0.1]},topK:3,filter:{a:1},returnDistance:true})" => {
            done(index.query([0.1], 3).filter(json!({"a": 1})).await)
        }
        "vectors().from_('vb').index('idx').query(VectorData(float32=[0.1]), topK=3, filter={'a': 1})" => {
            done(index.query([0.1], 3).filter(json!({"a": 1})).return_metadata(true).await)
        }
        "vectors.from('vb').index('idx').listVectors({segmentCount:2,segmentIndex:0})" => {
            done(index.list().segment(0, 2).await)
        }
        "vectors().from_('vb').index('idx').list(max_results=5, segment_count=2, segment_index=0)" => {
            done(index.list().max_results(5).return_data(true).return_metadata(true).segment(0, 2).await)
        }
        "vectors.from('vb').index('idx').getVectors({keys:['k']})" => done(index.get(["k"]).await),
        "vectors().from_('vb').index('idx').get('k1','k2')" => done(index.get(["k1", "k2"]).await),
        "vectors().from_('vb').index('idx').delete(['k'])" => done(index.delete(["k"]).await),
        _ => return None,
    })
}

/// What the vectors show as `PNG\u{fffd}\0`.
const PNG: &[u8] = b"PNG\xff\x00";

const REFUSED_KEY: &str = "a key that the server refuses is refused before sending";
const EMPTY_JSON: &str = "an empty JSON object as body, as supabase-js sends it";
const PRIVATE: &str = "`public: false` is said, as supabase-js does";
const DOWNLOAD_IN_BODY: &str = "`download` is a matter of the URL; the server ignores it in the body";

/// Lines that differ, with the reason.
const DIVERGENCES: &[(&str, &str)] = &[
    ("create_bucket('avatars')", PRIVATE),
    ("create_bucket('avatars', name='other name')", PRIVATE),
    ("get_bucket('a b/ü')", "no bucket can have this name"),
    ("'/lead//dbl/ü é+&%.txt'", REFUSED_KEY),
    ("ü a+b%20c#d?e.png", REFUSED_KEY),
    ("b ü", REFUSED_KEY),
    ("'f/ü a+b", REFUSED_KEY),
    ("upload('a/../b.txt', b'x')", "dots are part of a key: they are sent so that no parser removes them"),
    ("create_signed_upload_url('folder/a.png'", EMPTY_JSON),
    ("analytics().delete('ab')", EMPTY_JSON),
    ("remove([])", "removes nothing, so nothing is sent (the server would refuse it)"),
    ("{'download': True})", DOWNLOAD_IN_BODY),
    ("60, {'download': 'my file.png'})", DOWNLOAD_IN_BODY),
    ("create_signed_urls(['folder/a.png','missing.png'], 60", DOWNLOAD_IN_BODY),
    ("getVectors({keys:['k']})", "numbers and metadata are asked for, as supabase-py does"),
];

fn divergence(line: &Value) -> Option<&'static str> {
    let call = line["call"].as_str().unwrap();
    // A public URL with `download` is built here as there.
    if call.contains("get_public_url('folder") {
        return None;
    }
    DIVERGENCES.iter().find(|(part, _)| call.contains(part)).map(|(_, reason)| *reason)
}

fn decode(text: &str, plus: bool) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let rest = bytes.as_slice_hex();
                match rest {
                    Some(byte) => {
                        out.push(byte);
                        bytes.next();
                        bytes.next();
                    }
                    None => out.push(b'%'),
                }
            }
            b'+' if plus => out.push(b' '),
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).unwrap()
}

trait Hex {
    fn as_slice_hex(&self) -> Option<u8>;
}

impl Hex for std::str::Bytes<'_> {
    fn as_slice_hex(&self) -> Option<u8> {
        let mut ahead = self.clone();
        let pair = [ahead.next()?, ahead.next()?];
        u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()
    }
}

fn params(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name, true), decode(value, true)))
        .collect()
}

/// Parts of a form: name, content type, data. The name of the file's part and its file name mean
/// nothing to the server, as long as there is one.
fn form(body: &[u8], content_type: &str) -> Vec<(String, String, String)> {
    let boundary = content_type.split("boundary=").nth(1).unwrap();
    let text = String::from_utf8_lossy(body).into_owned();
    text.split(&format!("--{boundary}"))
        .filter(|part| part.starts_with("\r\n"))
        .map(|part| {
            let (head, data) = part.trim_start_matches("\r\n").split_once("\r\n\r\n").unwrap();
            let field = |name: &str| {
                head.lines().find_map(|line| {
                    line.to_lowercase().starts_with(name).then(|| line.split_once(": ").unwrap().1.to_owned())
                })
            };
            let disposition = field("content-disposition").unwrap();
            let name = if disposition.contains("filename=") {
                "<file>".to_owned()
            } else {
                disposition.split('"').nth(1).unwrap().to_owned()
            };
            (name, field("content-type").unwrap_or_default(), data.strip_suffix("\r\n").unwrap().to_owned())
        })
        .collect()
}

fn expected_form(parts: &Value) -> Vec<(String, String, String)> {
    parts
        .as_array()
        .unwrap()
        .iter()
        .map(|part| {
            let disposition = part["headers"]["content-disposition"].as_str().unwrap();
            let name = if disposition.contains("filename=") {
                "<file>".to_owned()
            } else {
                disposition.split('"').nth(1).unwrap().to_owned()
            };
            let content_type = part["headers"]["content-type"].as_str().unwrap_or_default().to_owned();
            (name, content_type, part["data"].as_str().unwrap().to_owned())
        })
        .collect()
}

/// JSON texts in fields, and numbers that supabase-py writes as text, by their meaning.
fn meaning(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match (name.as_str(), value) {
                ("expiresIn", Value::String(text)) => (name.clone(), text.parse::<u64>().unwrap().into()),
                (_, value) => (name.clone(), meaning(value)),
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(meaning).collect(),
        // f32 on its way through f64.
        Value::Number(number) if number.is_f64() => json!((number.as_f64().unwrap() * 1e6).round() / 1e6),
        other => other.clone(),
    }
}

fn differences(line: &Value, recording: &Recording, result: &Done) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            found.push(format!("{what}: {ours} instead of {theirs}"));
        }
    };
    let sent = recording.sent();
    if line["method"].is_null() {
        let ours = result.as_ref().map_or_else(ToString::to_string, |url| url.clone().unwrap_or_default());
        let theirs =
            line["result"]["data"]["publicUrl"].as_str().or_else(|| line["result"].as_str()).unwrap_or_default();
        let theirs = theirs.replace("<URL>", URL);
        let (ours, theirs) =
            (ours.split_once('?').unwrap_or((&ours, "")), theirs.split_once('?').unwrap_or((&theirs, "")));
        compare("url", decode(ours.0, false), decode(theirs.0, false));
        compare("query", format!("{:?}", params(ours.1)), format!("{:?}", params(theirs.1)));
        compare("requests", sent.len().to_string(), "0".into());
        return found;
    }
    let [sent] = sent.as_slice() else {
        found.push(format!("{} requests: {result:?}", sent.len()));
        return found;
    };
    compare("method", sent.method.to_string(), line["method"].as_str().unwrap().to_owned());
    let target = sent.url.strip_prefix(URL).unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    compare("path", decode(path, false), decode(line["path"].as_str().unwrap(), false));
    let theirs = line["params"].as_array().map(|pairs| {
        pairs
            .iter()
            .map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    });
    // The order of the pairs means nothing to this service.
    let sorted = |mut pairs: Vec<(String, String)>| {
        pairs.sort();
        format!("{pairs:?}")
    };
    compare("query", sorted(params(query)), sorted(theirs.unwrap_or_default()));
    let mut names: Vec<String> = line["headers"].as_object().unwrap().keys().cloned().collect();
    for name in ["x-upsert", "cache-control", "content-type", "x-metadata", "apikey", "authorization"] {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    for name in names {
        let ours = sent.headers.get(name.as_str()).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let theirs = line["headers"][&name].as_str().unwrap_or_default().to_owned();
        match name.as_str() {
            "apikey" | "authorization" => {
                compare(&name, (!ours.is_empty()).to_string(), (!theirs.is_empty()).to_string())
            }
            "x-client-info" | "accept" | "accept-encoding" | "user-agent" | "connection" | "host"
            | "content-length" => {}
            "content-type" if theirs.starts_with("multipart/") => {
                compare(&name, ours.starts_with("multipart/form-data; boundary=").to_string(), "true".into())
            }
            _ => compare(&name, ours, theirs),
        }
    }
    let body = &line["body"];
    if let Some(json) = body.get("json") {
        let ours: Value = serde_json::from_slice(&sent.body).unwrap_or(Value::Null);
        compare("body", meaning(&ours).to_string(), meaning(json).to_string());
    } else if let Some(text) = body.get("text") {
        compare("body", String::from_utf8_lossy(&sent.body).into_owned(), text.as_str().unwrap().to_owned());
    } else if let Some(parts) = body.get("multipart") {
        let content_type = sent.headers["content-type"].to_str().unwrap();
        let normal = |parts: Vec<(String, String, String)>| {
            let parts: Vec<_> = parts
                .into_iter()
                .map(|(name, content_type, data)| {
                    let data = if name == "metadata" {
                        serde_json::from_str::<Value>(&data).unwrap().to_string()
                    } else {
                        data
                    };
                    (name, content_type, data)
                })
                .collect();
            format!("{parts:?}")
        };
        compare("body", normal(form(&sent.body, content_type)), normal(expected_form(parts)));
    } else {
        compare("body", String::from_utf8_lossy(&sent.body).into_owned(), String::new());
    }
    found
}

#[tokio::test]
async fn requests_are_those_of_the_official_clients() {
    let (mut equal, mut diverging, mut wrong) = (0, 0, Vec::new());
    for file in ["wire_js.jsonl", "wire_py.jsonl"] {
        for line in storage_lines(file).iter().filter(|line| !line["group"].as_str().unwrap().contains("error")) {
            let call = line["call"].as_str().unwrap();
            let (client, recording) = recorded([Reply::json(StatusCode::OK, "{}")]);
            let Some(result) = perform(call, &client.storage()).await else {
                wrong.push(format!("{call}: no such call here"));
                continue;
            };
            let differences = differences(line, &recording, &result);
            match divergence(line) {
                Some(reason) if !differences.is_empty() => {
                    diverging += 1;
                    println!("differs on purpose: {call}: {reason}");
                }
                Some(_) => wrong.push(format!("{call}: is listed as differing and does not")),
                None if differences.is_empty() => equal += 1,
                None => wrong.push(format!("{call}: {}", differences.join("; "))),
            }
        }
    }
    println!(
        "storage requests: {equal} equal and {diverging} differing with a reason, of {}",
        equal + diverging + wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(equal + diverging, 111);
}

#[tokio::test]
async fn a_resumable_upload_is_that_of_tus_js_client() {
    let lines = lines("wire_tus.jsonl");
    let replies = lines.iter().map(|line| {
        let reply = &line["response"];
        let status = StatusCode::from_u16(reply["status"].as_u64().unwrap() as u16).unwrap();
        reply["headers"]
            .as_object()
            .unwrap()
            .iter()
            .fold(Reply::empty(status), |reply, (name, value)| reply.header(name, value.as_str().unwrap()))
    });
    let (client, recording) = recorded(replies.collect::<Vec<_>>());
    let body: Vec<u8> = (0..13 * 1024 * 1024_u32).map(|number| (number % 251) as u8).collect();
    // The recorded key holds a character that the server refuses.
    let (recorded_key, key) = ("folder/ü a.png", "folder/u a.png");
    let uploaded = client
        .storage()
        .from("avatars")
        .upload(key, body.clone())
        .content_type("image/png")
        .metadata(&json!({"k": "v"}))
        .upsert(true)
        .await
        .unwrap();
    assert!(uploaded.resumable);
    assert_eq!(uploaded.size, body.len() as u64);
    let sent = recording.sent();
    let mut at = 0;
    for (sent, line) in sent.iter().zip(&lines) {
        assert_eq!(sent.method.as_str(), line["method"].as_str().unwrap());
        assert_eq!(sent.url, format!("{URL}{}", line["path"].as_str().unwrap()));
        for (name, value) in line["headers"].as_object().unwrap() {
            let theirs = value.as_str().unwrap();
            let ours = sent.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
            match name.as_str() {
                "apikey" | "authorization" => assert!(!ours.is_empty()),
                "content-length" => assert_eq!(sent.body.len().to_string(), theirs),
                "upload-metadata" => {
                    use base64::Engine as _;
                    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
                    assert_eq!(ours, theirs.replace(&encode(recorded_key), &encode(key)));
                }
                _ => assert_eq!(ours, theirs, "{name}"),
            }
        }
        if sent.method == http::Method::PATCH {
            let offset: usize = sent.headers["upload-offset"].to_str().unwrap().parse().unwrap();
            assert_eq!(sent.body, body[offset..offset + sent.body.len()]);
        }
        at += 1;
    }
    println!("resumable requests: {at} of {}", lines.len());
    assert_eq!((at, sent.len()), (lines.len(), lines.len()));
}

#[tokio::test]
async fn errors_mean_what_the_server_means() {
    let mut seen = 0;
    for file in ["errors_js.jsonl", "errors_py.jsonl"] {
        for line in storage_lines(file) {
            let call = line["call"].as_str().unwrap().to_owned();
            let answer = &line["responses"][0];
            let status = StatusCode::from_u16(answer[0].as_u64().unwrap() as u16).unwrap();
            let text = answer[2].as_str().unwrap();
            let said: Value = serde_json::from_str(text).unwrap_or(Value::Null);
            let reply = Reply::json(status, text);
            let (client, recording) = recorded([reply]);
            let storage = client.storage();
            if call.contains(".exists(") {
                let found = storage.from("a").exists("x").await;
                match status.as_u16() {
                    502 => assert_eq!(found.unwrap_err().kind(), ErrorKind::Unavailable, "{call}"),
                    // supabase-js throws for status 400 that means 404; here it is an answer.
                    _ => assert!(!found.unwrap(), "{call}"),
                }
            } else {
                let error = if call.contains("download") {
                    storage.from("a").download("x").await.map(drop)
                } else if call.contains("list_buckets") {
                    storage.list_buckets().await.map(drop)
                } else if call.contains("vectors()") {
                    storage.vectors().create_bucket("x").await
                } else {
                    assert!(call.contains("analytics().delete"), "{call}");
                    storage.analytics().delete_bucket("x").await
                };
                let error = error.unwrap_err();
                let kind = match (status.as_u16(), said["statusCode"].as_str()) {
                    (502, _) => ErrorKind::Unavailable,
                    (_, Some("409")) => ErrorKind::Conflict,
                    // A token that is none.
                    (_, Some("403")) => ErrorKind::Unauthenticated,
                    _ => ErrorKind::NotFound,
                };
                assert_eq!(error.kind(), kind, "{call}");
                let body = error.storage().unwrap();
                let nested = said["error"].as_object();
                let message = said["message"].as_str().or_else(|| nested.and_then(|error| error["message"].as_str()));
                if let Some(message) = message {
                    assert_eq!(body.message, message, "{call}");
                }
                let code = said["code"]
                    .as_str()
                    .or_else(|| said["error"].as_str())
                    .or_else(|| nested.and_then(|error| error["type"].as_str()));
                assert_eq!(error.code(), code, "{call}");
                assert_eq!((body.status, body.text.as_str()), (status, text), "{call}");
            }
            // The request itself; statuses of a passing kind are tried again where that does no harm.
            let (sent, expected) = (recording.sent(), &line["requests"][0]);
            assert_eq!(sent[0].method.as_str(), expected["method"].as_str().unwrap(), "{call}");
            assert!(sent[0].url.ends_with(expected["path"].as_str().unwrap()), "{call}");
            assert_eq!(sent.len(), if status == StatusCode::BAD_GATEWAY { 3 } else { 1 }, "{call}");
            seen += 1;
        }
    }
    println!("storage errors: {seen} of 13");
    assert_eq!(seen, 13);
}

#[tokio::test]
async fn a_new_object_is_never_sent_twice() {
    let busy = || Reply::json(StatusCode::SERVICE_UNAVAILABLE, "{}");
    let (client, recording) = recorded([busy()]);
    let error = client.storage().from("a").upload("x", "y").await.unwrap_err();
    assert_eq!((error.kind(), recording.sent().len()), (ErrorKind::Unavailable, 1));
    // What replaces can be repeated.
    let (client, recording) = recorded([busy()]);
    client.storage().from("a").upload("x", "y").upsert(true).await.unwrap_err();
    assert_eq!(recording.sent().len(), 3);
    assert_eq!(recording.sent()[2].headers["x-retry-count"], "2");
    // In chunks: without its bytes the creation makes no object, and may be repeated.
    let (client, recording) = recorded([busy()]);
    client.storage().from("a").upload("x", "y").resumable(Resumable::Always).await.unwrap_err();
    assert_eq!(recording.sent().len(), 6);
    assert!(recording.sent().iter().all(|sent| sent.body.is_empty()));
}

#[tokio::test]
async fn refused_keys_send_nothing() {
    let (client, recording) = recorded([]);
    let bucket = client.storage().from("a");
    let key = "a#b";
    let mut errors = vec![
        bucket.upload(key, "").await.unwrap_err(),
        bucket.update(key, "").await.unwrap_err(),
        bucket.download(key).await.unwrap_err(),
        bucket.info(key).await.unwrap_err(),
        bucket.exists(key).await.unwrap_err(),
        bucket.remove([key]).await.unwrap_err(),
        bucket.create_signed_url(key, MINUTE).await.unwrap_err(),
        bucket.create_signed_urls([key], MINUTE).await.unwrap_err(),
        bucket.create_signed_upload_url(key).await.unwrap_err(),
        bucket.upload_to_signed_url(key, "t", "").await.unwrap_err(),
        bucket.get_public_url(key).to_url().unwrap_err(),
        bucket.purge_cache(key).await.unwrap_err(),
    ];
    errors.push(bucket.move_to("a", key).await.unwrap_err());
    errors.push(bucket.copy(key, "a").await.unwrap_err());
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.to_string().contains("`#`"), "{error}");
    }
    assert!(recording.sent().is_empty());
}

#[tokio::test]
async fn pages_follow_the_cursor() {
    use futures_util::TryStreamExt;
    let page = |name: &str, next: Value| {
        Reply::json(
            StatusCode::OK,
            json!({"hasNext": !next.is_null(), "nextCursor": next, "folders": [], "objects": [{"name": name}]})
                .to_string(),
        )
    };
    let (client, recording) = recorded([page("a", json!("one")), page("b", json!("two")), page("c", Value::Null)]);
    let names: Vec<String> = client
        .storage()
        .from("x")
        .list_v2()
        .prefix("p")
        .limit(1)
        .stream()
        .map_ok(|object| object.name)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(names, ["a", "b", "c"]);
    let cursors: Vec<Value> = recording
        .sent()
        .iter()
        .map(|sent| serde_json::from_slice::<Value>(&sent.body).unwrap()["cursor"].clone())
        .collect();
    assert_eq!(cursors, [Value::Null, json!("one"), json!("two")]);
}
