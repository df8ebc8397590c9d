//! What actions did, newest first: the only place where an action is told together with its execution.

use std::collections::BTreeSet;

use aws_sdk_codepipeline::types::{ActionExecutionDetail, ActionExecutionFilter, ActionExecutionStatus};
use chrono::{DateTime, Utc};

use super::api::Api;
use crate::{PipelineId, RemoteError};

/// The most that one page holds.
const PAGE: i32 = 100;
/// The most pages that are read for one execution.
const PAGES: usize = 10;

/// One execution of one action.
#[derive(Clone)]
pub(super) struct Did {
    pub execution: String,
    pub stage: String,
    pub action: String,
    pub status: Status,
    pub started: Option<DateTime<Utc>>,
    pub changed: Option<DateTime<Utc>>,
    /// In a pipeline whose executions run side by side, a waiting gate's token.
    pub token: Option<String>,
    /// The words that came with the end; of a gate, the summary.
    pub summary: Option<String>,
    /// Who changed it last.
    pub by: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Working,
    Done,
    Failed,
    Abandoned,
}

impl Status {
    pub fn of(status: Option<&ActionExecutionStatus>) -> Self {
        match status {
            Some(ActionExecutionStatus::Succeeded) => Self::Done,
            Some(ActionExecutionStatus::Failed) => Self::Failed,
            Some(ActionExecutionStatus::Abandoned) => Self::Abandoned,
            _ => Self::Working,
        }
    }
}

/// Takes a time as AWS spells it.
pub(super) fn time(at: Option<&aws_smithy_types::DateTime>) -> Option<DateTime<Utc>> {
    let at = at?;
    DateTime::from_timestamp(at.secs(), at.subsec_nanos())
}

impl Did {
    fn of(detail: ActionExecutionDetail) -> Self {
        let result = detail.output.and_then(|output| output.execution_result);
        let error = result.as_ref().and_then(|result| result.error_details.as_ref());
        let error = error.and_then(|error| error.message.clone());
        Self {
            execution: detail.pipeline_execution_id.unwrap_or_default(),
            stage: detail.stage_name.unwrap_or_default(),
            action: detail.action_name.unwrap_or_default(),
            status: Status::of(detail.status.as_ref()),
            started: time(detail.start_time.as_ref()),
            changed: time(detail.last_update_time.as_ref()),
            token: result.as_ref().and_then(|result| result.external_execution_id.clone()),
            summary: result.as_ref().and_then(|r| r.external_execution_summary.clone()).or(error),
            by: detail.updated_by,
        }
    }
}

/// Reads everything that the actions of one execution did.
pub(super) async fn of_execution(
    api: &Api,
    pipeline: &PipelineId,
    execution: &str,
) -> Result<Vec<Did>, RemoteError> {
    read(api, pipeline, Some(execution), PAGES, |_| false).await
}

/// Reads what actions did lately, until it is enough or too long ago.
pub(super) async fn recent(
    api: &Api,
    pipeline: &PipelineId,
    pages: usize,
    enough: impl Fn(&[Did]) -> bool,
) -> Result<Vec<Did>, RemoteError> {
    read(api, pipeline, None, pages, enough).await
}

async fn read(
    api: &Api,
    pipeline: &PipelineId,
    execution: Option<&str>,
    pages: usize,
    enough: impl Fn(&[Did]) -> bool,
) -> Result<Vec<Did>, RemoteError> {
    let filter =
        execution.map(|execution| ActionExecutionFilter::builder().pipeline_execution_id(execution).build());
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = None;
    for _ in 0..pages {
        let call = api
            .sdk
            .list_action_executions()
            .pipeline_name(pipeline.as_str())
            .set_filter(filter.clone())
            .max_results(PAGE)
            .set_next_token(next)
            .send();
        let page = api.read(call).await?;
        all.extend(page.action_execution_details.unwrap_or_default().into_iter().map(Did::of));
        next = page.next_token;
        // A token that comes back would lead round and round.
        let goes_on = next.as_ref().is_some_and(|token| seen.insert(token.clone()));
        if !goes_on || enough(&all) {
            break;
        }
    }
    // The list is newest first already; a promise of the documentation is not relied on.
    all.sort_by_key(|did| std::cmp::Reverse(did.started));
    Ok(all)
}

/// Returns the newest execution of an action in a list that is newest first.
pub(super) fn newest<'d>(did: &'d [Did], stage: &str, action: &str) -> Option<&'d Did> {
    did.iter().find(|did| did.stage == stage && did.action == action)
}
