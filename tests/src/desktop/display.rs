//! The bare X display: finds, sizes and focuses windows in place of a window manager.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConfigureWindowAux, ConnectionExt,
    EventMask, InputFocus, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

use super::PATIENCE;

/// A connection to the display of one session.
pub struct Display {
    pub(super) x: RustConnection,
    pub(super) root: Window,
    title: Atom,
}

impl Display {
    /// Connects to the display with this name.
    pub fn connect(name: &str) -> Result<Self> {
        let (x, screen) = x11rb::connect(Some(name))?;
        let root = x.setup().roots.get(screen).context("the display has no screen")?.root;
        let title = x.intern_atom(false, b"_NET_WM_NAME")?.reply()?.atom;
        // Programs answer a window manager's pings to whoever listens here.
        let listen = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
        x.change_window_attributes(root, &listen)?.check()?;
        Ok(Self { x, root, title })
    }

    /// The visible window with this title, waited for.
    pub async fn window(&self, title: &str) -> Result<Window> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            if let Some(window) = self.find(title)? {
                return Ok(window);
            }
            ensure!(
                Instant::now() < give_up,
                "no window called {title} appeared among {:?}",
                self.visible()?
            );
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until no visible window has this title.
    pub async fn gone(&self, title: &str) -> Result<()> {
        let give_up = Instant::now() + PATIENCE;
        while self.find(title)?.is_some() {
            ensure!(Instant::now() < give_up, "the window called {title} stays");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        Ok(())
    }

    /// Gives a window this size, at the screen's corner.
    pub fn resize(&self, window: Window, width: u32, height: u32) -> Result<()> {
        let place = ConfigureWindowAux::new().x(0).y(0).width(width).height(height);
        self.x.configure_window(window, &place)?.check()?;
        Ok(())
    }

    /// Asks a window to close, as its close button does.
    pub fn close(&self, window: Window) -> Result<()> {
        let protocols = self.x.intern_atom(false, b"WM_PROTOCOLS")?.reply()?.atom;
        let delete = self.x.intern_atom(false, b"WM_DELETE_WINDOW")?.reply()?.atom;
        let message = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
        self.x.send_event(false, window, EventMask::NO_EVENT, message)?.check()?;
        Ok(())
    }

    /// Sends what is typed to this window.
    pub fn focus(&self, window: Window) -> Result<()> {
        self.x.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)?.check()?;
        Ok(())
    }

    fn find(&self, title: &str) -> Result<Option<Window>> {
        Ok(self.visible()?.into_iter().find(|(_, present)| present == title).map(|(window, _)| window))
    }

    /// Whether a window is still there to be seen.
    pub fn is_visible(&self, window: Window) -> Result<bool> {
        Ok(self.visible()?.into_iter().any(|(present, _)| present == window))
    }

    /// Every visible window that has a title.
    fn visible(&self) -> Result<Vec<(Window, String)>> {
        let mut visible = Vec::new();
        for window in self.x.query_tree(self.root)?.reply()?.children {
            // A window may go between the two questions.
            let Ok(attributes) = self.x.get_window_attributes(window)?.reply() else { continue };
            if let (MapState::VIEWABLE, Some(title)) = (attributes.map_state, self.title(window)?) {
                visible.push((window, title));
            }
        }
        Ok(visible)
    }

    fn title(&self, window: Window) -> Result<Option<String>> {
        // The older WM_NAME holds what is not Latin-1 in escape sequences.
        let name = self.x.get_property(false, window, self.title, AtomEnum::ANY, 0, 1024)?;
        Ok(name
            .reply()
            .ok()
            .and_then(|property| String::from_utf8(property.value).ok())
            .filter(|title| !title.is_empty()))
    }
}
