//! Signalbox: reports.
