//! Signalbox: domain.
