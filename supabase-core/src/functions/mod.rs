//! Edge Functions: code of the project that answers HTTP requests.
//!
//! ```no_run
//! # async fn example(supabase: supabase_core::Client) -> supabase_core::Result<()> {
//! #[derive(serde::Deserialize)]
//! struct Greeting {
//!     message: String,
//! }
//! let greeting: Greeting =
//!     supabase.functions().invoke("hello-world").json(&serde_json::json!({ "name": "Ann" })).await?.json()?;
//! println!("{}", greeting.message);
//! # Ok(()) }
//! ```
//!
//! An answer that comes part by part is read with [`Invoke::stream`], Server-Sent Events with
//! [`StreamedAnswer::events`]. What a function answers with a status other than 2xx is an error that
//! keeps status, headers and body: [`Error::functions`](crate::Error::functions).

mod answer;
mod event;
mod form;
mod invoke;
mod part;
mod refusal;
mod region;

pub use answer::{FunctionAnswer, StreamedAnswer};
pub use event::{Events, ServerSentEvent, TypedEvents};
pub use form::{Form, Part};
pub use invoke::Invoke;
pub use part::AnsweredPart;
pub use region::Region;

use crate::client::Client;
use crate::token::{Bearer, Token};

/// The Edge Functions of a project, made by [`Client::functions`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `.invoke(..)` is awaited"]
pub struct Functions {
    client: Client,
    region: Region,
    bearer: Bearer,
}

impl Client {
    /// The project's Edge Functions.
    pub fn functions(&self) -> Functions {
        // A publishable or secret key is no token that a function could verify, so it is sent as
        // `apikey` alone.
        Functions { client: self.clone(), region: Region::Any, bearer: Bearer::UserOrJwtKey }
    }
}

impl Functions {
    /// Where functions run unless a call says otherwise.
    pub fn region(mut self, region: impl Into<Region>) -> Self {
        self.region = region.into();
        self
    }

    /// Calls with this token in `Authorization`, whoever is signed in.
    pub fn set_auth(mut self, token: &str) -> Self {
        self.bearer = Bearer::Exactly(Token::of_user(token));
        self
    }

    /// A call of the function `name`. A path below it (`hello/world`) and a query (`hello?x=1`) are
    /// passed on; a fragment is left out.
    ///
    /// The method is POST unless [`Invoke::method`] says otherwise, as in the official clients.
    pub fn invoke(&self, name: &str) -> Invoke {
        Invoke::new(self.client.clone(), name, self.region.clone(), self.bearer.clone())
    }
}
