//! Drives the real desktop app in its real WebView, on a display and a session bus of its own.

mod app;
mod axe;
mod chord;
mod display;
mod home;
mod keyboard;
mod places;
mod processes;
mod script;
mod session;
mod target;

pub use app::{App, PATIENCE, WINDOW};
pub use axe::Violation;
pub use display::Display;
pub use home::{Home, Surroundings, Theme};
pub use places::Places;
pub use processes::ProcessGroup;
pub use script::{Script, Step};
pub use session::Session;
pub use target::Target;
