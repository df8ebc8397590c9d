//! Decision sheets and the acts on them.

use crate::act::{Recorded, Signing, demand_passphrase, packet_digest};
use crate::desk::Desk;
use crate::view;
use crate::wire::*;
use signalbox_domain::decide::{Act, CheckReport};
use signalbox_domain::fact::Fact;
use signalbox_domain::id::{BuildId, EntryId, IssueId, ProductId, StageKey};
use signalbox_domain::packet::Packet;
use signalbox_domain::sheet::gate_packet;
use signalbox_domain::state::{Ref, State};
use signalbox_ledger::Hash;
use signalbox_store::Scope;

impl Desk {
    pub(crate) fn packet_show(&self, request: PacketShow) -> Result<PacketView, WireError> {
        let (state, build, stage) = self.sheet(&request.build, &request.stage)?;
        let value = state.builds.get(&build).ok_or_else(|| WireError::unknown("build"))?;
        let step = state.stage_of(value, &stage).ok_or_else(|| WireError::unknown("stage"))?;
        let digest = self.keep_packet(&gate_packet(&state, value, step))?;
        let last = value.visit(&stage).and_then(|visit| visit.deployment()).map(|last| last.id.to_string());
        let draft = match last {
            Some(last) => self.store.read(|reader| reader.draft(&last))?.map(|draft| draft.id),
            None => None,
        };
        let me = self.me(&state);
        let seen = self.seen(&value.service);
        // What was learnt stays beside the sheet, closed entries included; the packet was composed before.
        let mut state = state.clone();
        for issue in self.past_issues(&value.product, Some(&value.service))? {
            state.issues.insert(issue.id.clone(), issue);
        }
        let value = state.builds.get(&build).ok_or_else(|| WireError::unknown("build"))?;
        let beside = view::packet::Beside { digest, issue_draft: draft, seen: seen.as_ref() };
        view::packet::packet_view(&state, value, &stage, me.as_ref(), beside, self.now())
            .ok_or_else(|| WireError::unknown("stage"))
    }

    pub(crate) fn gate_sign(&self, request: GateSign) -> Result<Done, WireError> {
        let GateSign { build, stage, approved, role, meaning, comment, packet, passphrase } = request;
        let shown = self.shown(&packet)?;
        let (state, build, stage) = self.build_of(&build, &stage)?;
        self.demand_passphrase(&state, &build, &stage, passphrase.as_deref())?;
        let act = Act::SignGate {
            build: build.clone(),
            stage: stage.clone(),
            approved,
            meaning: meaning.into(),
            comment,
            shown,
        };
        let recorded = self.act_on(&state, &build, act, Some(role), passphrase)?;
        let said = if approved {
            said_of_approval(&recorded)
        } else {
            "Rejected; the delivery of this build ends.".to_owned()
        };
        Ok(recorded.done(None, said))
    }

    pub(crate) fn signoff_withdraw(&self, request: SignoffWithdraw) -> Result<Done, WireError> {
        let (state, build, stage) = self.build_of(&request.build, &request.stage)?;
        let act = Act::WithdrawSignoff {
            build: build.clone(),
            stage,
            signoff: EntryId::new(request.signoff),
            reason: request.reason,
        };
        Ok(self.act_on(&state, &build, act, None, None)?.done(None, "The sign-off is taken back."))
    }

    pub(crate) fn checklist_set(&self, request: ChecklistSet) -> Result<Done, WireError> {
        let (state, build, stage) = self.build_of(&request.build, &request.stage)?;
        let act = Act::MarkItem {
            build: build.clone(),
            stage,
            item: request.item.into(),
            state: request.state.into(),
            reason: request.reason,
        };
        Ok(self.act_on(&state, &build, act, None, None)?.done(None, "Marked."))
    }

    pub(crate) fn check_record(&self, request: CheckRecord) -> Result<Done, WireError> {
        let (state, build, stage) = self.build_of(&request.build, &request.stage)?;
        let source = self.me(&state).map_or_else(String::new, |me| format!("by hand, {}", me.person.name));
        let check =
            CheckReport { name: request.check, passed: request.passed, source, summary: request.summary };
        let act = Act::RecordCheck { build: build.clone(), stage, check };
        Ok(self.act_on(&state, &build, act, None, None)?.done(None, "The check's result is recorded."))
    }

    pub(crate) fn build_promote(&self, request: BuildPromote) -> Result<Done, WireError> {
        let BuildPromote { build, stage, role, reason, packet, passphrase } = request;
        let shown = self.shown(&packet)?;
        let (state, build, stage) = self.build_of(&build, &stage)?;
        self.demand_passphrase(&state, &build, &stage, passphrase.as_deref())?;
        let act = Act::Promote { build: build.clone(), stage, reason, shown };
        let recorded = self.act_on(&state, &build, act, Some(role), passphrase)?;
        Ok(recorded.done(None, "The promotion is recorded, and its deployment begins."))
    }

