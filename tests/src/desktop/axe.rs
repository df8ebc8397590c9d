//! The accessibility checker, run inside the real page.

use std::fmt;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::App;

/// One rule that the screen breaks.
#[derive(Clone, Debug, Deserialize)]
pub struct Violation {
    /// The rule.
    pub id: String,
    /// How bad it is, in the checker's words.
    #[serde(default)]
    pub impact: Option<String>,
    /// What the rule asks for.
    pub help: String,
    /// The elements that break it.
    pub nodes: Vec<Offender>,
}

/// One element that breaks a rule.
#[derive(Clone, Debug, Deserialize)]
pub struct Offender {
    /// Its markup.
    pub html: String,
    /// What would mend it.
    #[serde(rename = "failureSummary", default)]
    pub summary: Option<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.id, self.impact.as_deref().unwrap_or("unrated"), self.help)?;
        for node in &self.nodes {
            write!(f, "\n  {}", node.html)?;
            if let Some(summary) = &node.summary {
                write!(f, "\n    {}", summary.replace('\n', "\n    "))?;
            }
        }
        Ok(())
    }
}

const RUN: &str = "
return axe.run(document, { resultTypes: ['violations'] }).then(
  (results) => ({ violations: results.violations }),
  (error) => ({ error: String(error) }),
);";

impl App {
    /// Everything that the accessibility checker finds wrong on the present screen.
    pub async fn axe(&self) -> Result<Vec<Violation>> {
        #[derive(Deserialize)]
        struct Outcome {
            #[serde(default)]
            violations: Vec<Violation>,
            error: Option<String>,
        }
        let path = &self.places().axe;
        let source = std::fs::read_to_string(path)
            .with_context(|| format!("{} is missing: run `cargo xtask setup`", path.display()))?;
        if self.execute("return typeof window.axe === 'undefined'", vec![]).await? == true {
            // Without a name in scope the checker would only define itself inside the driver's function.
            self.execute(&format!("{source}\nwindow.axe = window.axe ?? axe;"), vec![]).await?;
        }
        let outcome = self.execute(RUN, vec![]).await?;
        let outcome: Outcome = serde_json::from_value(outcome)?;
        match outcome.error {
            Some(error) => anyhow::bail!("the accessibility checker failed: {error}"),
            None => Ok(outcome.violations),
        }
    }

    /// Fails with the whole list unless the accessibility checker finds nothing.
    pub async fn expect_accessible(&self, screen: &str) -> Result<()> {
        let violations = self.axe().await?;
        let list: Vec<String> = violations.iter().map(ToString::to_string).collect();
        anyhow::ensure!(list.is_empty(), "{screen} is not accessible:\n{}", list.join("\n"));
        Ok(())
    }
}
