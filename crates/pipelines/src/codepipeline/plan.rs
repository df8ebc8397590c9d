//! What a promotion would do, and everything that stands in its way.
//!
//! There is no call that puts an execution into a stage. There are three ways: to answer the gate that holds it
//! before the stage, to roll the stage back to it where it succeeded before, and to start a new execution at its
//! revisions where no gate is on the way.

use aws_sdk_codepipeline::types::{
    ExecutionType, PipelineExecution, PipelineExecutionStatus, SourceRevisionType,
};
use serde_json::json;

use super::api::Api;
use super::history::{self, Status, newest};
use super::id::{Run, Waiting, check_build, gate_id};
use super::run::execution;
use super::shape::{Kind, Shape, Stage};
use super::snapshot::Snapshot;
use crate::blockers::Blockers;
use crate::{Mechanism, Preflight, PromotionPlan, RemoteError, Settled, StageState};

/// How a promotion is carried out.
#[derive(Clone)]
pub(super) enum Way {
    Answer(Waiting),
    RollBack,
    Start(Start),
}

/// What a new execution is started with.
#[derive(Clone, Default)]
pub(super) struct Start {
    /// Source action, kind of revision, revision.
    pub revisions: Vec<(String, SourceRevisionType, String)>,
    pub variables: Vec<(String, String)>,
    /// The stages on the way.
    passes: Vec<String>,
}

/// What was found out about a plan.
pub(super) struct Survey {
    way: Option<Way>,
    blockers: Blockers,
    roll_back_only: bool,
}

impl Survey {
    fn block(&mut self, code: &'static str, place: &str, sentence: impl Into<String>, next_step: &str) {
        self.blockers.note(code, place, sentence, next_step);
    }

    /// Returns the way, or why nothing may be sent.
    pub fn way(self) -> Result<Way, RemoteError> {
        self.blockers.refusal()?;
        self.way.ok_or_else(|| RemoteError::Conflict { detail: "no way leads into the stage".into() })
    }

    fn mechanism(&self) -> Mechanism {
        match &self.way {
            Some(Way::RollBack) => Mechanism::RollbackStage,
            Some(Way::Start(_)) => Mechanism::StartRunAtRevision,
            Some(Way::Answer(_)) => Mechanism::AnswerGate,
            None if self.roll_back_only => Mechanism::RollbackStage,
            None => Mechanism::AnswerGate,
        }
    }

    /// Tells the port what was found.
    pub fn preflight(self, api: &Api, plan: &PromotionPlan) -> Preflight {
        let will_do = self.way.as_ref().map(|way| will_do(api, plan, way)).unwrap_or_default();
        let blockers = self.blockers.reasons().to_vec();
        let allowed = blockers.is_empty() && self.way.is_some();
        Preflight { allowed, mechanism: self.mechanism(), blockers, will_do }
    }
}

fn will_do(api: &Api, plan: &PromotionPlan, way: &Way) -> Vec<String> {
    match way {
        Way::Answer(waiting) => {
            let Waiting { stage, action, execution, .. } = waiting;
            let body = json!({
                "pipelineName": plan.pipeline.as_str(), "stageName": stage, "actionName": action,
                "result": {"status": "Approved"},
            });
            vec![
                format!("Looks again whether {stage}/{action} still waits with execution {execution}."),
                api.described("PutApprovalResult", &body),
            ]
        }
        Way::RollBack => {
            let body = json!({
                "pipelineName": plan.pipeline.as_str(), "stageName": plan.to.as_str(),
                "targetPipelineExecutionId": plan.build.as_str(),
            });
            vec![api.described("RollbackStage", &body)]
        }
        Way::Start(start) => {
            let revisions: Vec<_> = start
                .revisions
                .iter()
                .map(|(action, kind, value)| {
                    json!({"actionName": action, "revisionType": kind.as_str(), "revisionValue": value})
                })
                .collect();
            let body = json!({"name": plan.pipeline.as_str(), "sourceRevisions": revisions});
            let mut steps = vec![api.described("StartPipelineExecution", &body)];
            if !start.passes.is_empty() {
                let passes = start.passes.join(", ");
                steps.push(format!("The new execution works in {passes} before it reaches {}.", plan.to));
            }
            steps
        }
    }
}

