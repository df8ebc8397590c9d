//! What stands in the way of a promotion: everything at once, and the one error that it amounts to.

use crate::{BuildId, Occupant, PromotionPlan, Reason, RemoteError};

/// The blockers of one promotion.
#[derive(Default)]
pub(crate) struct Blockers {
    reasons: Vec<Reason>,
    stale: Option<String>,
    busy: Option<String>,
}

impl Blockers {
    /// Notes a defect of the plan or of what the plan meets there.
    pub fn note(
        &mut self,
        code: &'static str,
        place: &str,
        sentence: impl Into<String>,
        next_step: impl Into<String>,
    ) {
        self.reasons.push(Reason {
            code,
            place: place.into(),
            sentence: sentence.into(),
            next_step: next_step.into(),
        });
    }

    /// Compares what the person saw in the stage with what stands there.
    pub fn compare(&mut self, plan: &PromotionPlan, occupant: Option<&Occupant>) {
        let Some(seen) = &plan.expect_current else { return };
        let there = occupant.map(|occupant| &occupant.build);
        if seen.as_ref() == there {
            return;
        }
        let named = |build: Option<&BuildId>| build.map_or("nothing".to_owned(), BuildId::to_string);
        let sentence =
            format!("The stage holds {} by now, and {} was seen there.", named(there), named(seen.as_ref()));
        self.note("promotion.stale", plan.to.as_str(), sentence.clone(), "Look again and decide anew.");
        self.stale = Some(sentence);
    }

    /// Refuses a digest where the system keeps none that it could be compared with.
    pub fn no_digests(&mut self, plan: &PromotionPlan, system: &str) {
        if plan.expect_sha256.is_some() {
            self.note(
                "promotion.digest",
                plan.build.as_str(),
                format!("{system} tells no digest, so the approved content can't be compared."),
                "Approve the build without a digest, or let the pipeline check it.",
            );
        }
    }

    /// Notes that something works in the stage already.
    pub fn busy(&mut self, plan: &PromotionPlan, with: &str) {
        let sentence = format!("{with} already works in {}.", plan.to);
        self.note("promotion.busy", plan.to.as_str(), sentence.clone(), "Wait for its end, or cancel it.");
        self.busy = Some(sentence);
    }

    /// Returns every reason.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// Returns the refusal, if anything stands in the way.
    pub fn refusal(self) -> Result<(), RemoteError> {
        match (self.reasons.as_slice(), self.stale, self.busy) {
            ([], _, _) => Ok(()),
            ([_], Some(detail), _) => Err(RemoteError::Stale { detail }),
            ([_], _, Some(detail)) => Err(RemoteError::Conflict { detail }),
            _ => Err(RemoteError::Invalid {
                reasons: self.reasons,
                detail: "The promotion can't be sent.".into(),
            }),
        }
    }
}
