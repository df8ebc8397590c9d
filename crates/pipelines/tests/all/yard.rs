//! A connection's folder for tests: one service, some builds, scripts by stage.

use std::ffi::OsString;
use std::fmt::Write;
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use signalbox_pipelines::local::Surroundings;
use signalbox_pipelines::{
    ConnectionId, LocalSystem, LogCursor, OperationKey, PipelineSystem, PromotionPlan, RunId, RunStatus,
};

/// Copies the artifact where it belongs, and counts itself.
pub const GOOD: &str = r#"
mkdir -p "$SIGNALBOX_ENVIRONMENT"
cp "$SIGNALBOX_ARTIFACT" "$SIGNALBOX_ENVIRONMENT/app"
echo "$SIGNALBOX_OPERATION" >>"effects-$SIGNALBOX_STAGE"
echo "deployed $SIGNALBOX_BUILD"
"#;

pub struct Yard {
    folder: tempfile::TempDir,
    toml: String,
    keys: AtomicU32,
}

impl Yard {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let yard = Self {
            folder,
            toml: "[service.web]\narrivals = \"arrivals/web\"\n".into(),
            keys: AtomicU32::new(0),
        };
        yard.arrive("web-1", "one");
        yard.arrive("web-2", "two");
        yard
    }

    /// Adds a stage with a deploy script and checks, and a time limit of `limit`.
    pub fn stage(mut self, stage: &str, deploy: &str, checks: &[(&str, &str)], limit: &str) -> Self {
        let script = self.script(&format!("deploy-{stage}.sh"), deploy);
        let toml = &mut self.toml;
        writeln!(
            toml,
            "[service.web.stage.{stage}]\nenvironment = \"environments/{stage}\"\n\
             deploy = [\"sh\", \"{script}\"]\ndeploy_time_limit = \"{limit}\""
        )
        .unwrap();
        for (index, (name, check)) in checks.iter().enumerate() {
            let script = self.script(&format!("check-{stage}-{index}.sh"), check);
            writeln!(
                self.toml,
                "[[service.web.stage.{stage}.check]]\nname = \"{name}\"\n\
                 command = [\"sh\", \"{script}\"]\ntime_limit = \"{limit}\""
            )
            .unwrap();
        }
        fs::write(self.path().join("pipeline.toml"), &self.toml).unwrap();
        self
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn environment(&self, stage: &str) -> PathBuf {
        self.path().join("environments").join(stage)
    }

    pub fn arrive(&self, label: &str, content: &str) {
        let folder = self.path().join("arrivals/web").join(label);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("app.txt"), content).unwrap();
        fs::write(folder.join("manifest.toml"), manifest(label, "app.txt", &sha256(content))).unwrap();
    }

    pub fn system(&self) -> LocalSystem {
        system_at(self.path())
    }

    pub fn plan(&self, build: &str, stage: &str) -> PromotionPlan {
        plan(build, stage)
    }

    pub fn key(&self) -> OperationKey {
        let number = self.keys.fetch_add(1, Ordering::Relaxed);
        OperationKey::new(format!("op-{number}")).unwrap()
    }

    /// The operations that really deployed to a stage.
    pub fn effects(&self, stage: &str) -> Vec<String> {
        let text = fs::read_to_string(self.path().join(format!("effects-{stage}")));
        text.unwrap_or_default().lines().map(String::from).collect()
    }

    /// Promotes and waits for the end.
    pub async fn run(&self, build: &str, stage: &str) -> RunStatus {
        let system = self.system();
        let submission = system.promote(&self.plan(build, stage), &self.key()).await.unwrap();
        ended(&system, &submission.run.unwrap()).await
    }

    fn script(&self, name: &str, text: &str) -> String {
        fs::create_dir_all(self.path().join("scripts")).unwrap();
        fs::write(self.path().join("scripts").join(name), text).unwrap();
        format!("scripts/{name}")
    }
}

pub fn system_at(folder: &Path) -> LocalSystem {
    let variables = [
        (OsString::from("PATH"), std::env::var_os("PATH").unwrap()),
        (OsString::from("HOME"), OsString::from("/nowhere")),
        (OsString::from("GITHUB_TOKEN"), OsString::from("not for scripts")),
    ];
    LocalSystem::open(
        ConnectionId::new("here"),
        folder,
        Surroundings::keep(variables),
        Arc::new(|| DateTime::<Utc>::UNIX_EPOCH),
    )
}

pub fn plan(build: &str, stage: &str) -> PromotionPlan {
    PromotionPlan {
        pipeline: "web".into(),
        to: stage.into(),
        build: build.into(),
        label: build.into(),
        commit: "9fceb02".into(),
        expect_sha256: None,
        expect_current: None,
        parameters: Default::default(),
        reason: "a test".into(),
    }
}

pub fn manifest(label: &str, file: &str, sha256: &str) -> String {
    format!(
        "label = \"{label}\"\ncommit = \"9fceb02\"\nauthor = \"Ada\"\n\
         created = 2026-11-03T10:00:00Z\nfeatures = [\"SHOP-1\", \"SHOP-2\"]\n\
         [artifact]\nfile = \"{file}\"\nsha256 = \"{sha256}\"\n\
         [versions]\napplication = \"1.4\"\ndata = \"12\"\n"
    )
}

pub fn sha256(content: &str) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub async fn ended(system: &dyn PipelineSystem, run: &RunId) -> RunStatus {
    until("the run has ended", || async {
        let status = system.run_status(run).await.unwrap();
        status.state.is_final().then_some(status)
    })
    .await
}

pub async fn whole_log(system: &dyn PipelineSystem, run: &RunId) -> String {
    let mut at = LogCursor::start();
    let mut whole = String::new();
    loop {
        let chunk = system.read_log(run, &at).await.unwrap();
        whole.push_str(&chunk.text);
        if chunk.complete {
            return whole;
        }
        at = chunk.next;
    }
}

/// Asks again and again until there is an answer.
pub async fn until<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Says whether a process still works; one that waits to be collected does not.
pub fn works(pid: &str) -> bool {
    let pid = pid.trim();
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'),
        Err(_) => false,
    }
}
