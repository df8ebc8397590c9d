//! Every screen and sheet: nothing for the accessibility checker in light and dark, and room for everything in
//! a small window and at twice the text size.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use signalbox_tests::desktop::{App, Target, Theme};

use super::harbour::{self, Behind, INES, PRIYA, row, sign_as};
use super::in_fresh_app;

/// A screen, how to get there, and what shows that it is there.
struct Stop {
    name: &'static str,
    route: String,
    opens: Vec<Target>,
    shows: Target,
}

fn stop(name: &'static str, route: impl Into<String>, shows: Target) -> Stop {
    Stop { name, route: route.into(), opens: Vec::new(), shows }
}

impl Stop {
    fn opening(mut self, target: Target) -> Self {
        self.opens.push(target);
        self
    }
}

#[tokio::test]
async fn every_screen_is_accessible() -> Result<()> {
    in_fresh_app("every-screen", async |app, _| {
        app.resize(1280, 800).await?;
        let mut troubles = Vec::new();
        look(app, "first-start", &mut troubles).await?;
        app.click(&Target::button("Start with your own")).await?;
        look(app, "wizard", &mut troubles).await?;
        app.click(&Target::button("Back")).await?;
        harbour::make(app).await?;
        look(app, "inbox-empty", &mut troubles).await?;
        sign_as(app, PRIYA).await?;
        app.click(&row("web 2.8.0 in Acceptance")).await?;
        look(app, "inbox-with-packet", &mut troubles).await?;

        for stop in everywhere(app).await? {
            go(app, &stop).await?;
            look(app, stop.name, &mut troubles).await?;
            leave(app).await?;
        }
        ensure!(troubles.is_empty(), "{}", troubles.join("\n\n"));
        Ok(())
    })
    .await
}

