//! The store's behaviour, seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod all {
    mod acts;
    mod damage;
    mod disk_full;
    mod heads;
    mod kill;
    mod lists;
    mod machine;
    mod opening;
    mod processes;
    mod rebuilding;
    mod scribe;
    mod trace;
}
