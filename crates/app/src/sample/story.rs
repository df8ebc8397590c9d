//! What people write while Harbour's releases are played: plans, comments, reasons.
//!
//! Texts only; who does what, and when, is the player's.

/// A feature of Harbour, as it was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// The key.
    pub key: &'static str,
    /// What is asked for.
    pub title: &'static str,
    /// What maya wrote when she looked at it in a build.
    pub seen: &'static str,
}

/// A section of a plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    /// The section.
    pub section: &'static str,
    /// The text.
    pub text: &'static str,
    /// What the last rehearsal showed, and how many days ago it was.
    pub rehearsed: Option<(i64, &'static str)>,
}

/// What someone does about a step of the run list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Duty {
    /// The step's title.
    pub title: &'static str,
    /// Who owns it.
    pub owner: &'static str,
    /// What shows that it was done; where nothing was to be done, why.
    pub evidence: &'static str,
    /// Whether there was something to be done.
    pub applies: bool,
}

/// Everything that was asked for, in the order of asking.
pub(super) const WISHES: [Wish; 4] = [
    Wish {
        key: "HAR-290",
        title: "Berth search by length and draught",
        seen: "Searched for a 14 m yacht with 2.1 m draught: only berths that fit are offered.",
    },
    Wish {
        key: "HAR-301",
        title: "Partial refunds",
        seen: "Refunded two of five nights; amount, tax and receipt are right.",
    },
    Wish {
        key: "HAR-309",
        title: "Berth calendar export",
        seen: "Imported the exported calendar on a phone and on a desk: same days, same berths.",
    },
    Wish {
        key: "HAR-311",
        title: "New tariff table",
        seen: "Compared twelve stays with the harbour office's printed table; all agree.",
    },
];

/// What a wish is called, by key.
pub(super) fn wish(key: &str) -> Option<&'static Wish> {
    WISHES.iter().find(|wish| wish.key == key)
}

/// The plan of Harbour's first release; the section on data migrations is waived.
pub(super) const FIRST_PLAN: [Written; 9] = [
    Written {
        section: "first-deployment",
        text: "Production is new and empty. Web and api are deployed by the pipeline with the scripts that \
               every other environment uses; nothing is installed by hand. Two marinas are switched to it \
               first, the others follow a week later. Until then the paper book at the harbour office stays \
               in use beside it.",
        rehearsed: None,
    },
    Written {
        section: "smoke-tests",
        text: "The pipeline runs the smoke test after each deployment: the service says its version, finds its \
               database and reads the number of berths from its settings. Operations then open the booking \
               page once from outside the network.",
        rehearsed: None,
    },
    Written {
        section: "back-out",
        text: "There is no earlier build to go back to. If the first deployment fails, the address points at the \
               notice page again and the harbour office works with the paper book. Deciding takes the release \
               manager and operations; switching takes five minutes.",
        rehearsed: Some((9, "Notice page shown within four minutes; the office was told by phone.")),
    },
    Written {
        section: "back-up-restore",
        text: "The database is backed up every night and before each release. A copy is restored to staging and \
               compared by row counts per table. Restoring production takes about 25 minutes at its present \
               size.",
        rehearsed: Some((12, "Restored last night's copy to staging in 22 minutes; counts agree.")),
    },
    Written {
        section: "upgrade",
        text: "Services keep no state of their own; bookings live in the database. Nodes are drained one after \
               the other, so running requests end on the old build and new ones start on the new build.",
        rehearsed: None,
    },
    Written {
        section: "restart",
        text: "A node that fails its health question twice is restarted by its supervisor. If all three fail, \
               operations deploy the same build again from its artifact in the arrivals folder; no new build \
               is needed.",
        rehearsed: Some((
            9,
            "Killed two of three nodes at staging; bookings went on, both came back in 40 s.",
        )),
    },
    Written {
        section: "logs",
        text: "Each service writes one line a request to the log of its environment, kept for 90 days. Names and \
               card numbers never stand in it; a booking is found by its number.",
        rehearsed: None,
    },
    Written {
        section: "monitoring",
        text: "Operations are paged when more than one request in a hundred fails for five minutes, or when the \
               answer time of the berth search passes two seconds. Tom's team holds the pager around the clock \
               in the first week.",
        rehearsed: None,
    },
    Written {
        section: "issue-log",
        text: "No earlier deployment, so no earlier problems. Whatever goes wrong today is written down here.",
        rehearsed: None,
    },
];

/// Why the first plan goes without a section on data migrations.
pub(super) const NO_MIGRATION: &str =
    "The database is created empty at data version 41; there is nothing to migrate.";

/// What differs in the plan of 2.8 from the one it was copied from.
pub(super) const SECOND_PLAN: [Written; 4] = [
    Written {
        section: "smoke-tests",
        text: "The pipeline's smoke test covers version, database and berths. By hand: one partial refund on the \
               test marina, and one calendar export that is opened on a phone.",
        rehearsed: None,
    },
    Written {
        section: "back-out",
        text: "Roll back to web 2.7.4, which runs in production now. Partial refunds that were made meanwhile \
               stay as they are: 2.7.4 shows them as corrections. Operations decide alone within the first \
               hour, afterwards together with the release manager.",
        rehearsed: Some((2, "2.8.0 to 2.7.4 and back at staging; four minutes each way, no booking lost.")),
    },
    Written {
        section: "data-migrations",
        text: "None. Refunds use columns that exist since data version 41; going back needs no change of data.",
        rehearsed: None,
    },
    Written {
        section: "issue-log",
        text: "Read on the day of the release: nothing open for web or api. The first release met no problems.",
        rehearsed: None,
    },
];

/// Why later plans go without a section on the first deployment.
pub(super) const NOT_THE_FIRST: &str =
    "Harbour is in production since 2.7; this section has served its purpose.";