/// Prepares something to be seen on every screen, and lists them.
async fn everywhere(app: &App) -> Result<Vec<Stop>> {
    let behind = Behind::the_screens_of(app);
    let web = behind.web("2.8.0").await?;
    behind.pass_acceptance(&web).await?;
    behind.pass_staging(&web).await?;
    let release = behind.plan("Harbour 2.8", &web).await?;
    behind.agree(&release).await?;
    behind.sign_as(INES).await?;
    let desk = app.call("desk_show", json!({})).await?;
    let product = desk["products"][0]["id"].as_str().unwrap_or_default().to_owned();
    let report = json!({
        "problem": "The berth calendar was empty after the upgrade", "symptoms": "No berth was shown.",
        "cause": "", "solution": "Restart the service.", "severity": "high", "service": web.service,
        "stage": "staging", "build": null, "links": [],
    });
    let record = json!({ "product": product, "report": report, "draft": null });
    let issue = app.call("issue_record", record).await?["id"].clone();
    let entries = app.call("ledger_list", ledger_page()).await?;
    let entry = entries["entries"][0]["id"].as_str().unwrap_or_default().to_owned();

    let line = format!("#/line/{}", web.service);
    let room = format!("#/releases/{release}");
    let releasing = format!("#/releasing/{product}");
    let tab = |name: &str| Target {
        css: Some("[role=tab][aria-selected=true]".into()),
        ..Target::role("tab", name)
    };
    let dialog = || Target::any("dialog");
    let sheet = || Target::any("complementary");
    Ok(vec![
        stop("inbox", "#/inbox", row("web 2.8.0")),
        stop("line-track", &line, Target::css("svg [data-stage=production]")),
        stop("line-table", format!("{line}?view=table"), Target::text("Production")),
        stop("line-where", format!("{line}?view=where"), Target::text("api")),
        stop("line-stage", format!("{line}?stage=production"), sheet()),
        stop("line-build", format!("{line}?build={}", web.build), sheet()),
        stop(
            "packet",
            format!("{line}?stage=production&build={}", web.build),
            Target::button("Put into Production…"),
        ),
        stop(
            "promote",
            format!("{line}?stage=production&build={}", web.build),
            Target::text("What will be done"),
        )
        .opening(Target::button("Put into Production…")),
        stop("veto", format!("{line}?build={}", web.build), Target::text("Why must it go nowhere?"))
            .opening(Target::button("Veto…")),
        stop("releases", "#/releases", row("Harbour 2.8")),
        stop("plan-a-release", "#/releases?new=yes", dialog()),
        stop("release-scope", &room, tab("Scope")),
        stop("release-plan", format!("{room}?part=plan"), tab("Plan")),
        stop("release-steps", format!("{room}?part=steps"), tab("Steps")),
        stop("release-go", format!("{room}?part=go"), tab("Go / no-go")),
        stop("release-send", format!("{room}?part=send"), Target::text("What will be done")),
        stop("release-compare", format!("{room}?part=compare"), Target::role("combobox", "With")),
        stop("releasing", &releasing, Target::role("heading", "Product tests")),
        stop("releasing-members", &releasing, Target::text("to see the dry run"))
            .opening(Target::button("Change… the members"))
            .opening(Target::role("radio", "Those whose names begin alike")),
        stop("releasing-pipeline", &releasing, Target::role("combobox", "Pipeline"))
            .opening(Target::button("Choose the pipeline…")),
        stop("releasing-trigger", &releasing, Target::text("In Europe/Berlin"))
            .opening(Target::button("Set the times…")),
        stop("release-run", format!("{room}/run"), Target::button("Leave run mode")),
        stop("features", "#/features", row("HAR-301")),
        stop("feature", "#/features/HAR-301", Target::text("Its way so far")),
        stop("issues", "#/issues", row("The berth calendar")),
        stop(
            "issue",
            format!("#/issues/{}", issue.as_str().unwrap_or_default()),
            Target::text("Restart the service.").inside("complementary"),
        ),
        stop("issue-record", "#/issues?new=yes", dialog()),
        stop("strategy-topics", format!("#/strategy/{product}"), tab("Topics")),
        stop("strategy-process", format!("#/strategy/{product}?part=process"), tab("Process")),
        stop("strategy-agreement", format!("#/strategy/{product}?part=agreement"), tab("Agreement")),
        stop("ledger", "#/ledger", Target::any("row").nth(1)),
        stop("ledger-entry", format!("#/ledger/{entry}"), Target::text("The signature")),
        stop("ledger-verify", "#/ledger?do=verify", Target::text("entries are sound")),
        stop("ledger-export", "#/ledger?do=export", Target::button("Choose a file…")),
        stop("settings-people", "#/settings/people", Target::button("Enrol a person")),
        stop("settings-connections", "#/settings/connections", Target::button("Add a connection")),
        stop("connection-test", "#/settings/connections", Target::text("It works"))
            .opening(Target::button("Test this machine")),
        stop("connection-kinds", "#/settings/connections", Target::button("AWS CodePipeline"))
            .opening(Target::button("Add a connection")),
        stop("connection-jenkins", "#/settings/connections", Target::button("Add it"))
            .opening(Target::button("Add a connection"))
            .opening(Target::button("Jenkins")),
        stop("connection-codepipeline", "#/settings/connections", Target::button("Add it"))
            .opening(Target::button("Add a connection"))
            .opening(Target::button("AWS CodePipeline")),
        stop("connection-tracker", "#/settings/connections", dialog())
            .opening(Target::button("Add a tracker")),
        stop("connection-bind", "#/settings/connections", Target::any("combobox").inside("table"))
            .opening(Target::button("Bind… web")),
        stop("connection-map", "#/settings/connections", dialog()).opening(Target::button("Map by prefix…")),
        stop("features-from-tracker", "#/features", dialog()).opening(Target::button("From the tracker…")),
        stop("settings-appearance", "#/settings/appearance", Target::role("combobox", "Text size")),
        stop("settings-machine", "#/settings/machine", tab("This machine")),
        stop("palette", "#/inbox", dialog()).opening(Target::button("Find anything")),
        stop("help", "#/inbox", Target::text("Keyboard shortcuts")).opening(Target::css("body")),
    ])
}

fn ledger_page() -> Value {
    let filter = json!({
        "person": null, "kind": null, "subject_kind": null, "subject": null, "from": null, "until": null,
    });
    json!({ "filter": filter, "before": null, "limit": 1 })
}

