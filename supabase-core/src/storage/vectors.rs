//! Vector buckets: indexes of embeddings, searched by similarity.
//!
//! These calls are proven against the requests of the official clients only; neither the recorded
//! server nor the local stack has vector buckets.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::{Call, Pending, nothing, storage_call};
use super::respond;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};

/// How many vectors or keys the service takes in one request.
const BATCH: usize = 500;

/// Vector buckets; made by [`Storage::vectors`](super::Storage::vectors).
#[derive(Debug, Clone)]
pub struct Vectors {
    client: Client,
}

fn post(client: &Client, operation: &str, body: &impl Serialize, reads: bool) -> Pending {
    let mut pending = Pending::new(client, Method::POST, format!("/vector/{operation}")).json(body);
    pending.idempotent = reads;
    pending
}

impl Vectors {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Creates a vector bucket.
    pub fn create_bucket(&self, name: &str) -> Call<()> {
        Call::new(post(&self.client, "CreateVectorBucket", &json!({ "vectorBucketName": name }), false), nothing)
    }

    /// What is known about a vector bucket.
    pub fn get_bucket(&self, name: &str) -> Call<VectorBucketInfo> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Answer {
            vector_bucket: VectorBucketInfo,
        }
        Call::new(post(&self.client, "GetVectorBucket", &json!({ "vectorBucketName": name }), true), |body| {
            respond::json::<Answer>(body).map(|answer| answer.vector_bucket)
        })
    }

    /// Vector buckets, page by page.
    pub fn list_buckets(&self) -> ListVectorBuckets {
        ListVectorBuckets {
            pending: post(&self.client, "ListVectorBuckets", &json!({}), true),
            body: ListBody::default(),
        }
    }

    /// Deletes a vector bucket, which has to be empty.
    pub fn delete_bucket(&self, name: &str) -> Call<()> {
        Call::new(
            post(&self.client, "DeleteVectorBucket", &json!({ "vectorBucketName": name }), false).removing(),
            nothing,
        )
    }

    /// The indexes of a vector bucket.
    #[must_use]
    pub fn from(&self, bucket: impl Into<String>) -> VectorBucket {
        VectorBucket { client: self.client.clone(), name: bucket.into() }
    }
}

/// What is known about a vector bucket.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VectorBucketInfo {
    /// Its name.
    pub vector_bucket_name: String,
    /// When it was created, in seconds since 1970.
    #[serde(default)]
    pub creation_time: Option<f64>,
    /// How it is encrypted.
    #[serde(default)]
    pub encryption_configuration: Option<Value>,
}

#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ListBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    vector_bucket_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_results: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

macro_rules! list {
    ($(#[$doc:meta])* $ty:ident => $page:ident;) => {
        $(#[$doc])*
        #[must_use = "nothing is sent before the call is awaited"]
        pub struct $ty {
            pending: Pending,
            body: ListBody,
        }

        impl $ty {
            /// Only those whose name begins with this.
            pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
                self.body.prefix = Some(prefix.into());
                self
            }

            /// At most so many.
            pub fn max_results(mut self, most: u32) -> Self {
                self.body.max_results = Some(most);
                self
            }

            /// Begins where an earlier page ended.
            pub fn next_token(mut self, token: impl Into<String>) -> Self {
                self.body.next_token = Some(token.into());
                self
            }

            fn finish(self) -> impl Future<Output = Result<$page>> + Send + 'static {
                async move { respond::json(&self.pending.json(&self.body).send().await?.1) }
            }
        }
    };
}

list! {
    /// Lists vector buckets; made by [`Vectors::list_buckets`].
    ListVectorBuckets => VectorBucketPage;
}

list! {
    /// Lists the indexes of a vector bucket; made by [`VectorBucket::list_indexes`].
    ListIndexes => IndexPage;
}