    pub(crate) fn build_roll_back(&self, request: BuildRollBack) -> Result<Done, WireError> {
        let BuildRollBack { build, stage, role, reason, passphrase } = request;
        let (state, build, stage) = self.build_of(&build, &stage)?;
        self.demand_passphrase(&state, &build, &stage, passphrase.as_deref())?;
        let issue = IssueId::new(self.new_id());
        let act = Act::RollBack { build: build.clone(), stage, reason, issue: issue.clone() };
        let recorded = self.act_on(&state, &build, act, Some(role), passphrase)?;
        Ok(recorded.done(
            Some(issue.to_string()),
            "The roll-back is recorded and begins; the stage is held, and the issue log has an entry.",
        ))
    }

    pub(crate) fn deployment_retry(&self, request: DeploymentRetry) -> Result<Done, WireError> {
        let DeploymentRetry { build, stage, role, reason } = request;
        let (state, build, stage) = self.build_of(&build, &stage)?;
        let act = Act::Retry { build: build.clone(), stage, reason };
        Ok(self.act_on(&state, &build, act, Some(role), None)?.done(None, "The deployment begins again."))
    }

    pub(crate) fn failure_release(&self, request: FailureRelease) -> Result<Done, WireError> {
        let FailureRelease { build, stage, role, reason } = request;
        let (state, build, stage) = self.build_of(&build, &stage)?;
        let act = Act::ReleaseFailed { build: build.clone(), stage, reason };
        Ok(self.act_on(&state, &build, act, Some(role), None)?.done(None, "The stage is open again."))
    }

    pub(crate) fn deployment_settle(&self, request: DeploymentSettle) -> Result<Done, WireError> {
        let (state, build, stage) = self.build_of(&request.build, &request.stage)?;
        let outcome = view::common::outcome(&request.outcome).ok_or_else(|| {
            WireError::new("deployment.not-settled", "“Running” is no outcome.", "Say how it ended.")
        })?;
        let act = Act::RecordEnd {
            build: build.clone(),
            stage,
            deployment: EntryId::new(request.deployment),
            outcome,
            detail: request.detail,
            checks: Vec::new(),
        };
        Ok(self.act_on(&state, &build, act, None, None)?.done(None, "The outcome is recorded."))
    }

    /// The state around a build, and the typed keys of a sheet.
    pub(crate) fn sheet(&self, build: &str, stage: &str) -> Result<(State, BuildId, StageKey), WireError> {
        self.named(build, stage, |build| Scope::desk().around(Ref::Build(build)))
    }

    /// Enough of the state for an act on a build, which is decided on a state of its own.
    fn build_of(&self, build: &str, stage: &str) -> Result<(State, BuildId, StageKey), WireError> {
        self.named(build, stage, |build| Scope::desk().and(Ref::Build(build)))
    }

    fn named(
        &self,
        build: &str,
        stage: &str,
        scope: impl FnOnce(BuildId) -> Scope,
    ) -> Result<(State, BuildId, StageKey), WireError> {
        let (build, stage) = (BuildId::new(build), StageKey::new(stage));
        let state = self.state(&scope(build.clone()))?;
        if !state.builds.contains_key(&build) {
            return Err(WireError::unknown("build"));
        }
        Ok((state, build, stage))
    }

    /// Keeps a packet that is shown, so that a signature can name it by its digest.
    pub(crate) fn keep_packet(&self, packet: &Packet) -> Result<String, WireError> {
        let digest = packet_digest(packet)?;
        if self.store.read(|reader| reader.shown_packet(&digest))?.is_none() {
            let now = self.now();
            self.store.write(|writer| writer.keep_packet(&digest, packet, now).map_err(WireError::from))?;
        }
        Ok(digest.to_string())
    }

    /// The packet that was shown under a digest.
    pub(crate) fn shown(&self, digest: &str) -> Result<Packet, WireError> {
        let unknown = || {
            WireError::new(
                "packet.not-shown",
                "No sheet with this digest was shown on this machine.",
                "Open the sheet and read it, then sign.",
            )
        };
        let digest: Hash = digest.parse().map_err(|_| unknown())?;
        self.store.read(|reader| reader.shown_packet(&digest))?.ok_or_else(unknown)
    }

    fn act_on(
        &self,
        state: &State,
        build: &BuildId,
        act: Act,
        role: Option<String>,
        passphrase: Option<String>,
    ) -> Result<Recorded, WireError> {
        let product: Option<ProductId> = state.builds.get(build).map(|build| build.product.clone());
        let role = role.filter(|role| !role.is_empty());
        self.act(
            product.as_ref(),
            act,
            &Signing { role, passphrase: passphrase.filter(|given| !given.is_empty()) },
        )
    }

    /// Refuses to sign without the key's passphrase where the stage asks for it (S2).
    fn demand_passphrase(
        &self,
        state: &State,
        build: &BuildId,
        stage: &StageKey,
        passphrase: Option<&str>,
    ) -> Result<(), WireError> {
        let build = state.builds.get(build);
        let stage = build.and_then(|build| state.stage_of(build, stage));
        demand_passphrase(stage.is_some_and(|stage| stage.asks_passphrase), passphrase)
    }
}

fn said_of_approval(recorded: &Recorded) -> String {
    let passed = recorded.facts.iter().any(|decided| matches!(decided.fact, Fact::BuildPassed { .. }));
    if passed {
        "Approved; the build has passed here.".to_owned()
    } else {
        "Approved; others have to agree too.".to_owned()
    }
}
