//! Buckets and objects, vectors, analytics.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use supabase_core::ErrorKind;
use supabase_core::storage::{DistanceMetric, Entry, Resize, Resumable, TableName, Transform, UploadState, Vector};
use supabase_core::transport::RetryPolicy;

capabilities! {
    "storage.file_buckets.access_bucket": "Storage::from" => |client| {
        let avatars = client.storage().from("avatars");
    }
    "storage.file_buckets.create_file_bucket": "Storage::create_bucket" => |client| {
        client.storage().create_bucket("avatars").public(true).file_size_limit("5MB").allowed_mime_types(["image/*"]).await?;
    }
    "storage.file_buckets.list_file_buckets": "Storage::list_buckets" => |client| {
        for bucket in client.storage().list_buckets().search("avatar").await? {
            println!("{} {}", bucket.id, bucket.public);
        }
    }
    "storage.file_buckets.get_bucket": "Storage::get_bucket" => |client| {
        let limit = client.storage().get_bucket("avatars").await?.file_size_limit;
    }
    "storage.file_buckets.update_bucket": "Storage::update_bucket" => |client| {
        client.storage().update_bucket("avatars").public(false).await?;
    }
    "storage.file_buckets.empty_bucket": "Storage::empty_bucket" => |client| {
        client.storage().empty_bucket("avatars").await?;
    }
    "storage.file_buckets.delete_file_bucket": "Storage::delete_bucket" => |client| {
        client.storage().delete_bucket("avatars").await?;
    }
    "storage.file_buckets.upload": "Bucket::upload" => |client| {
        let avatars = client.storage().from("avatars");
        avatars.upload("ada.txt", "hello").await?;
        // Above 6 MiB an upload goes in chunks, and goes on after a broken connection.
        let upload = avatars.upload("film.mp4", Path::new("film.mp4")).upsert(true).resumable(Resumable::Auto);
        let (upload, mut progress) = upload.with_progress();
        tokio::join!(upload.send(), async { while let Some(step) = progress.next().await { println!("{}", step.sent) } }).0?;
        // And in another process.
        let state: UploadState = serde_json::from_slice(&std::fs::read("film.upload")?)?;
        avatars.resume_upload(state, Path::new("film.mp4")).await?;
    }
    "storage.file_buckets.upload_with_metadata": "Upload::metadata" => |client| {
        client.storage().from("avatars").upload("ada.png", Path::new("ada.png")).metadata(&json!({ "by": "ada" })).await?;
    }
    "storage.file_buckets.update_file": "Bucket::update" => |client| {
        client.storage().from("avatars").update("ada.png", Path::new("ada.png")).cache_control(60).await?;
    }
    "storage.file_buckets.download": "Bucket::download" => |client| {
        let bytes = client.storage().from("avatars").download("ada.png").await?;
        let written = client.storage().from("avatars").download("ada.png").to_file("ada.png").await?;
    }
    "storage.file_buckets.download_as_stream": "Download::stream" => |client| {
        let mut object = client.storage().from("avatars").download("film.mp4").range(1024..).stream().await?;
        while let Some(part) = object.try_next().await? {
            println!("{} bytes", part.len());
        }
    }
    "storage.file_buckets.download_with_transform": "Download::transform" => |client| {
        let small = Transform::new().width(100).height(100).resize(Resize::Cover);
        let bytes = client.storage().from("avatars").download("ada.png").transform(small).await?;
    }
    "storage.file_buckets.list_files": "Bucket::list" => |client| {
        for entry in client.storage().from("avatars").list("people").limit(20).await? {
            match entry {
                Entry::Folder { name } => println!("{name}/"),
                Entry::File(file) => println!("{} {:?}", file.name, file.size()),
            }
        }
        let mut all = client.storage().from("avatars").list_v2().prefix("people/").stream();
        while let Some(object) = all.try_next().await? {
            println!("{}", object.name);
        }
    }
    "storage.file_buckets.file_info": "Bucket::info" => |client| {
        let size = client.storage().from("avatars").info("ada.png").await?.size;
    }
    "storage.file_buckets.file_exists": "Bucket::exists" => |client| {
        if !client.storage().from("avatars").exists("ada.png").await? {
            println!("none yet");
        }
    }
    "storage.file_buckets.copy": "Bucket::copy" => |client| {
        client.storage().from("avatars").copy("ada.png", "old/ada.png").await?;
    }
    "storage.file_buckets.copy_cross_bucket": "Copy::into_bucket" => |client| {
        client.storage().from("avatars").copy("ada.png", "ada.png").into_bucket("archive").await?;
    }
    "storage.file_buckets.move": "Bucket::move_to" => |client| {
        client.storage().from("avatars").move_to("ada.png", "old/ada.png").await?;
    }
    "storage.file_buckets.move_cross_bucket": "Move::into_bucket" => |client| {
        client.storage().from("avatars").move_to("ada.png", "ada.png").into_bucket("archive").await?;
    }
    "storage.file_buckets.remove": "Bucket::remove" => |client| {
        let removed = client.storage().from("avatars").remove(["ada.png", "eve.png"]).await?;
    }
    "storage.file_buckets.create_signed_url": "Bucket::create_signed_url" => |client| {
        let minute = Duration::from_secs(60);
        let url = client.storage().from("avatars").create_signed_url("ada.png", minute).download_as("portrait.png").await?;
    }
    "storage.file_buckets.create_signed_urls": "Bucket::create_signed_urls" => |client| {
        for signed in client.storage().from("avatars").create_signed_urls(["a.png", "b.png"], Duration::from_secs(60)).await? {
            println!("{}: {:?}", signed.key, signed.url);
        }
    }
    "storage.file_buckets.create_signed_upload_url": "Bucket::create_signed_upload_url" => |client| {
        let signed = client.storage().from("avatars").create_signed_upload_url("ada.png").upsert(true).await?;
    }
    "storage.file_buckets.upload_with_signed_url": "Bucket::upload_to_signed_url" => |client| {
        let token = "from whoever may upload";
        client.storage().from("avatars").upload_to_signed_url("ada.png", token, Path::new("ada.png")).await?;
    }
    "storage.file_buckets.get_public_url": "Bucket::get_public_url" => |client| {
        let url = client.storage().from("avatars").get_public_url("ada.png").to_url()?;
    }
    "storage.file_buckets.url_cache_nonce": "GetPublicUrl::cache_nonce" => |client| {
        let url = client.storage().from("avatars").get_public_url("ada.png").cache_nonce("2").to_url()?;
    }
    "storage.file_buckets.purge_cache": "Bucket::purge_cache" => |client| {
        client.storage().from("avatars").purge_cache("ada.png").await?;
    }
    "storage.file_buckets.purge_bucket_cache": "Storage::purge_bucket_cache" => |client| {
        client.storage().purge_bucket_cache("avatars").transformations().await?;
    }
    "storage.file_buckets.request_cancellation": "Upload" => |client| {
        // Dropping a future cancels what it does; a file is never left half-written.
        let upload = client.storage().from("avatars").upload("film.mp4", Path::new("film.mp4")).send();
        let in_time = tokio::time::timeout(Duration::from_secs(60), upload).await.is_ok();
    }
    "storage.vector_buckets.create_vector_bucket": "Vectors::create_bucket" => |client| {
        client.storage().vectors().create_bucket("embeddings").await?;
    }
    "storage.vector_buckets.list_vector_buckets": "Vectors::list_buckets" => |client| {
        let page = client.storage().vectors().list_buckets().prefix("emb").max_results(10).await?;
    }
    "storage.vector_buckets.delete_vector_bucket": "Vectors::delete_bucket" => |client| {
        client.storage().vectors().delete_bucket("embeddings").await?;
    }
    "storage.vector_buckets.create_index": "VectorBucket::create_index" => |client| {
        let embeddings = client.storage().vectors().from("embeddings");
        embeddings.create_index("notes", 3, DistanceMetric::Cosine).non_filterable(["text"]).await?;
    }
    "storage.vector_buckets.get_index": "VectorBucket::get_index" => |client| {
        let dimension = client.storage().vectors().from("embeddings").get_index("notes").await?.dimension;
    }
    "storage.vector_buckets.list_indexes": "VectorBucket::list_indexes" => |client| {
        let page = client.storage().vectors().from("embeddings").list_indexes().await?;
    }
    "storage.vector_buckets.delete_index": "VectorBucket::delete_index" => |client| {
        client.storage().vectors().from("embeddings").delete_index("notes").await?;
    }
    "storage.vector_buckets.access_vector_index": "VectorBucket::index" => |client| {
        let notes = client.storage().vectors().from("embeddings").index("notes");
    }
    "storage.vector_buckets.put_vectors": "VectorIndex::put" => |client| {
        let notes = client.storage().vectors().from("embeddings").index("notes");
        notes.put(&[Vector::new("1", [0.1, 0.2, 0.3]).with("topic", "moons")]).await?;
    }
    "storage.vector_buckets.get_vectors": "VectorIndex::get" => |client| {
        let vectors = client.storage().vectors().from("embeddings").index("notes").get(["1", "2"]).await?;
    }
    "storage.vector_buckets.list_vectors": "VectorIndex::list" => |client| {
        let page = client.storage().vectors().from("embeddings").index("notes").list().return_data(true).await?;
    }
    "storage.vector_buckets.parallel_scan": "ListVectors::segment" => |client| {
        let notes = client.storage().vectors().from("embeddings").index("notes");
        let (first, second) = tokio::try_join!(notes.list().segment(0, 2).send(), notes.list().segment(1, 2).send())?;
    }
    "storage.vector_buckets.query_vectors": "VectorIndex::query" => |client| {
        let notes = client.storage().vectors().from("embeddings").index("notes");
        for found in notes.query([0.1, 0.2, 0.3], 5).filter(json!({ "topic": "moons" })).await?.vectors {
            println!("{} {:?}", found.key, found.distance);
        }
    }
    "storage.vector_buckets.delete_vectors": "VectorIndex::delete" => |client| {
        client.storage().vectors().from("embeddings").index("notes").delete(["1"]).await?;
    }
    "storage.analytics.create_analytics_bucket": "Analytics::create_bucket" => |client| {
        client.storage().analytics().create_bucket("events").await?;
    }
    "storage.analytics.list_analytics_buckets": "Analytics::list_buckets" => |client| {
        let buckets = client.storage().analytics().list_buckets().limit(10).await?;
    }
    "storage.analytics.delete_analytics_bucket": "Analytics::delete_bucket" => |client| {
        client.storage().analytics().delete_bucket("events").await?;
    }
    "storage.analytics.access_catalog": "Analytics::from" => |client| {
        let catalog = client.storage().analytics().from("events");
    }
    "storage.analytics.create_namespace": "Catalog::create_namespace" => |client| {
        client.storage().analytics().from("events").create_namespace(["web"], &BTreeMap::new()).await?;
    }
    "storage.analytics.list_namespaces": "Catalog::list_namespaces" => |client| {
        let catalog = client.storage().analytics().from("events");
        let (top, below) = (catalog.list_namespaces().await?, catalog.list_namespaces_in(["web"]).await?);
    }
    "storage.analytics.load_namespace_metadata": "Catalog::load_namespace" => |client| {
        let properties = client.storage().analytics().from("events").load_namespace(["web"]).await?;
    }
    "storage.analytics.namespace_exists": "Catalog::namespace_exists" => |client| {
        let there = client.storage().analytics().from("events").namespace_exists(["web"]).await?;
    }
    "storage.analytics.update_namespace_properties": "Catalog::update_namespace" => |client| {
        let owner = BTreeMap::from([("owner".to_owned(), "ada".to_owned())]);
        client.storage().analytics().from("events").update_namespace(["web"], &owner, &["draft"]).await?;
    }
    "storage.analytics.delete_namespace": "Catalog::drop_namespace" => |client| {
        client.storage().analytics().from("events").drop_namespace(["web"]).await?;
    }
    "storage.analytics.create_table": "Catalog::create_table" => |client| {
        let fields = json!([{ "id": 1, "name": "at", "type": "timestamptz", "required": true }]);
        let clicks = json!({ "name": "clicks", "schema": { "type": "struct", "fields": fields } });
        client.storage().analytics().from("events").create_table(["web"], &clicks).await?;
    }
    "storage.analytics.list_tables": "Catalog::list_tables" => |client| {
        let tables = client.storage().analytics().from("events").list_tables(["web"]).await?;
    }
    "storage.analytics.load_table": "Catalog::load_table" => |client| {
        let table = client.storage().analytics().from("events").load_table(&TableName::new(["web"], "clicks")).await?;
    }
    "storage.analytics.table_exists": "Catalog::table_exists" => |client| {
        let there = client.storage().analytics().from("events").table_exists(&TableName::new(["web"], "clicks")).await?;
    }
    "storage.analytics.update_table": "Catalog::update_table" => |client| {
        let commit = json!({ "requirements": [], "updates": [{ "action": "set-properties", "updates": { "owner": "ada" } }] });
        client.storage().analytics().from("events").update_table(&TableName::new(["web"], "clicks"), &commit).await?;
    }
    "storage.analytics.rename_table": "Catalog::rename_table" => |client| {
        let (from, to) = (TableName::new(["web"], "clicks"), TableName::new(["web"], "old_clicks"));
        client.storage().analytics().from("events").rename_table(&from, &to).await?;
    }
    "storage.analytics.register_table": "Catalog::register_table" => |client| {
        let file = "s3://events/web/clicks/metadata/00001.metadata.json";
        client.storage().analytics().from("events").register_table(["web"], "clicks", file).await?;
    }
    "storage.analytics.delete_table": "Catalog::drop_table" => |client| {
        client.storage().analytics().from("events").drop_table(&TableName::new(["web"], "clicks"), true).await?;
    }
    "storage.configuration.auto_retry": "RetryPolicy" => |client| {
        // As the client was built, or for one call; what is new is never sent twice.
        let patient = RetryPolicy::default().waits(Duration::from_millis(200), Duration::from_secs(5));
        let bytes = client.storage().from("avatars").download("ada.png").retry(patient).await?;
    }
    "storage.errors.error_codes": "Error::code" => |client| {
        match client.storage().from("avatars").download("ada.png").await {
            Err(error) if error.kind() == ErrorKind::NotFound => println!("{:?}", error.code()),
            other => println!("{} bytes", other?.len()),
        }
    }
}