/// A page of vector buckets.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VectorBucketPage {
    /// The buckets.
    #[serde(default)]
    pub vector_buckets: Vec<VectorBucketInfo>,
    /// Where the next page begins, if there is one.
    #[serde(default)]
    pub next_token: Option<String>,
}

/// A page of indexes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IndexPage {
    /// The indexes; the service leaves most of their settings out here.
    #[serde(default)]
    pub indexes: Vec<IndexInfo>,
    /// Where the next page begins, if there is one.
    #[serde(default)]
    pub next_token: Option<String>,
}

/// What is known about an index.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IndexInfo {
    /// Its name.
    pub index_name: String,
    /// Its bucket.
    #[serde(default)]
    pub vector_bucket_name: Option<String>,
    /// How many numbers a vector has.
    #[serde(default)]
    pub dimension: Option<u32>,
    /// How far two vectors are from each other.
    #[serde(default)]
    pub distance_metric: Option<DistanceMetric>,
    /// What the numbers are.
    #[serde(default)]
    pub data_type: Option<DataType>,
    /// Which metadata cannot be filtered by, and more.
    #[serde(default)]
    pub metadata_configuration: Option<Value>,
    /// When it was created, in seconds since 1970.
    #[serde(default)]
    pub creation_time: Option<f64>,
}

/// How far two vectors are from each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DistanceMetric {
    /// By their angle.
    Cosine,
    /// By the straight line.
    Euclidean,
    /// By their product.
    DotProduct,
    /// Something newer.
    #[serde(untagged)]
    Other(String),
}

/// What the numbers of a vector are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DataType {
    /// Floats of 32 bits.
    Float32,
    /// Something newer.
    #[serde(untagged)]
    Other(String),
}

/// The indexes of a vector bucket; made by [`Vectors::from`].
#[derive(Debug, Clone)]
pub struct VectorBucket {
    client: Client,
    name: String,
}

impl VectorBucket {
    /// Creates an index of vectors of so many numbers.
    pub fn create_index(&self, name: &str, dimension: u32, metric: DistanceMetric) -> CreateIndex {
        CreateIndex {
            pending: post(&self.client, "CreateIndex", &json!({}), false),
            body: CreateIndexBody {
                vector_bucket_name: self.name.clone(),
                index_name: name.to_owned(),
                dimension,
                distance_metric: metric,
                data_type: DataType::Float32,
                metadata_configuration: None,
            },
        }
    }

    /// What is known about an index.
    pub fn get_index(&self, name: &str) -> Call<IndexInfo> {
        #[derive(Deserialize)]
        struct Answer {
            index: IndexInfo,
        }
        let body = json!({ "vectorBucketName": self.name, "indexName": name });
        Call::new(post(&self.client, "GetIndex", &body, true), |body| {
            respond::json::<Answer>(body).map(|answer| answer.index)
        })
    }

    /// The indexes, page by page.
    pub fn list_indexes(&self) -> ListIndexes {
        let body = ListBody { vector_bucket_name: Some(self.name.clone()), ..ListBody::default() };
        ListIndexes { pending: post(&self.client, "ListIndexes", &json!({}), true), body }
    }

    /// Deletes an index with its vectors.
    pub fn delete_index(&self, name: &str) -> Call<()> {
        let body = json!({ "vectorBucketName": self.name, "indexName": name });
        Call::new(post(&self.client, "DeleteIndex", &body, false).removing(), nothing)
    }

