//! `next()` on every stream that a user holds, so that reading one needs no other crate.

use crate::error::Result;

macro_rules! next {
    ($($(#[$when:meta])* [$($generics:tt)*] $stream:ty => $item:ty;)*) => {$(
        $(#[$when])*
        impl<$($generics)*> $stream {
            /// The next item, or `None` after the last one. A call that is cancelled loses nothing.
            ///
            /// The type is a `Stream` as well, for the combinators of `futures`.
            pub async fn next(&mut self) -> Option<$item>
            where
                Self: Unpin,
            {
                futures_util::StreamExt::next(self).await
            }
        }
    )*};
}

next! {
    [] crate::auth::AuthEvents => crate::auth::AuthChange;
    #[cfg(feature = "functions")]
    [] crate::functions::StreamedAnswer => Result<bytes::Bytes>;
    #[cfg(feature = "functions")]
    [] crate::functions::Events => Result<crate::functions::ServerSentEvent>;
    #[cfg(feature = "functions")]
    [T: serde::de::DeserializeOwned] crate::functions::TypedEvents<T> => Result<T>;
    #[cfg(feature = "storage")]
    [] crate::storage::Downloaded => Result<bytes::Bytes>;
    #[cfg(feature = "realtime")]
    [R: crate::schema::FromRow] crate::realtime::Changes<R> => Result<crate::realtime::Change<R>>;
    #[cfg(feature = "realtime")]
    [] crate::realtime::AnyChanges => Result<crate::realtime::AnyChange>;
    #[cfg(feature = "realtime")]
    [] crate::realtime::Broadcasts => Result<crate::realtime::Broadcast>;
    #[cfg(feature = "realtime")]
    [] crate::realtime::PresenceEvents => Result<crate::realtime::PresenceEvent>;
    #[cfg(feature = "realtime")]
    [] crate::realtime::SystemMessages => Result<crate::realtime::SystemMessage>;
    #[cfg(feature = "realtime")]
    [R] crate::realtime::Watch<R> => Result<crate::realtime::WatchEvent<R>>;
}
