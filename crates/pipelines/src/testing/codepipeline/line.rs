//! A pipeline of the fake: its executions move on by themselves, a little with every request.
//!
//! The behaviour follows the user guide's page on how pipeline executions work: one execution a stage at a time
//! (unless they run side by side), newer ones overtake what waits before a stage in SUPERSEDED mode, a gate holds
//! its stage, a failed stage can be retried, a roll-back is an execution of its own.

use std::collections::BTreeMap;

use crate::testing::contract::Course;

pub struct Line {
    pub name: String,
    pub v2: bool,
    pub mode: &'static str,
    pub version: i64,
    pub stages: Vec<StageDef>,
    pub variables: Vec<(&'static str, Option<&'static str>)>,
    pub runs: Vec<Exec>,
    pub held: BTreeMap<String, String>,
    /// Which execution came into a stage last.
    pub last_in: BTreeMap<String, String>,
}

pub struct StageDef {
    pub name: &'static str,
    pub actions: Vec<ActionDef>,
}

pub struct ActionDef {
    pub name: &'static str,
    pub category: &'static str,
    pub provider: &'static str,
    pub order: i64,
    pub course: Course,
}

pub struct Exec {
    pub id: String,
    /// A roll-back leads to the artifacts of another execution.
    pub target: Option<String>,
    pub commit: String,
    pub began: f64,
    pub changed: f64,
    pub status: &'static str,
    pub trigger: &'static str,
    pub variables: Vec<(String, String)>,
    pub version: i64,
    pub place: usize,
    pub inside: bool,
    /// Whether it ends with its stage.
    pub one_stage: bool,
    pub stop: Option<bool>,
    pub stop_reason: Option<String>,
    pub acts: Vec<Act>,
}

#[derive(Clone)]
pub struct Act {
    pub id: String,
    pub stage: &'static str,
    pub action: &'static str,
    pub category: &'static str,
    pub status: &'static str,
    pub began: f64,
    pub changed: f64,
    pub token: Option<String>,
    pub summary: Option<String>,
    pub left: u32,
}

/// Tells times that only grow, and ids that are never the same.
pub struct Source {
    pub now: f64,
    pub count: u64,
}

impl Source {
    pub fn tick(&mut self) -> f64 {
        self.now += 0.001;
        (self.now * 1000.0).round() / 1000.0
    }

    pub fn id(&mut self) -> String {
        self.count += 1;
        let n = self.count;
        format!("{:08x}-1111-4222-8333-{:012x}", n.wrapping_mul(2_654_435_761) as u32, n)
    }

    pub fn commit(&mut self) -> String {
        self.count += 1;
        format!("{:040x}", u128::from(self.count) * 0x9fce_b02d_0ae5_98e9)
    }
}

impl StageDef {
    pub fn new(name: &'static str, actions: Vec<ActionDef>) -> Self {
        Self { name, actions }
    }
}

impl ActionDef {
    pub fn new(name: &'static str, category: &'static str, order: i64, course: Course) -> Self {
        let provider = match category {
            "Source" => "CodeStarSourceConnection",
            "Approval" => "Manual",
            "Test" => "CodeBuild",
            _ => "ECS",
        };
        Self { name, category, provider, order, course }
    }
}

impl Line {
    /// A pipeline with these stages behind a source.
    pub fn new(name: &str, mode: &'static str, stages: Vec<StageDef>) -> Self {
        let source = StageDef::new("Source", vec![ActionDef::new("src", "Source", 1, Course::Succeeds)]);
        Self {
            name: name.to_owned(),
            v2: true,
            mode,
            version: 3,
            stages: std::iter::once(source).chain(stages).collect(),
            variables: Vec::new(),
            runs: Vec::new(),
            held: BTreeMap::new(),
            last_in: BTreeMap::new(),
        }
    }

    pub fn begin(
        &mut self,
        source: &mut Source,
        commit: &str,
        trigger: &'static str,
        variables: Vec<(String, String)>,
    ) -> String {
        let id = source.id();
        let at = source.tick();
        self.runs.push(Exec {
            id: id.clone(),
            target: None,
            commit: commit.to_owned(),
            began: at,
            changed: at,
            status: "InProgress",
            trigger,
            variables,
            version: self.version,
            place: 0,
            inside: false,
            one_stage: false,
            stop: None,
            stop_reason: None,
            acts: Vec::new(),
        });
        id
    }

    pub fn roll_back(&mut self, source: &mut Source, place: usize, target: &str) -> String {
        let commit = self.run(target).unwrap().commit.clone();
        let id = self.begin(source, &commit, "ManualRollback", Vec::new());
        let run = self.runs.last_mut().unwrap();
        run.target = Some(target.to_owned());
        (run.place, run.one_stage) = (place, true);
        id
    }

    pub fn run(&self, id: &str) -> Option<&Exec> {
        self.runs.iter().find(|run| run.id == id)
    }

