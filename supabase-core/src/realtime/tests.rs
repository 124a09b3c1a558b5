//! The actor over memory.