/// Finds out how a plan would be carried out and everything that stands in its way.
pub(super) async fn survey(
    api: &Api,
    plan: &PromotionPlan,
    roll_back_only: bool,
) -> Result<Survey, RemoteError> {
    let mut survey = Survey { way: None, blockers: Blockers::default(), roll_back_only };
    let snapshot = Snapshot::take(api, &plan.pipeline).await?;
    let build = plan.build.as_str();
    survey.blockers.no_digests(plan, "CodePipeline");
    let known = match check_build(&plan.build) {
        Ok(()) => {
            let run = Run {
                pipeline: plan.pipeline.clone(),
                execution: build.to_owned(),
                stage: plan.to.to_string(),
            };
            match execution(api, &run).await {
                Err(RemoteError::NotFound(_)) => None,
                other => Some(other?),
            }
        }
        Err(_) => None,
    };
    if known.is_none() {
        let next = "Choose a build that the pipeline lists.";
        survey.block("codepipeline.unknown-build", build, "The pipeline knows no such execution.", next);
    }
    let Some(stage) = snapshot.shape.stage(plan.to.as_str()) else {
        let next = "Bind the stage again to one that the pipeline has.";
        survey.block("codepipeline.unknown-stage", plan.to.as_str(), "The pipeline has no such stage.", next);
        return Ok(survey);
    };
    if !stage.has_work() {
        survey.block(
            "codepipeline.no-work",
            &stage.name,
            "The stage reads sources or holds gates and deploys nothing.",
            "Promote to the stage that deploys.",
        );
    }
    let state = snapshot.state(api, stage).await?;
    survey.blockers.compare(plan, state.occupant.as_ref());
    if let Some(running) = &state.running {
        survey.blockers.busy(plan, running.as_str());
    }
    if let Some(known) = known
        && stage.has_work()
    {
        find_way(api, plan, &snapshot, stage, &state, &known, &mut survey).await?;
    }
    Ok(survey)
}

async fn find_way(
    api: &Api,
    plan: &PromotionPlan,
    snapshot: &Snapshot,
    stage: &Stage,
    state: &StageState,
    known: &PipelineExecution,
    survey: &mut Survey,
) -> Result<(), RemoteError> {
    let shape = &snapshot.shape;
    let gates = shape.gates_into(&stage.name);
    let open: Vec<Waiting> = snapshot
        .open(api)
        .await?
        .into_iter()
        .map(|open| open.waiting)
        .filter(|open| gates.iter().any(|(of, gate)| of.name == open.stage && gate.name == open.action))
        .collect();
    let ours = open.iter().find(|waiting| waiting.build == plan.build);
    if let (Some(waiting), false) = (ours, survey.roll_back_only) {
        let order = |name: &str| gates.iter().find(|(_, g)| g.name == name).map_or(0, |(_, g)| g.order);
        let own = order(&waiting.action);
        let more: Vec<String> = gates
            .iter()
            .filter(|(_, gate)| gate.name != waiting.action)
            .filter(|(_, gate)| gate.order > own || open.iter().any(|open| open.action == gate.name))
            .map(|(of, gate)| gate_id(&of.name, &gate.name).to_string())
            .collect();
        if !more.is_empty() {
            survey.block(
                "codepipeline.more-gates",
                &stage.name,
                format!("The build also waits, or will wait, at {}.", more.join(", ")),
                "Answer the gates one by one.",
            );
        }
        if waiting.stage != stage.name && snapshot.is_held(stage) {
            survey.block(
                "codepipeline.held",
                &stage.name,
                "The stage is held, so the build would stop before it.",
                "Let the stage go on first.",
            );
        }
        no_parameters(survey, plan);
        survey.way = Some(Way::Answer(waiting.clone()));
        return Ok(());
    }
    let there = state.occupant.as_ref().is_some_and(|occupant| occupant.build == plan.build);
    let did = history::of_execution(api, &plan.pipeline, plan.build.as_str()).await?;
    let done = |name: &str| newest(&did, &stage.name, name).is_some_and(|did| did.status == Status::Done);
    let succeeded = stage.steps().all(|step| done(&step.name));
    let same_version = known.pipeline_version == Some(shape.version);
    if succeeded && !there && shape.v2 && !shape.parallel && same_version {
        no_parameters(survey, plan);
        survey.way = Some(Way::RollBack);
        return Ok(());
    }
    if survey.roll_back_only {
        let why = match () {
            () if there => "The build stands in the stage already.",
            () if !succeeded => "The build never went through this stage.",
            () if !shape.v2 => "Only pipelines of type V2 can be rolled back.",
            () if shape.parallel => "A pipeline whose executions run side by side can't be rolled back.",
            () => "The pipeline was changed since the build went through.",
        };
        survey.block("codepipeline.no-roll-back", &stage.name, why, "Promote another build.");
        return Ok(());
    }
    if there && state.occupant.as_ref().is_some_and(|o| o.settled != Settled::Broken) {
        let next = "Choose another build.";
        survey.block("codepipeline.there", &stage.name, "The build stands in the stage already.", next);
    }
    start(plan, snapshot, stage, known, survey);
    Ok(())
}

