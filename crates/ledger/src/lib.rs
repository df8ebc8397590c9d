//! Signalbox: ledger.
