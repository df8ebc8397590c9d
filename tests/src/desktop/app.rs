//! The open app, with the verbs of a person in front of it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use fantoccini::actions::{
    InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::elements::{Element, ElementRef};
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::display::Display;
use super::{Places, Target, Theme, chord};

/// How long a condition may take to come true.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// The title of the app's window.
pub const WINDOW: &str = "Signalbox";
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const PLACE: &str = include_str!("place.js");
const FIND: &str = include_str!("find.js");
const CALL: &str = "
const [command, request] = arguments;
return window.__TAURI_INTERNALS__.invoke('call', { command, request }).then(
  (response) => ({ response }),
  (error) => ({ error }),
);";

/// One run of the app.
pub struct App {
    client: Client,
    display: Display,
    places: Places,
}

impl App {
    pub(super) async fn open(driver: &str, places: &Places, display: &str) -> Result<Self> {
        let options = json!({ "application": places.desktop, "args": [] });
        let capabilities = Capabilities::from_iter([("tauri:options".to_owned(), options)]);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(driver).await?;
        let display = Display::connect(display)?;
        let app = Self { client, display, places: places.clone() };
        app.display.focus(app.display.window(WINDOW).await?)?;
        app.until("the first screen", async || Ok(app.text().await?.trim().len() > 1)).await?;
        Ok(app)
    }

    /// Ends the app at once.
    pub async fn close(self) -> Result<()> {
        self.client.close().await.context("the app does not close")
    }

    /// Ends the app by its window's close button.
    pub async fn close_window(self) -> Result<()> {
        self.display.close(self.display.window(WINDOW).await?)?;
        self.display.gone(WINDOW).await?;
        // The session's other end went with the window.
        let _ = self.client.close().await;
        Ok(())
    }

