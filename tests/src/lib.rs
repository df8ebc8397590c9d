//! Signalbox: scenarios.
