//! The issue log.

use crate::act::{Recorded, Signing};
use crate::desk::Desk;
use crate::view;
use crate::wire::*;
use signalbox_domain::decide::Act;
use signalbox_domain::id::{IssueId, ProductId, ServiceId};
use signalbox_domain::issue::Issue;
use signalbox_domain::state::Ref;
use signalbox_store::{IssueFilter, Scope};

/// How many entries a list holds.
const ISSUES: u32 = 300;
/// How many past problems stand beside a decision.
const PAST: u32 = 60;

impl Desk {
    pub(crate) fn issue_list(&self, request: IssueList) -> Result<Issues, WireError> {
        let IssueList { product, text, open_only } = request;
        let filter = IssueFilter {
            product: product.clone().map(ProductId::new),
            open: open_only.then_some(true),
            text,
            ..IssueFilter::default()
        };
        let (state, issues) = self.store.read(|reader| {
            Ok((reader.state(&Scope::desk())?, reader.issues(&filter, None, ISSUES)?.items))
        })?;
        let mut drafts = self.issue_drafts()?;
        drafts.retain(|draft| product.as_ref().is_none_or(|product| draft.product == *product));
        Ok(Issues { issues: view::issue::issue_rows(&state, &issues), drafts })
    }

    pub(crate) fn issue_show(&self, request: IssueShow) -> Result<IssueView, WireError> {
        let id = IssueId::new(request.issue);
        let state = self.state(&Scope::desk().around(Ref::Issue(id.clone())))?;
        let issue = state.issues.get(&id).ok_or_else(|| WireError::unknown("entry of the issue log"))?;
        let build = issue.report.build.clone();
        let state = match build.filter(|build| !state.builds.contains_key(build)) {
            Some(build) => {
                self.state(&Scope::desk().around(Ref::Issue(id.clone())).and(Ref::Build(build)))?
            }
            None => state,
        };
        let issue = state.issues.get(&id).ok_or_else(|| WireError::unknown("entry of the issue log"))?;
        Ok(view::issue::issue_view(&state, issue))
    }

    pub(crate) fn issue_record(&self, request: IssueRecord) -> Result<Done, WireError> {
        let IssueRecord { product, report, draft } = request;
        let (product, issue) = (ProductId::new(product), IssueId::new(self.new_id()));
        let report = view::issue::report_from_wire(report);
        let act = Act::RecordIssue { issue: issue.clone(), product: product.clone(), report };
        let recorded = self.act(Some(&product), act, &Signing::default())?;
        if let Some(draft) = draft {
            self.store.write(|writer| writer.remove_draft(&draft).map_err(WireError::from))?;
        }
        Ok(recorded.done(Some(issue.to_string()), "The problem is in the issue log."))
    }

    pub(crate) fn issue_amend(&self, request: IssueAmend) -> Result<Done, WireError> {
        let issue = IssueId::new(request.issue);
        let act =
            Act::AmendIssue { issue: issue.clone(), report: view::issue::report_from_wire(request.report) };
        Ok(self.act_on_issue(&issue, act)?.done(None, "The entry is changed."))
    }

    pub(crate) fn issue_meet(&self, request: IssueMeet) -> Result<Done, WireError> {
        let issue = IssueId::new(request.issue);
        let act = Act::MeetIssue { issue: issue.clone(), note: request.note };
        Ok(self.act_on_issue(&issue, act)?.done(None, "It is recorded that the problem was met again."))
    }

    pub(crate) fn issue_close(&self, request: IssueClose) -> Result<Done, WireError> {
        let IssueClose { issue, lesson, stage, text } = request;
        let issue = IssueId::new(issue);
        let lesson = view::issue::lesson_from_wire(lesson, stage, text)?;
        let act = Act::CloseIssue { issue: issue.clone(), lesson };
        Ok(self.act_on_issue(&issue, act)?.done(None, "The entry is closed with its lesson."))
    }

    /// Recent problems of a product, or of one of its services, open and closed.
    pub(super) fn past_issues(
        &self,
        product: &ProductId,
        service: Option<&ServiceId>,
    ) -> Result<Vec<Issue>, WireError> {
        let filter = IssueFilter {
            product: Some(product.clone()),
            service: service.cloned(),
            ..IssueFilter::default()
        };
        Ok(self.store.read(|reader| reader.issues(&filter, None, PAST))?.items)
    }

    fn act_on_issue(&self, issue: &IssueId, act: Act) -> Result<Recorded, WireError> {
        let known = self.store.read(|reader| reader.issue(issue))?;
        let product =
            known.map(|known| known.product).ok_or_else(|| WireError::unknown("entry of the issue log"))?;
        self.act(Some(&product), act, &Signing::default())
    }
}