fn no_parameters(survey: &mut Survey, plan: &PromotionPlan) {
    for name in plan.parameters.keys() {
        survey.block(
            "codepipeline.parameters",
            name,
            "An execution that has begun takes no inputs any more.",
            "Leave the input out.",
        );
    }
}

/// Looks whether a new execution at the build's revisions would reach the stage.
fn start(
    plan: &PromotionPlan,
    snapshot: &Snapshot,
    stage: &Stage,
    known: &PipelineExecution,
    survey: &mut Survey,
) {
    let shape: &Shape = &snapshot.shape;
    let place = shape.stages.iter().position(|known| known.name == stage.name).unwrap_or_default();
    let before = &shape.stages[..place];
    let gates: Vec<String> = before
        .iter()
        .flat_map(|of| of.gates().map(move |gate| gate_id(&of.name, &gate.name).to_string()))
        .chain(stage.leading_gates().map(|gate| gate_id(&stage.name, &gate.name).to_string()))
        .collect();
    if !gates.is_empty() {
        survey.block(
            "codepipeline.not-waiting",
            plan.build.as_str(),
            format!(
                "The build does not wait before {}; on its way are the gates {}.",
                stage.name,
                gates.join(", ")
            ),
            "Promote it to the stages before, or choose a build that waits here.",
        );
        return;
    }
    if known.status == Some(PipelineExecutionStatus::InProgress) {
        survey.block(
            "codepipeline.on-its-way",
            plan.build.as_str(),
            format!("The build is on its way and reaches {} by itself.", stage.name),
            "Wait for it.",
        );
    }
    for held in shape.stages[..=place].iter().filter(|of| snapshot.is_held(of)) {
        let next = "Let the stage go on first.";
        let sentence = "The stage is held, so the build would stop before it.";
        survey.block("codepipeline.held", &held.name, sentence, next);
    }
    let mut found = Start {
        passes: before.iter().filter(|of| of.has_work()).map(|of| of.name.clone()).collect(),
        ..Start::default()
    };
    revisions(shape, known, survey, &mut found);
    variables(shape, plan, survey, &mut found);
    survey.way = Some(Way::Start(found));
}

fn revisions(shape: &Shape, known: &PipelineExecution, survey: &mut Survey, found: &mut Start) {
    if known.execution_type == Some(ExecutionType::Rollback) {
        let next = "Choose the build that it rolled back to.";
        survey.block("codepipeline.roll-back", "build", "The execution is a roll-back and no build.", next);
    }
    let told = known.artifact_revisions();
    for source in shape.stages.iter().flat_map(|of| &of.actions).filter(|a| a.kind == Kind::Source) {
        let revision = told
            .iter()
            .find(|told| told.name.as_ref().is_some_and(|name| source.outputs.contains(name)))
            .and_then(|told| told.revision_id.clone());
        match (source.source.clone(), revision) {
            (Some(kind), Some(revision)) => found.revisions.push((source.name.clone(), kind, revision)),
            _ => survey.block(
                "codepipeline.source",
                &source.name,
                "The revision of this source can't be chosen, so a new execution would take the newest one.",
                "Promote a build that waits at a gate.",
            ),
        }
    }
}

fn variables(shape: &Shape, plan: &PromotionPlan, survey: &mut Survey, found: &mut Start) {
    for (name, value) in &plan.parameters {
        match shape.variable(name) {
            Some(_) if !value.is_empty() && value.chars().count() <= 1000 => {
                found.variables.push((name.clone(), value.clone()));
            }
            Some(_) => survey.block(
                "codepipeline.variable-value",
                name,
                "A variable's value has 1 to 1000 characters.",
                "Change the value.",
            ),
            None => survey.block(
                "codepipeline.variable-unknown",
                name,
                "The pipeline declares no such variable.",
                "Leave it out, or declare it in the pipeline (type V2).",
            ),
        }
    }
    for variable in shape.variables.iter().filter(|variable| variable.required) {
        if !plan.parameters.contains_key(&variable.name) {
            survey.block(
                "codepipeline.variable-missing",
                &variable.name,
                "The pipeline asks for this variable.",
                "Give it a value.",
            );
        }
    }
}