    /// The vectors of an index.
    #[must_use]
    pub fn index(&self, name: impl Into<String>) -> VectorIndex {
        VectorIndex { client: self.client.clone(), bucket: self.name.clone(), name: name.into() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateIndexBody {
    vector_bucket_name: String,
    index_name: String,
    dimension: u32,
    distance_metric: DistanceMetric,
    data_type: DataType,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata_configuration: Option<Value>,
}

/// Creates an index; made by [`VectorBucket::create_index`].
#[must_use = "nothing is sent before the call is awaited"]
pub struct CreateIndex {
    pending: Pending,
    body: CreateIndexBody,
}

impl CreateIndex {
    /// Metadata by which queries cannot filter.
    pub fn non_filterable(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let keys: Vec<String> = keys.into_iter().map(Into::into).collect();
        self.body.metadata_configuration = Some(json!({ "nonFilterableMetadataKeys": keys }));
        self
    }

    fn finish(self) -> impl Future<Output = Result<()>> + Send + 'static {
        async move { self.pending.json(&self.body).send().await.map(drop) }
    }
}

/// A vector with its key and metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Vector {
    /// Its key.
    pub key: String,
    /// Its numbers; absent in answers that were not asked for them.
    #[serde(default, with = "float32", skip_serializing_if = "Option::is_none")]
    pub data: Option<Vec<f32>>,
    /// Its metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, Value>>,
}

/// `{"float32": [..]}`
mod float32 {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Data {
        float32: Vec<f32>,
    }

    pub(super) fn serialize<S: Serializer>(data: &Option<Vec<f32>>, out: S) -> Result<S::Ok, S::Error> {
        data.as_ref().map(|float32| Data { float32: float32.clone() }).serialize(out)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<f32>>, D::Error> {
        Ok(Option::<Data>::deserialize(from)?.map(|data| data.float32))
    }
}

impl Vector {
    /// A vector without metadata.
    pub fn new(key: impl Into<String>, data: impl Into<Vec<f32>>) -> Self {
        Self { key: key.into(), data: Some(data.into()), metadata: None }
    }

    /// Adds metadata of one name.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.get_or_insert_default().insert(name.into(), value.into());
        self
    }
}

/// The vectors of an index; made by [`VectorBucket::index`].
#[derive(Debug, Clone)]
pub struct VectorIndex {
    client: Client,
    bucket: String,
    name: String,
}

fn check_batch(count: usize, what: &str) -> Result<()> {
    if (1..=BATCH).contains(&count) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Refused, format!("{count} {what} in one call: the service takes 1 to {BATCH}")))
}

impl VectorIndex {
    fn body(&self, more: Value) -> Value {
        let mut body = json!({ "vectorBucketName": self.bucket, "indexName": self.name });
        if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
            body.extend(more);
        }
        body
    }

    /// Stores vectors, in the place of those of the same keys: 1 to 500 in one call.
    pub fn put(&self, vectors: &[Vector]) -> Call<()> {
        let body = self.body(json!({ "vectors": vectors }));
        Call::new(post(&self.client, "PutVectors", &body, true).check(check_batch(vectors.len(), "vectors")), nothing)
    }

    /// The vectors of these keys, with their numbers and metadata.
    pub fn get(&self, keys: impl IntoIterator<Item = impl Into<String>>) -> Call<Vec<Vector>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            vectors: Vec<Vector>,
        }
        let keys: Vec<String> = keys.into_iter().map(Into::into).collect();
        let checked = check_batch(keys.len(), "keys");
        let body = self.body(json!({ "keys": keys, "returnData": true, "returnMetadata": true }));
        Call::new(post(&self.client, "GetVectors", &body, true).check(checked), |body| {
            respond::json::<Answer>(body).map(|answer| answer.vectors)
        })
    }

    /// All vectors, page by page, or one segment of them.
    pub fn list(&self) -> ListVectors {
        ListVectors {
            pending: post(&self.client, "ListVectors", &json!({}), true),
            index: self.clone(),
            more: json!({}),
        }
    }

    /// The vectors nearest to this one.
    pub fn query(&self, vector: impl Into<Vec<f32>>, top: u32) -> QueryVectors {
        let vector: Vec<f32> = vector.into();
        let more = json!({ "queryVector": { "float32": vector }, "topK": top, "returnDistance": true });
        QueryVectors { pending: post(&self.client, "QueryVectors", &json!({}), true), index: self.clone(), more }
    }

    /// Deletes the vectors of these keys: 1 to 500 in one call.
    pub fn delete(&self, keys: impl IntoIterator<Item = impl Into<String>>) -> Call<()> {
        let keys: Vec<String> = keys.into_iter().map(Into::into).collect();
        let checked = check_batch(keys.len(), "keys");
        let body = self.body(json!({ "keys": keys }));
        Call::new(post(&self.client, "DeleteVectors", &body, false).removing().check(checked), nothing)
    }
}

