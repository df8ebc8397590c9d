//! Typing into native dialogs, which WebDriver can't see: real key events, each taken in before the next.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ClientMessageEvent, ConnectionExt, EventMask, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;

use super::PATIENCE;
use super::display::Display;

const CONTROL: u32 = 0xffe3;
const SHIFT: u32 = 0xffe1;
const RETURN: u32 = 0xff0d;
const ESCAPE: u32 = 0xff1b;

/// A good many frames of a slow machine.
const FRAMES: Duration = Duration::from_millis(400);

impl Display {
    /// Enters a path into a file dialog, and presses Enter until the dialog goes.
    pub async fn enter(&self, window: Window, text: &str) -> Result<()> {
        self.chord(window, &[CONTROL, u32::from(b'a')]).await?;
        for (index, character) in text.chars().enumerate() {
            self.character(window, character).await?;
            if index == 0 {
                // A slash calls up the field for the path, which comes with one of the next frames: nothing
                // outside can see when.
                tokio::time::sleep(FRAMES).await;
            }
        }
        // The first Enter may only take up a completion.
        let give_up = Instant::now() + PATIENCE;
        while self.is_visible(window)? {
            ensure!(Instant::now() < give_up, "the file dialog does not take {text}");
            self.chord(window, &[RETURN]).await?;
            tokio::time::sleep(FRAMES).await;
        }
        Ok(())
    }

    /// Presses Escape in a window.
    pub async fn escape(&self, window: Window) -> Result<()> {
        self.chord(window, &[ESCAPE]).await
    }

    async fn character(&self, window: Window, character: char) -> Result<()> {
        // The keysyms of Latin-1 are its code points.
        ensure!(character.is_ascii(), "{character} can't be typed here");
        let keysym = u32::from(character);
        match self.key_for(keysym)? {
            (_, true) => self.chord(window, &[SHIFT, keysym]).await,
            (_, false) => self.chord(window, &[keysym]).await,
        }
    }

    async fn chord(&self, window: Window, keysyms: &[u32]) -> Result<()> {
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
        self.taken_in(window).await
    }

    fn fake(&self, event: u8, code: u8) -> Result<()> {
        self.x.xtest_fake_input(event, code, x11rb::CURRENT_TIME, self.root, 0, 0, 0)?.check()?;
        Ok(())
    }

    /// Waits until the window's program has taken in all events so far, by the ping of window managers: it is
    /// answered in its turn. A window that goes away has taken in what it will.
    async fn taken_in(&self, window: Window) -> Result<()> {
        let protocols = self.x.intern_atom(false, b"WM_PROTOCOLS")?.reply()?.atom;
        let ping = self.x.intern_atom(false, b"_NET_WM_PING")?.reply()?.atom;
        let message = ClientMessageEvent::new(32, window, protocols, [ping, 0, window, 0, 0]);
        self.x.send_event(false, window, EventMask::NO_EVENT, message)?;
        self.x.flush()?;
        let give_up = Instant::now() + PATIENCE;
        loop {
            match self.x.poll_for_event()? {
                Some(Event::ClientMessage(answer)) if answer.data.as_data32()[..3] == [ping, 0, window] => {
                    return Ok(());
                }
                Some(Event::UnmapNotify(gone)) if gone.window == window => return Ok(()),
                Some(Event::DestroyNotify(gone)) if gone.window == window => return Ok(()),
                Some(_) => {}
                None => tokio::time::sleep(Duration::from_millis(2)).await,
            }
            ensure!(Instant::now() < give_up, "the program behind the window does not answer");
        }
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