/// What differs in the plan of 2.8.1.
pub(super) const THIRD_PLAN: [Written; 2] = [
    Written {
        section: "back-out",
        text: "Roll back to web 2.8.0, which runs in production now. The tariff table is read at each start, so \
               prices go back with the build.",
        rehearsed: Some((1, "2.8.1 to 2.8.0 at staging in four minutes; old prices shown at once.")),
    },
    Written {
        section: "data-migrations",
        text: "None. The tariff table is part of the build.",
        rehearsed: None,
    },
];

/// What people do about the steps of the run list.
pub(super) const DUTIES: [Duty; 14] = [
    Duty {
        title: "Compare the builds of the release with what is live",
        owner: "ines",
        evidence: "Compared on the release page; the differences are the features of the release.",
        applies: true,
    },
    Duty {
        title: "Read the open entries of the issue log",
        owner: "ines",
        evidence: "Read; nothing open for these services.",
        applies: true,
    },
    Duty {
        title: "Tell everyone concerned when it starts and how long it takes",
        owner: "ines",
        evidence: "Told the marinas and support by mail, one hour ahead.",
        applies: true,
    },
    Duty {
        title: "Check that a back-up is there and can be restored",
        owner: "tom",
        evidence: "Last night's copy is there; its restore to staging was checked.",
        applies: true,
    },
    Duty {
        title: "Check that the way back is ready",
        owner: "tom",
        evidence: "The artifact to go back to is in the arrivals folder and its digest agrees.",
        applies: true,
    },
    Duty {
        title: "Ask for go or no-go",
        owner: "ines",
        evidence: "Operations and business analyst said go.",
        applies: true,
    },
    Duty {
        title: "Hold further changes to the environment",
        owner: "tom",
        evidence: "Nobody else deploys today; told in the team's channel.",
        applies: true,
    },
    Duty {
        title: "Run the data migrations",
        owner: "tom",
        evidence: "The data version stays 41.",
        applies: false,
    },
    Duty {
        title: "Promote the builds",
        owner: "ines",
        evidence: "Promoted from the release; the pipeline's log is kept with the deployment.",
        applies: true,
    },
    Duty {
        title: "Run the smoke tests",
        owner: "priya",
        evidence: "The pipeline's smoke test passed; the steps by hand as well.",
        applies: true,
    },
    Duty {
        title: "Watch monitoring and logs",
        owner: "tom",
        evidence: "Half an hour without an alarm; error rate as yesterday.",
        applies: true,
    },
    Duty {
        title: "Check one real transaction from end to end",
        owner: "priya",
        evidence: "Booked and cancelled one night at the test marina.",
        applies: true,
    },
    Duty {
        title: "Tell everyone concerned that it is done",
        owner: "ines",
        evidence: "Told the marinas and support by mail.",
        applies: true,
    },
    Duty {
        title: "Write down what went wrong in the issue log",
        owner: "ines",
        evidence: "Nothing went wrong.",
        applies: true,
    },
];

/// What is done about a step that the story does not know.
pub(super) const OTHER_DUTY: Duty = Duty { title: "", owner: "ines", evidence: "Done.", applies: true };

/// The duty of a step, by title.
pub(super) fn duty(title: &str) -> &'static Duty {
    DUTIES.iter().find(|duty| duty.title == title).unwrap_or(&OTHER_DUTY)
}

/// Why steps after a failed promotion are left out.
pub(super) const ROLLED_BACK_STEP: &str =
    "Web went back to 2.8.0; this step belongs to a promotion that stays.";

/// Why web 2.8.1 is rejected in production.
pub(super) const REJECTED: &str = "Its smoke test failed: production's settings lack “pool”, which 2.8.1 needs. A build with a default follows.";

/// Why web is rolled back.
pub(super) const ROLLED_BACK: &str =
    "2.8.1 does not start in production; 2.8.0 served bookings without trouble.";

/// Why the smoke test failed.
pub(super) const CAUSE: &str = "2.8.1 reads the size of its connection pool from the setting “pool”. It was added to \
                                dev, qa and staging with the change, but not to production.";

/// What solved it.
pub(super) const SOLUTION: &str = "Rolled back to 2.8.0. “pool=8” goes into production's settings through the \
                                   pipeline, and the next build has a default for it.";

/// What is learnt.
pub(super) const LESSON: &str = "Every setting that the build needs is present in production's settings";

/// What caused the roll-back.
pub(super) const ROLL_BACK_CAUSE: &str = "The smoke test of 2.8.1 failed in production.";

/// Why nothing more is learnt from the roll-back.
pub(super) const ROLL_BACK_LESSON: &str =
    "The roll-back went as rehearsed; its cause and the lesson stand in the entry on the smoke test.";

/// Why production may admit builds again.
pub(super) const HOLD_RELEASED: &str = "2.8.0 runs and is watched; the next release may come.";

#[cfg(test)]
mod tests {
    use super::*;
    use signalbox_domain::release::{FIRST_DEPLOYMENT, SECTIONS};
    use signalbox_domain::starters;

    #[test]
    fn every_step_of_the_run_list_has_somebody_who_does_it() {
        for step in starters::plan_steps() {
            assert_eq!(duty(&step.title).title, step.title);
        }
    }

    #[test]
    fn the_first_plan_leaves_out_only_what_it_waives() {
        let left: Vec<&str> = SECTIONS
            .iter()
            .map(|(key, _)| *key)
            .filter(|key| FIRST_PLAN.iter().all(|written| written.section != *key))
            .collect();
        assert_eq!(left, ["data-migrations"]);
        assert_eq!(FIRST_PLAN[0].section, FIRST_DEPLOYMENT);
    }
}
