//! What a pipeline system can do: an absent capability is said, not hidden.

use crate::error::sentence;
use crate::wire::{CapabilityView, Notice, Tone};
use signalbox_pipelines::{
    BuildChoice, Cancel, Capabilities, Dedup, GateScope, Logs, Missing, ServerInfo, TextRule, sanitise,
};

/// What a probe found missing that is no capability of its own.
pub fn missing_beside(info: &ServerInfo) -> Vec<Notice> {
    let listed = lines(&info.effective);
    let beside =
        info.missing.iter().filter(|missing| listed.iter().all(|line| line.field != missing.capability));
    beside
        .map(|missing| Notice {
            tone: Tone::Wait,
            title: sentence(&sanitise(&missing.why)),
            detail: sentence(&sanitise(&missing.next_step)),
        })
        .collect()
}

/// What a system can do here and what it can't, each with the reason that its probe found.
pub fn capabilities(info: &ServerInfo) -> Vec<CapabilityView> {
    lines(&info.effective).into_iter().map(|line| line.view(&info.missing)).collect()
}

/// One line of the list, before a probe's reasons.
struct Line {
    /// The capability's field name, as a probe names it.
    field: &'static str,
    name: &'static str,
    able: bool,
    detail: String,
}

impl Line {
    fn view(self, missing: &[Missing]) -> CapabilityView {
        let why: Vec<&Missing> = missing.iter().filter(|missing| missing.capability == self.field).collect();
        let said = |text: fn(&Missing) -> &str| {
            let parts: Vec<String> = why.iter().map(|missing| sentence(&sanitise(text(missing)))).collect();
            parts.join(" ")
        };
        CapabilityView {
            name: self.name.to_owned(),
            able: self.able,
            detail: if why.is_empty() { self.detail } else { said(|missing| &missing.why) },
            next_step: said(|missing| &missing.next_step),
        }
    }
}

fn line(field: &'static str, name: &'static str, able: bool, detail: impl Into<String>) -> Line {
    Line { field, name, able, detail: detail.into() }
}

fn lines(known: &Capabilities) -> Vec<Line> {
    let mut lines = vec![build_choice(known), gates(known)];
    if known.gate_scope != GateScope::None {
        lines.extend(gate_details(known));
    }
    lines.extend([
        logs(known),
        match known.cancel {
            Cancel::Any => line("cancel", "Cancel a run", true, "At any time."),
            Cancel::QueuedOnly => line("cancel", "Cancel a run", true, "Only before it begins."),
            Cancel::None => line("cancel", "Cancel a run", false, "A running deployment can't be stopped."),
        },
        either(
            "retry_stage",
            "Run a failed stage again in its run",
            known.retry_stage,
            "What failed is run again.",
            "A retry is a new run of the stage.",
        ),
        either(
            "roll_back",
            "Its own roll-back",
            known.roll_back,
            "It can bring a stage back by itself.",
            "Going back deploys the earlier build again.",
        ),
        either(
            "hold_stage",
            "Hold a stage there",
            known.hold_stage,
            "A stage can be closed there, too.",
            "A hold in Signalbox stops what Signalbox does, and nothing else.",
        ),
        either(
            "start_run",
            "Run a pipeline that tests a product",
            known.start_run,
            "A test of the whole product can be started there.",
            "Tests of a whole product are told by hand.",
        ),
        lost_answers(known),
        either(
            "write_ack_is_proof",
            "Take its answer as proof",
            known.write_ack_is_proof,
            "What it accepted will happen.",
            "An accepted call is read back before it counts.",
        ),
        line(
            "push_of_events",
            "Tell of changes by itself",
            false,
            "Signalbox asks again and again; nothing has to reach this machine from outside.",
        ),
    ]);
    lines
}

fn either(field: &'static str, name: &'static str, able: bool, yes: &str, no: &str) -> Line {
    line(field, name, able, if able { yes } else { no })
}

fn build_choice(known: &Capabilities) -> Line {
    let (able, detail) = match known.build_choice {
        BuildChoice::Any => (true, "Any build that it lists."),
        BuildChoice::OnlyWhatWaits => (true, "Only the build that waits before the stage."),
        BuildChoice::ByConvention => (true, "By an input that the pipeline must understand."),
        BuildChoice::None => (false, "No build can be promoted through it."),
    };
    line("build_choice", "Choose a build", able, detail)
}

