//! Signalbox: app.