/// A page of vectors.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VectorPage {
    /// The vectors.
    #[serde(default)]
    pub vectors: Vec<Vector>,
    /// Where the next page begins, if there is one.
    #[serde(default)]
    pub next_token: Option<String>,
}

/// Lists vectors; made by [`VectorIndex::list`].
#[must_use = "nothing is sent before the call is awaited"]
pub struct ListVectors {
    pending: Pending,
    index: VectorIndex,
    more: Value,
}

impl ListVectors {
    /// At most so many.
    pub fn max_results(mut self, most: u32) -> Self {
        self.more["maxResults"] = most.into();
        self
    }

    /// Begins where an earlier page ended.
    pub fn next_token(mut self, token: impl Into<String>) -> Self {
        self.more["nextToken"] = token.into().into();
        self
    }

    /// With their numbers.
    pub fn return_data(mut self, with: bool) -> Self {
        self.more["returnData"] = with.into();
        self
    }

    /// With their metadata.
    pub fn return_metadata(mut self, with: bool) -> Self {
        self.more["returnMetadata"] = with.into();
        self
    }

    /// Only segment number `index` (from 0) of `count` (1 to 16): several workers scan an index
    /// together.
    pub fn segment(mut self, index: u8, count: u8) -> Self {
        if !(1..=16).contains(&count) || index >= count {
            let why = format!("segment {index} of {count}: there are 1 to 16 segments, counted from 0");
            self.pending.refuse::<()>(Err(Error::new(ErrorKind::Refused, why)));
        }
        self.more["segmentCount"] = count.into();
        self.more["segmentIndex"] = index.into();
        self
    }

    fn finish(self) -> impl Future<Output = Result<VectorPage>> + Send + 'static {
        async move { respond::json(&self.pending.json(&self.index.body(self.more)).send().await?.1) }
    }
}

/// The vectors nearest to one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VectorMatches {
    /// The nearest first.
    #[serde(default)]
    pub vectors: Vec<VectorMatch>,
    /// By which measure.
    #[serde(default)]
    pub distance_metric: Option<DistanceMetric>,
}

/// A vector that was found.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct VectorMatch {
    /// Its key.
    pub key: String,
    /// How far it is.
    #[serde(default)]
    pub distance: Option<f64>,
    /// Its metadata, if they were asked for.
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, Value>>,
}

/// Searches by similarity; made by [`VectorIndex::query`].
#[must_use = "nothing is sent before the call is awaited"]
pub struct QueryVectors {
    pending: Pending,
    index: VectorIndex,
    more: Value,
}

impl QueryVectors {
    /// Only vectors whose metadata fit this filter, in the service's own form: `{"a": 1}`.
    pub fn filter(mut self, filter: impl Into<Value>) -> Self {
        self.more["filter"] = filter.into();
        self
    }

    /// With their distance, as it is unless this says otherwise.
    pub fn return_distance(mut self, with: bool) -> Self {
        self.more["returnDistance"] = with.into();
        self
    }

    /// With their metadata.
    pub fn return_metadata(mut self, with: bool) -> Self {
        self.more["returnMetadata"] = with.into();
        self
    }

    fn finish(self) -> impl Future<Output = Result<VectorMatches>> + Send + 'static {
        async move { respond::json(&self.pending.json(&self.index.body(self.more)).send().await?.1) }
    }
}

storage_call! {
    ListVectorBuckets => VectorBucketPage;
    ListIndexes => IndexPage;
    CreateIndex => ();
    ListVectors => VectorPage;
    QueryVectors => VectorMatches;
}
