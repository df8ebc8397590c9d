//! The bare X display: sizes and focuses windows in place of a window manager, and types into native dialogs,
//! which WebDriver can't see.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ConfigureWindowAux, ConnectionExt, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MapState,
    Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use super::PATIENCE;

const CONTROL: u32 = 0xffe3;
const SHIFT: u32 = 0xffe1;
const RETURN: u32 = 0xff0d;
const ESCAPE: u32 = 0xff1b;

/// A connection to the display of one session.
pub struct Display {
    x: RustConnection,
    root: Window,
}

impl Display {
    /// Connects to the display with this name.
    pub fn connect(name: &str) -> Result<Self> {
        let (x, screen) = x11rb::connect(Some(name))?;
        let root = x.setup().roots.get(screen).context("the display has no screen")?.root;
        Ok(Self { x, root })
    }

    /// The visible window with this title, waited for.
    pub async fn window(&self, title: &str) -> Result<Window> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            if let Some(window) = self.find(title)? {
                return Ok(window);
            }
            ensure!(Instant::now() < give_up, "no window called {title} appeared");
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

    /// Sends what is typed to this window.
    pub fn focus(&self, window: Window) -> Result<()> {
        self.x.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)?.check()?;
        Ok(())
    }

    /// Replaces what stands in the focused field, and presses Enter.
    pub fn enter(&self, text: &str) -> Result<()> {
        self.chord(&[CONTROL, u32::from(b'a')])?;
        for character in text.chars() {
            self.character(character)?;
        }
        self.chord(&[RETURN])
    }

    /// Presses Escape.
    pub fn escape(&self) -> Result<()> {
        self.chord(&[ESCAPE])
    }

    fn find(&self, title: &str) -> Result<Option<Window>> {
        for window in self.x.query_tree(self.root)?.reply()?.children {
            // A window may go between the two questions.
            let Ok(attributes) = self.x.get_window_attributes(window)?.reply() else { continue };
            if attributes.map_state == MapState::VIEWABLE && self.title(window)?.as_deref() == Some(title) {
                return Ok(Some(window));
            }
        }
        Ok(None)
    }

    fn title(&self, window: Window) -> Result<Option<String>> {
        let name = self.x.get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 1024)?;
        Ok(name.reply().ok().and_then(|property| String::from_utf8(property.value).ok()))
    }

    fn character(&self, character: char) -> Result<()> {
        // The keysyms of Latin-1 are its code points.
        ensure!(character.is_ascii(), "{character} can't be typed here");
        let keysym = u32::from(character);
        match self.key_for(keysym)? {
            (_, true) => self.chord(&[SHIFT, keysym]),
            (_, false) => self.chord(&[keysym]),
        }
    }

    fn chord(&self, keysyms: &[u32]) -> Result<()> {
        let mut codes = Vec::new();
        for &keysym in keysyms {
            codes.push(self.key_for(keysym)?.0);
        }
        for &code in &codes {
            self.fake(KEY_PRESS_EVENT, code)?;
        }
        for &code in codes.iter().rev() {
            self.fake(KEY_RELEASE_EVENT, code)?;
        }
        Ok(())
    }

    fn fake(&self, event: u8, code: u8) -> Result<()> {
        self.x.xtest_fake_input(event, code, x11rb::CURRENT_TIME, self.root, 0, 0, 0)?.check()?;
        Ok(())
    }

    /// The key that produces a keysym, and whether it needs Shift.
    fn key_for(&self, keysym: u32) -> Result<(u8, bool)> {
        let setup = self.x.setup();
        let (first, count) = (setup.min_keycode, setup.max_keycode - setup.min_keycode + 1);
        let mapping = self.x.get_keyboard_mapping(first, count)?.reply()?;
        let width = usize::from(mapping.keysyms_per_keycode);
        for (code, levels) in (first..).zip(mapping.keysyms.chunks(width)) {
            if let Some(level) = levels.iter().take(2).position(|&symbol| symbol == keysym) {
                return Ok((code, level == 1));
            }
        }
        bail!("no key produces the symbol {keysym:#x}")
    }
}
