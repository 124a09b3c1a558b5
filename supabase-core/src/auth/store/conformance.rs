//! What any store must do, as a test that any store can be put to.

use super::{SessionStore, StoreError};

/// Checks that a store keeps its promises: what is saved is what is loaded, names do not touch each
/// other, removing is idempotent, and readers see whole texts while a writer replaces them.
///
/// Give it a store that is empty; it leaves it so.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use supabase_core::auth::{MemoryStore, check_session_store};
/// check_session_store(&MemoryStore::new()).await.unwrap();
/// # }
/// ```
///
/// # Errors
/// The first promise that is broken, in words, or the store's own error.
pub async fn check_session_store(store: &dyn SessionStore) -> Result<(), StoreError> {
    let must = |held: bool, what: &str| {
        if held { Ok(()) } else { Err(StoreError::from(format!("a session store must {what}"))) }
    };
    let (one, two) = ("sb-check-auth-token", "sb-check-auth-token-code-verifier");

    must(store.load(one).await?.is_none(), "be empty when it is new")?;
    store.remove(one).await?;
    must(store.load(one).await?.is_none(), "take the removal of what is not there for done")?;

    let odd = "{\"a\":\"é\u{1F600}\\u0000\"}\r\n \t trailing ";
    store.save(one, odd).await?;
    must(store.load(one).await?.as_deref() == Some(odd), "give back exactly the text that was saved")?;
    must(store.load(two).await?.is_none(), "keep names apart")?;

    let long = "x".repeat(100_000);
    store.save(one, &long).await?;
    must(store.load(one).await?.as_deref() == Some(&*long), "keep long texts whole")?;
    store.save(one, "").await?;
    must(
        store.load(one).await?.as_deref() == Some(""),
        "tell an empty text from none, and keep nothing of the text before",
    )?;

    for name in ["a/b", "..", "a b", "ä", "A", "a"] {
        store.save(name, name).await?;
    }
    for name in ["a/b", "..", "a b", "ä", "A", "a"] {
        must(
            store.load(name).await?.as_deref() == Some(name),
            "take any name, and tell names apart by every character",
        )?;
        store.remove(name).await?;
    }

    let (old, new) = ("o".repeat(20_000), "n".repeat(30_000));
    store.save(two, &old).await?;
    let write = async {
        for _ in 0..50 {
            store.save(two, &new).await?;
            tokio::task::yield_now().await;
            store.save(two, &old).await?;
            tokio::task::yield_now().await;
        }
        Ok::<_, StoreError>(())
    };
    let read = async {
        for _ in 0..100 {
            let text = store.load(two).await?;
            must(text.as_ref().is_some_and(|text| *text == old || *text == new), "never show half a text")?;
            tokio::task::yield_now().await;
        }
        Ok::<_, StoreError>(())
    };
    let (written, read) = futures_util::future::join(write, read).await;
    written?;
    read?;

    if let Some(guard) = store.lock(one).await? {
        drop(guard);
        must(store.lock(one).await?.is_some(), "give the lock again once it is free")?;
    }
    for name in [one, two] {
        store.remove(name).await?;
        must(store.load(name).await?.is_none(), "forget what is removed")?;
    }
    Ok(())
}