    pub fn run_mut(&mut self, id: &str) -> Option<&mut Exec> {
        self.runs.iter_mut().find(|run| run.id == id)
    }

    pub fn place_of(&self, stage: &str) -> Option<usize> {
        self.stages.iter().position(|known| known.name == stage)
    }

    /// Everything moves on a little.
    pub fn step(&mut self, source: &mut Source) {
        for index in 0..self.runs.len() {
            if !matches!(self.runs[index].status, "InProgress" | "Stopping") {
                continue;
            }
            if self.runs[index].inside {
                self.work(index, source);
            } else {
                self.enter(index, source);
            }
        }
    }

    fn enter(&mut self, index: usize, source: &mut Source) {
        let place = self.runs[index].place;
        if self.runs[index].stop.is_some() {
            self.runs[index].status = "Stopped";
            return;
        }
        if self.held.contains_key(self.stages[place].name) {
            return;
        }
        let alone = self.mode != "PARALLEL";
        let going = |run: &Exec| matches!(run.status, "InProgress" | "Stopping") && run.place == place;
        if alone && self.runs.iter().any(|run| going(run) && run.inside) {
            if self.mode == "SUPERSEDED" {
                // What waits before a stage is overtaken by what comes after it.
                let newest = self.runs.iter().rposition(|run| going(run) && !run.inside);
                if newest != Some(index) {
                    self.runs[index].status = "Superseded";
                }
            }
            return;
        }
        self.runs[index].inside = true;
        let stage = &self.stages[place];
        self.last_in.insert(stage.name.to_owned(), self.runs[index].id.clone());
        let first = stage.actions.iter().map(|action| action.order).min().unwrap();
        self.start(index, first, source);
    }

    fn start(&mut self, index: usize, order: i64, source: &mut Source) {
        let place = self.runs[index].place;
        let stage = &self.stages[place];
        for action in stage.actions.iter().filter(|action| action.order == order) {
            let at = source.tick();
            let gate = action.category == "Approval";
            let act = Act {
                id: source.id(),
                stage: stage.name,
                action: action.name,
                category: action.category,
                status: "InProgress",
                began: at,
                changed: at,
                token: gate.then(|| source.id()),
                summary: None,
                left: if action.category == "Source" { 0 } else { 2 },
            };
            self.runs[index].acts.push(act);
        }
    }

    fn work(&mut self, index: usize, source: &mut Source) {
        let place = self.runs[index].place;
        let name = self.stages[place].name;
        let stop = self.runs[index].stop;
        let at = source.tick();
        for act in self.runs[index].acts.iter_mut().filter(|a| a.stage == name && a.status == "InProgress") {
            if stop == Some(true) {
                (act.status, act.changed) = ("Abandoned", at);
                continue;
            }
            if act.category == "Approval" {
                continue;
            }
            act.left = act.left.saturating_sub(1);
            let action = self.stages[place].actions.iter().find(|a| a.name == act.action).unwrap();
            let end = match action.course {
                Course::Hangs if stop.is_none() => continue,
                Course::Fails => "Failed",
                Course::Succeeds | Course::Hangs => "Succeeded",
            };
            if act.left == 0 {
                (act.status, act.changed) = (end, at);
                if end == "Failed" {
                    act.summary = Some("Deployment failed: too many instances failed".into());
                }
            }
        }
        self.runs[index].changed = at;
        // Of an action that was retried, the last one counts.
        let mut last: BTreeMap<&str, &str> = BTreeMap::new();
        for act in self.runs[index].acts.iter().filter(|act| act.stage == name) {
            last.insert(act.action, act.status);
        }
        if last.values().any(|status| *status == "InProgress") {
            return;
        }
        if stop.is_some() {
            self.runs[index].status = "Stopped";
        } else if last.values().any(|status| *status == "Failed") {
            self.runs[index].status = "Failed";
        } else {
            let next = self.stages[place].actions.iter().filter(|action| !last.contains_key(action.name));
            let next = next.map(|action| action.order).min();
            match next {
                Some(order) => self.start(index, order, source),
                None if self.runs[index].one_stage || place + 1 == self.stages.len() => {
                    self.runs[index].status = "Succeeded";
                }
                None => {
                    self.runs[index].inside = false;
                    self.runs[index].place += 1;
                }
            }
        }
    }

    /// How the execution that came into a stage last stands in it.
    pub fn stage_status(&self, stage: &str, run: &Exec) -> &'static str {
        let place = self.place_of(stage).unwrap();
        match run.status {
            _ if run.place > place || run.status == "Succeeded" => "Succeeded",
            "Superseded" => "Cancelled",
            status => status,
        }
    }

    pub fn last_act(&self, stage: &str, action: &str) -> Option<&Act> {
        let acts = self.runs.iter().flat_map(|run| &run.acts);
        acts.filter(|act| act.stage == stage && act.action == action)
            .max_by(|a, b| a.began.total_cmp(&b.began))
    }
}