async fn go(app: &App, stop: &Stop) -> Result<()> {
    app.go(&stop.route).await?;
    for target in &stop.opens {
        match target.css.as_deref() {
            Some("body") => app.press("?").await?,
            _ => app.click(target).await?,
        }
    }
    app.find(&stop.shows).await?;
    Ok(())
}

/// Closes what lies over the screen.
async fn leave(app: &App) -> Result<()> {
    if app.sees(&Target::any("dialog")).await? {
        app.press("Escape").await?;
        app.gone(&Target::any("dialog")).await?;
    }
    app.go("#/inbox").await
}

/// Checks the present screen in both themes, in a small window and at twice the text size.
async fn look(app: &App, name: &str, troubles: &mut Vec<String>) -> Result<()> {
    for theme in [Theme::Light, Theme::Dark] {
        app.appear(theme).await?;
        app.screenshot(&format!("screen-{name}-{}", theme.word())).await?;
        for violation in app.axe().await? {
            troubles.push(format!("{name}, {}: {violation}", theme.word()));
        }
    }
    app.appear(Theme::Light).await?;
    app.resize(1024, 700).await?;
    fits(app, name, "small", troubles).await?;
    app.resize(1280, 800).await?;
    scale(app, "200").await?;
    fits(app, name, "large-text", troubles).await?;
    scale(app, "100").await
}

async fn scale(app: &App, percent: &str) -> Result<()> {
    app.execute("document.documentElement.dataset.scale = arguments[0]", vec![json!(percent)]).await?;
    Ok(())
}

/// Whether the page or a part of it is wider than its room, and the controls that are cut off where nobody can
/// scroll to them. Tables, diagrams and logs may scroll sideways by themselves.
const CUT_OFF: &str = "
const page = document.documentElement;
const found = page.scrollWidth > page.clientWidth ? [`the page is ${page.scrollWidth} wide, its window ${page.clientWidth}`] : [];
for (const part of document.querySelectorAll('main, .pane, .dialog-body, .sheet-body')) {
  if (part.scrollWidth > part.clientWidth + 1) found.push(`${part.className} is ${part.scrollWidth} wide in ${part.clientWidth}`);
}
const controls = 'a[href], button, input, select, textarea, summary, [role=tab], [role=checkbox], [role=radio], [role=option]';
for (const control of document.querySelectorAll(controls)) {
  if (control.closest('[inert], [aria-hidden=true], .skip, .hidden-visually')) continue;
  if (!control.checkVisibility({ visibilityProperty: true })) continue;
  const box = control.getBoundingClientRect();
  if (box.width < 1 || box.height < 1) continue;
  let left = 0;
  let right = window.innerWidth;
  let scrolls = false;
  for (let outer = control.parentElement; outer && !scrolls; outer = outer.parentElement) {
    const flow = getComputedStyle(outer).overflowX;
    if (flow === 'visible') continue;
    if (flow === 'auto' || flow === 'scroll') scrolls = outer.scrollWidth > outer.clientWidth;
    const edge = outer.getBoundingClientRect();
    left = Math.max(left, edge.left);
    right = Math.min(right, edge.right);
  }
  if (scrolls || (box.left >= left - 1 && box.right <= right + 1)) continue;
  const words = (control.getAttribute('aria-label') ?? control.textContent ?? '').trim().slice(0, 50);
  found.push(`${control.tagName.toLowerCase()} “${words}” is cut off: ${Math.round(box.left)}–${Math.round(box.right)} in ${Math.round(left)}–${Math.round(right)}`);
}
return found;";

async fn fits(app: &App, name: &str, how: &str, troubles: &mut Vec<String>) -> Result<()> {
    app.screenshot(&format!("screen-{name}-{how}")).await?;
    let found = app.execute(CUT_OFF, vec![]).await?;
    for trouble in found.as_array().into_iter().flatten().filter_map(Value::as_str) {
        troubles.push(format!("{name}, {how}: {trouble}"));
    }
    Ok(())
}
