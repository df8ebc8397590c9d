//! Signalbox: pipelines.
