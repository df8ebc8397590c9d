//! Builds are executions: each carries the revisions that its sources had when it began. A roll-back carries
//! another execution's, so it is no build of its own.

use aws_sdk_codepipeline::types::{ExecutionType, PipelineExecutionStatus, PipelineExecutionSummary};

use super::api::Api;
use super::history::time;
use super::id::{check_name, is_execution};
use super::shape::Shape;
use crate::http::shortened;
use crate::{
    Build, BuildId, BuildPage, BuildProblem, BuildQuery, ComponentVersions, Cursor, PipelineId, Reason,
    RemoteError,
};

/// The most that one page holds.
const PAGE: i32 = 100;

impl Api {
    /// Returns the build that an execution carries.
    pub(super) async fn build_of(
        &self,
        shape: &Shape,
        execution: &str,
        roll_back: Option<bool>,
    ) -> Result<BuildId, RemoteError> {
        if roll_back == Some(false) || !shape.v2 {
            return Ok(BuildId::new(execution));
        }
        if let Some(known) = self.known_build(&shape.pipeline, execution) {
            return Ok(known);
        }
        let call = self
            .sdk
            .get_pipeline_execution()
            .pipeline_name(shape.pipeline.as_str())
            .pipeline_execution_id(execution)
            .send();
        let told = self.read(call).await?.pipeline_execution;
        let target = told.and_then(|told| told.rollback_metadata);
        let target = target.and_then(|target| target.rollback_target_pipeline_execution_id);
        // A roll-back never leads to a roll-back.
        let build = BuildId::new(target.unwrap_or_else(|| execution.to_owned()));
        self.remember_build(&shape.pipeline, execution, &build);
        Ok(build)
    }
}

/// Lists builds, newest first.
pub(super) async fn list(
    api: &Api,
    pipeline: &PipelineId,
    query: &BuildQuery,
    page: Option<&Cursor>,
) -> Result<BuildPage, RemoteError> {
    check_name(pipeline.as_str(), "pipeline")?;
    let limit = i32::try_from(query.limit).unwrap_or(PAGE).clamp(1, PAGE);
    let call = api
        .sdk
        .list_pipeline_executions()
        .pipeline_name(pipeline.as_str())
        .max_results(limit)
        .set_next_token(page.map(|cursor| cursor.as_str().to_owned()))
        .send();
    let told = api.read(call).await?;
    let (mut builds, mut problems) = (Vec::new(), Vec::new());
    for summary in told.pipeline_execution_summaries.unwrap_or_default() {
        match read(&summary) {
            Some(Ok(build)) => builds.push(build),
            Some(Err(problem)) if page.is_none() => problems.push(problem),
            _ => {}
        }
    }
    builds.sort_by_key(|build| std::cmp::Reverse(build.created));
    // A token that comes back would lead round and round.
    let next = told.next_token.map(Cursor::new).filter(|next| Some(next) != page);
    Ok(BuildPage { builds, problems, next })
}

/// Reads one execution; roll-backs and executions whose sources are not known yet are no builds.
fn read(summary: &PipelineExecutionSummary) -> Option<Result<Build, BuildProblem>> {
    let execution = summary.pipeline_execution_id.clone().filter(|id| is_execution(id))?;
    if summary.execution_type == Some(ExecutionType::Rollback) {
        return None;
    }
    let Some(commit) = revision(summary) else {
        let going = [PipelineExecutionStatus::InProgress, PipelineExecutionStatus::Stopping].map(Some);
        return (!going.contains(&summary.status)).then(|| Err(without_revision(execution)));
    };
    Some(Ok(Build {
        label: label(&commit, &execution),
        commit,
        author: String::new(),
        created: time(summary.start_time.as_ref()).unwrap_or_default(),
        artifact: None,
        versions: ComponentVersions::default(),
        features: Vec::new(),
        id: BuildId::new(execution),
    }))
}

/// The revision of the first source that is a commit, or else of the first source.
fn revision(summary: &PipelineExecutionSummary) -> Option<String> {
    let told = summary.source_revisions.as_deref().unwrap_or_default();
    let revisions: Vec<&str> = told.iter().filter_map(|source| source.revision_id.as_deref()).collect();
    let commit = |text: &&&str| text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit());
    revisions.iter().find(commit).or(revisions.first()).map(|text| shortened(text, 200))
}

/// A label for people: the revision, shortened as they are used to, and enough of the execution to tell two
/// executions of one revision apart.
fn label(revision: &str, execution: &str) -> String {
    let plain = revision.strip_prefix("sha256:").unwrap_or(revision);
    let plain: String = plain.chars().filter(char::is_ascii_alphanumeric).take(7).collect();
    let short = execution.get(..8).unwrap_or(execution);
    if plain.is_empty() { short.to_owned() } else { format!("{plain}-{short}") }
}

fn without_revision(execution: String) -> BuildProblem {
    BuildProblem {
        reasons: vec![Reason {
            code: "codepipeline.no-revision",
            place: execution.clone(),
            sentence: "The execution ended before its sources were read, so it carries nothing.".into(),
            next_step: "Look at its source stage in CodePipeline.".into(),
        }],
        name: execution,
    }
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn a_label_tells_two_executions_of_one_revision_apart() {
        let commit = "9fceb02d0ae598e95dc970b74767f19372d61af8";
        assert_eq!(label(commit, "3f1f2b6a-1111-4222-8333-444455556666"), "9fceb02-3f1f2b6a");
        assert_ne!(
            label(commit, "3f1f2b6a-1111-4222-8333-444455556666"),
            label(commit, "0d9c1c1e-1111-4222-8333-444455556666")
        );
        assert_eq!(label("sha256:ab12cd34ef", "3f1f2b6a-1111-4222-8333-444455556666"), "ab12cd3-3f1f2b6a");
        assert_eq!(label("/+", "3f1f2b6a-1111-4222-8333-444455556666"), "3f1f2b6a");
    }
}
