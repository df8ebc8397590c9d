//! Signalbox: keys.
