//! The services of a stack, one folder each. The gateway mounts them; they share a [`Project`](crate::project::Project)
//! and know nothing of each other.

pub(crate) mod auth;
pub(crate) mod functions;
pub(crate) mod realtime;
pub(crate) mod rest;
pub(crate) mod storage;
