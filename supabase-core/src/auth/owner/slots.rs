//! Keeping PKCE verifiers until their codes come back.

use super::{SessionOwner, TURN};
use crate::auth::pkce::{FlowId, SLOTS, Slot};
use crate::error::{Error, ErrorKind, Result};

impl SessionOwner {
    fn slots_key(&self) -> String {
        format!("{}-flows-code-verifier", self.key)
    }

    /// Changes the list of slots; one change at a time, in this process and in others that share
    /// the store.
    async fn with_slots<T>(&self, change: impl FnOnce(&mut Vec<Slot>) -> T) -> Result<T> {
        let failed = |error| {
            Error::new(ErrorKind::Config, "the session store cannot keep the PKCE verifier").with_boxed_source(error)
        };
        let (store, key) = (&*self.config.store, self.slots_key());
        let _turn = tokio::time::timeout(TURN, self.writing.lock()).await;
        let _guard = store.lock(&key).await.map_err(failed)?;
        let text = store.load(&key).await.map_err(failed)?;
        let mut slots: Vec<Slot> = text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let result = change(&mut slots);
        let changed = serde_json::to_string(&slots).map_err(|error| failed(error.into()))?;
        match text {
            // Who only looks needs nothing of the store that it could fail at.
            Some(text) if text == changed => {}
            None if slots.is_empty() => {}
            _ if slots.is_empty() => store.remove(&key).await.map_err(failed)?,
            _ => store.save(&key, &changed).await.map_err(failed)?,
        }
        Ok(result)
    }

    pub(in super::super) async fn keep_slot(&self, slot: Slot) -> Result<()> {
        self.with_slots(|slots| {
            slots.push(slot);
            let surplus = slots.len().saturating_sub(SLOTS);
            slots.drain(..surplus);
        })
        .await
    }

    /// The slot of this flow, and no other; without a flow the one that was begun last.
    pub(in super::super) async fn slot(&self, flow: Option<&FlowId>) -> Result<Option<Slot>> {
        self.with_slots(|slots| match flow {
            Some(flow) => slots.iter().find(|slot| slot.flow == *flow).cloned(),
            None => slots.last().cloned(),
        })
        .await
    }

    /// Drops the slot of a flow that is over. One that cannot be dropped is of no use to anybody and
    /// makes room for a later one.
    pub(in super::super) async fn forget_slot(&self, flow: &FlowId) {
        if let Err(error) = self.with_slots(|slots| slots.retain(|slot| slot.flow != *flow)).await {
            tracing::warn!(target: "supabase", %error, "the verifier of a flow that is over stays in the session store");
        }
    }
}