    /// The WebDriver connection, for what has no verb here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    /// Runs JavaScript in the page, with `arguments`, and gives what it returns. A promise is waited for.
    pub async fn execute(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute(script, arguments).await?)
    }

    /// Sends one command of the command list, past the screens.
    pub async fn call(&self, command: &str, request: Value) -> Result<Value> {
        let answer = self.execute(CALL, vec![json!(command), request]).await?;
        match (answer.get("response"), answer.get("error")) {
            (_, Some(error)) => bail!("{command} was refused: {error:#}"),
            (response, None) => Ok(response.cloned().unwrap_or(Value::Null)),
        }
    }

    /// Goes to a screen by its address, such as `#/line`.
    pub async fn go(&self, route: &str) -> Result<()> {
        self.execute("window.location.hash = arguments[0]", vec![json!(route)]).await?;
        Ok(())
    }

    /// All text on the screen.
    pub async fn text(&self) -> Result<String> {
        let text = self.execute("return document.body ? document.body.innerText : ''", vec![]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits for a condition.
    pub async fn until(&self, what: &str, condition: impl AsyncFn() -> Result<bool>) -> Result<()> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let last = match condition().await {
                Ok(true) => return Ok(()),
                Ok(false) => None,
                Err(error) => Some(error),
            };
            if Instant::now() >= give_up {
                let text = self.text().await.unwrap_or_default();
                let cause = last.map(|error| format!(" ({error:#})")).unwrap_or_default();
                bail!("waited in vain for {what}{cause}; the screen says:\n{text}");
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// Everything on the screen that answers to the target, now.
    pub async fn find_all(&self, target: &Target) -> Result<Vec<Element>> {
        let found = self.execute(FIND, vec![serde_json::to_value(target)?]).await?;
        let ids = found.as_array().into_iter().flatten().filter_map(|element| element.get(ELEMENT)?.as_str());
        Ok(ids
            .map(|id| Element::from_element_id(self.client.clone(), ElementRef::from(id.to_owned())))
            .collect())
    }

    /// Whether the target is on the screen, now.
    pub async fn sees(&self, target: &Target) -> Result<bool> {
        Ok(!self.find_all(target).await?.is_empty())
    }

    /// The first element that answers to the target, waited for.
    pub async fn find(&self, target: &Target) -> Result<Element> {
        self.until(&target.to_string(), async || self.sees(target).await).await?;
        self.find_all(target).await?.into_iter().next().ok_or_else(|| anyhow!("{target} went away"))
    }

    /// Waits until the target has gone.
    pub async fn gone(&self, target: &Target) -> Result<()> {
        self.until(&format!("no {target}"), async || Ok(!self.sees(target).await?)).await
    }

    /// Waits until the screen shows this text.
    pub async fn shows(&self, text: &str) -> Result<()> {
        self.until(&format!("“{text}”"), async || {
            Ok(squeeze(&self.text().await?).contains(&squeeze(text)))
        })
        .await
    }

    /// Clicks on the target with the mouse, once it is there, enabled, and nothing covers it.
    pub async fn click(&self, target: &Target) -> Result<()> {
        self.until(&format!("{target} that can be clicked"), async || {
            let Some(element) = self.find_all(target).await?.into_iter().next() else { return Ok(false) };
            let place = self.execute(PLACE, vec![serde_json::to_value(&element)?]).await?;
            let (Some(x), Some(y)) = (place[0].as_f64(), place[1].as_f64()) else { return Ok(false) };
            let button = MOUSE_BUTTON_LEFT;
            let mouse = MouseActions::new("mouse".to_owned())
                .then(PointerAction::MoveTo { duration: None, x, y })
                .then(PointerAction::Down { button })
                .then(PointerAction::Up { button });
            self.client.perform_actions(mouse).await?;
            Ok(true)
        })
        .await
    }

    /// Moves the pointer over the target.
    pub async fn hover(&self, target: &Target) -> Result<()> {
        let element = self.find(target).await?;
        let over = PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
        self.client.perform_actions(MouseActions::new("mouse".to_owned()).then(over)).await?;
        Ok(())
    }

    /// Replaces what stands in a field.
    pub async fn fill(&self, target: &Target, text: &str) -> Result<()> {
        self.click(target).await?;
        self.press("Ctrl+a").await?;
        if text.is_empty() {
            return self.press("Delete").await;
        }
        self.type_text(text).await
    }

    /// Chooses an option of a native selection list by its label.
    pub async fn choose(&self, target: &Target, label: &str) -> Result<()> {
        // What a remote system offers comes late.
        self.until(&format!("“{label}” in {target}"), async || {
            let list = self.find(target).await?;
            if !list.is_enabled().await? {
                return Ok(false);
            }
            list.select_by_label(label).await?;
            Ok(true)
        })
        .await
    }

    /// Types into whatever has the focus.
    pub async fn type_text(&self, text: &str) -> Result<()> {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in text.chars() {
            let value = if value == '\n' { char::from(fantoccini::key::Key::Enter) } else { value };
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await?;
        Ok(())
    }

    /// Presses keys together: `Ctrl+k`, `Shift+Tab`, `Enter`, `j`.
    pub async fn press(&self, keys: &str) -> Result<()> {
        self.client.perform_actions(chord::actions(keys)?).await?;
        Ok(())
    }

    /// The role and name of what has the focus, as `role “name”`.
    pub async fn focused(&self) -> Result<String> {
        let script = "
            const element = document.activeElement;
            const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
            return `${element.getAttribute('role') ?? element.tagName.toLowerCase()} “${(name ?? '').replace(/\\s+/gu, ' ').trim()}”`;";
        Ok(self.execute(script, vec![]).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Answers the native file dialog with this title; no path stands for a change of mind.
    pub async fn answer_file_dialog(&self, title: &str, path: Option<&str>) -> Result<()> {
        let dialog = self.display.window(title).await?;
        self.display.focus(dialog)?;
        match path {
            Some(path) => self.display.enter(dialog, path).await?,
            None => self.display.escape(dialog).await?,
        }
        self.display.gone(title).await?;
        self.display.focus(self.display.window(WINDOW).await?)
    }

    /// Gives the window's content this size, in CSS pixels.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.display.resize(self.display.window(WINDOW).await?, width, height)?;
        self.until(&format!("a window of {width} by {height}"), async || {
            let size = self.execute("return [window.innerWidth, window.innerHeight]", vec![]).await?;
            Ok(size == json!([width, height]))
        })
        .await
    }

    /// Shows the screens light or dark, whatever the system says.
    pub async fn appear(&self, theme: Theme) -> Result<()> {
        self.execute("document.documentElement.dataset.theme = arguments[0]", vec![json!(theme.word())])
            .await?;
        Ok(())
    }

    /// Saves a picture of the screen as `target/screenshots/<name>.png`, once nothing moves any more.
    pub async fn screenshot(&self, name: &str) -> Result<PathBuf> {
        self.settled().await?;
        let path = self.places.screenshots.join(format!("{name}.png"));
        std::fs::create_dir_all(path.parent().context("pictures need a folder")?)?;
        std::fs::write(&path, self.client.screenshot().await?)?;
        Ok(path)
    }

    /// Waits until fonts are loaded, finite animations are over, and two frames have been painted.
    pub async fn settled(&self) -> Result<()> {
        let script = "
            const finite = (one) => Number.isFinite(one.effect?.getComputedTiming().endTime ?? Infinity);
            const moving = document.getAnimations().filter(finite).map((one) => one.finished.catch(() => {}));
            const frame = () => new Promise((painted) => requestAnimationFrame(painted));
            return Promise.all([document.fonts.ready, ...moving]).then(frame).then(frame).then(() => true);";
        ensure!(self.execute(script, vec![]).await? == true, "the screen does not settle");
        Ok(())
    }
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