fn gates(known: &Capabilities) -> Line {
    let (able, detail) = match known.gate_scope {
        GateScope::Run => (true, "One execution at a time."),
        GateScope::Version => (true, "A version as a whole."),
        GateScope::None => (false, "It has none; Signalbox holds the gates."),
    };
    line("gate_scope", "Answer its own gates", able, detail)
}

fn gate_details(known: &Capabilities) -> [Line; 4] {
    let comment = |able, detail: String| line("gate_comment", "Send the comment along", able, detail);
    [
        either(
            "gate_reject",
            "Reject at its gates",
            known.gate_reject,
            "A rejection is answered there, too.",
            "Its gates can only be approved; a rejection leaves them unanswered.",
        ),
        match known.gate_comment {
            TextRule::Required { max } => {
                comment(true, format!("It demands one, of up to {max} characters."))
            }
            TextRule::Optional { max } => comment(true, format!("Up to {max} characters.")),
            TextRule::Unsupported => {
                comment(false, "It has no place for one; it stays in the ledger.".into())
            }
        },
        either(
            "gate_multi_approver",
            "Ask for several approvers there",
            known.gate_multi_approver,
            "A gate there may need more answers than ours.",
            "One answer is enough there.",
        ),
        either(
            "approve_starts_the_work",
            "Start the work by approving",
            known.approve_starts_the_work,
            "An approval starts what is behind the gate.",
            "After the approval, something else starts the work.",
        ),
    ]
}

fn logs(known: &Capabilities) -> Line {
    match known.logs {
        Logs::Incremental => line("logs", "Show the log", true, "While it runs."),
        Logs::WhenFinished => line("logs", "Show the log", true, "Once it has ended."),
        Logs::LinkOnly => line("logs", "Show the log", false, "It only gives a link."),
    }
}

/// Who finds out what became of a promotion whose answer was lost.
fn lost_answers(known: &Capabilities) -> Line {
    let name = "Find a lost answer again";
    match (known.key_given_back, known.promote_dedup) {
        (true, _) => line("key_given_back", name, true, "By the operation key that it gives back."),
        (false, Dedup::ServerToken) => {
            line("key_given_back", name, true, "It recognises a request that was sent before.")
        }
        (false, _) => {
            line("key_given_back", name, false, "A person has to look there and say what happened.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signalbox_pipelines::RunIdFrom;

    fn info(missing: &[(&str, &str)]) -> ServerInfo {
        let effective = Capabilities {
            build_choice: BuildChoice::ByConvention,
            gate_scope: GateScope::Run,
            gate_reject: true,
            gate_comment: TextRule::Optional { max: 512 },
            gate_multi_approver: false,
            gate_self_approval_may_be_refused: false,
            approve_starts_the_work: true,
            promote_dedup: Dedup::None,
            gate_dedup: Dedup::OneShotHandle,
            run_id_from: RunIdFrom::Response,
            logs: Logs::LinkOnly,
            cancel: Cancel::None,
            retry_stage: false,
            roll_back: false,
            hold_stage: false,
            start_run: true,
            key_given_back: false,
            write_ack_is_proof: true,
        };
        let missing = missing
            .iter()
            .map(|(capability, why)| Missing {
                capability: (*capability).to_owned(),
                why: (*why).to_owned(),
                next_step: "Ask for it.".to_owned(),
            })
            .collect();
        ServerInfo { who: "ci".into(), server: "CI 1".into(), effective, missing }
    }

    #[test]
    fn what_a_system_lacks_is_listed_with_the_reason_that_its_probe_found() {
        let info =
            info(&[("cancel", "The account may not stop runs."), ("input-step plugin", "It is absent.")]);
        let lines = capabilities(&info);
        let cancel = lines.iter().find(|line| line.name == "Cancel a run").unwrap();
        assert!(!cancel.able);
        assert_eq!(
            (cancel.detail.as_str(), cancel.next_step.as_str()),
            ("The account may not stop runs.", "Ask for it.")
        );
        assert!(lines.iter().any(|line| line.name == "Tell of changes by itself" && !line.able));
        let beside = missing_beside(&info);
        assert_eq!(beside.len(), 1);
        assert_eq!(beside[0].title, "It is absent.");
    }
}
