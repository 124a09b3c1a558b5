//! The recorded calls about buckets, analytics and vectors, made on our client.

use serde_json::json;
use supabase_core::storage::{
    BucketSort, DistanceMetric, Lifecycle, LifecycleRule, Order, Storage, TableName, Vector, Versioning,
};

use super::{Done, done};

/// The same call as the official client's.
#[allow(clippy::too_many_lines, reason = "one arm for each line of the vectors")]
pub(super) async fn perform(call: &str, storage: &Storage) -> Option<Done> {
    let vectors = storage.vectors();
    let index = vectors.from("vb").index("idx");
    let analytics = storage.analytics();
    Some(match call {
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
