//! A list of steps in JSON that looks at screens: where to go, what to press, what to photograph.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::{App, Session, Surroundings, Target, Theme};

/// What to do, from the app's start.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// The folder of the desk's data; a fresh one when absent.
    pub data_dir: Option<std::path::PathBuf>,
    /// What the system prefers at the start.
    pub theme: Theme,
    /// The size of the window's content.
    pub size: Option<(u32, u32)>,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// A target as a script may write it: a name or text alone, or a whole target.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Aim {
    /// The name of a control, or else any text.
    Words(String),
    /// Role, name, text, css, within, nth.
    Target(Target),
}

/// One step.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Go to a screen: `"#/line"`.
    Go(String),
    /// Click a control.
    Click(Aim),
    /// Move the pointer over something.
    Hover(Aim),
    /// Replace what stands in a field: `{"field": "Reason", "text": "…"}`.
    Fill {
        /// The field's label.
        field: Aim,
        /// What to type.
        text: String,
    },
    /// Choose from a native selection list.
    Choose {
        /// The list's label.
        field: Aim,
        /// The option's label.
        option: String,
    },
    /// Type into what has the focus.
    Type(String),
    /// Press keys together: `"Ctrl+k"`.
    Key(String),
    /// Wait until the screen shows a text.
    Wait(String),
    /// Save a picture under this name.
    Screenshot(String),
    /// Give the window's content a size: `[1024, 700]`.
    Size(u32, u32),
    /// Show the screens light or dark.
    Theme(Theme),
    /// Answer the native file dialog with this title.
    Dialog {
        /// The dialog's title.
        title: String,
        /// The path to enter; none cancels.
        path: Option<String>,
    },
    /// Send a command past the screens and print its answer.
    Call {
        /// The command's name.
        command: String,
        /// Its request.
        #[serde(default)]
        request: Value,
    },
    /// Run JavaScript and print what it returns.
    Execute(String),
    /// Print all text of the screen.
    Text,
    /// Print what the accessibility checker finds.
    Axe,
    /// Print the app's log.
    Log,
}

impl Script {
    /// Reads a script from a file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }

    /// Plays the script; `say` hears what each step has to tell.
    pub async fn play(&self, mut say: impl FnMut(&str)) -> Result<()> {
        let surroundings =
            Surroundings { data_dir: self.data_dir.clone(), theme: self.theme, ..Surroundings::default() };
        let session = Session::start(&surroundings).await?;
        let app = session.open().await?;
        if let Some((width, height)) = self.size {
            app.resize(width, height).await?;
        }
        for (number, step) in self.steps.iter().enumerate() {
            let told = play_step(&app, &session, step).await;
            if told.is_err() {
                let picture = app.screenshot("look-failed").await?;
                say(&format!("picture of the failure: {}", picture.display()));
                say(&session.log());
            }
            let told = told.with_context(|| format!("step {}: {step:?}", number + 1))?;
            if !told.is_empty() {
                say(&told);
            }
        }
        app.close().await
    }
}

async fn play_step(app: &App, session: &Session, step: &Step) -> Result<String> {
    match step {
        Step::Go(route) => app.go(route).await?,
        Step::Click(aim) => app.click(&resolve(app, aim, CONTROLS).await?).await?,
        Step::Hover(aim) => app.hover(&resolve(app, aim, CONTROLS).await?).await?,
        Step::Fill { field, text } => app.fill(&resolve(app, field, FIELDS).await?, text).await?,
        Step::Choose { field, option } => app.choose(&resolve(app, field, FIELDS).await?, option).await?,
        Step::Type(text) => app.type_text(text).await?,
        Step::Key(keys) => app.press(keys).await?,
        Step::Wait(text) => app.shows(text).await?,
        Step::Screenshot(name) => return Ok(app.screenshot(name).await?.display().to_string()),
        Step::Size(width, height) => app.resize(*width, *height).await?,
        Step::Theme(theme) => app.appear(*theme).await?,
        Step::Dialog { title, path } => app.answer_file_dialog(title, path.as_deref()).await?,
        Step::Call { command, request } => {
            return Ok(format!("{:#}", app.call(command, request.clone()).await?));
        }
        Step::Execute(script) => return Ok(format!("{:#}", app.execute(script, vec![]).await?)),
        Step::Text => return app.text().await,
        Step::Axe => {
            let violations = app.axe().await?;
            let list: Vec<String> = violations.iter().map(ToString::to_string).collect();
            return Ok(format!("axe: {} violations\n{}", list.len(), list.join("\n")));
        }
        Step::Log => return Ok(session.log()),
    }
    Ok(String::new())
}

const CONTROLS: &[&str] =
    &["button", "link", "tab", "menuitem", "option", "checkbox", "radio", "switch", "row", "listitem"];
const FIELDS: &[&str] = &["textbox", "combobox", "listbox", "checkbox"];

/// Finds what a person would take the words for: a control of that name first, any text otherwise.
async fn resolve(app: &App, aim: &Aim, roles: &[&str]) -> Result<Target> {
    let words = match aim {
        Aim::Target(target) => return Ok(target.clone()),
        Aim::Words(words) => words,
    };
    ensure!(!words.is_empty(), "an empty name aims at nothing");
    let targets: Vec<Target> =
        roles.iter().map(|role| Target::role(role, words)).chain([Target::text(words)]).collect();
    app.until(&format!("anything called “{words}”"), async || {
        for target in &targets {
            if app.sees(target).await? {
                return Ok(true);
            }
        }
        Ok(false)
    })
    .await?;
    for target in targets {
        if app.sees(&target).await? {
            return Ok(target);
        }
    }
    bail!("“{words}” went away")
}
