//! Signalbox: store.
