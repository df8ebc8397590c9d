//! Acts on the tests of a whole product, and on what begins them (R2, R4).

use super::{Work, text_blocker};
use crate::fact::Fact;
use crate::id::{EntryId, ProductId, StageKey};
use crate::line::{Outcome, Phase};
use crate::moment::Moment;
use crate::product::Product;
use crate::product_test::{LeftOut, PRODUCT_TESTS, TestBinding, builds_in, left_out};
use crate::refusal::{Blocker, Refusal};
use crate::release::Chosen;
use crate::trigger::Trigger;

const BEGINNERS: [&str; 3] = ["tester", "release-manager", "operations"];

/// A result as it is told.
pub(super) struct Told {
    pub(super) stage: StageKey,
    pub(super) test: Option<EntryId>,
    pub(super) outcome: Outcome,
    pub(super) builds: Vec<Chosen>,
    pub(super) source: String,
    pub(super) summary: String,
}

impl Work<'_> {
    pub(super) fn bind_test(
        &mut self,
        product: ProductId,
        binding: Option<TestBinding>,
    ) -> Result<(), Refusal> {
        let value = self.product(&product)?;
        let mut blockers = Vec::new();
        blockers.extend(self.role_blocker(
            &["administrator", "operations", "release-manager"],
            "Binding the tests of a product",
        ));
        match &binding {
            Some(binding) => {
                blockers.extend(text_blocker(
                    &binding.pipeline,
                    "pipeline.name-empty",
                    "The pipeline's name",
                ));
                if !self.state.connections.contains_key(&binding.connection) {
                    blockers.push(Blocker::new(
                        "connection.unknown",
                        "There is no such connection.",
                        "Add the connection first.",
                    ));
                }
            }
            None if value.releasing.test.is_none() => blockers.push(unbound(&value)),
            None => {}
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::ProductTestBound { product, binding });
        Ok(())
    }

    pub(super) fn set_trigger(
        &mut self,
        product: ProductId,
        trigger: Option<Trigger>,
    ) -> Result<(), Refusal> {
        let value = self.product(&product)?;
        let mut blockers = Vec::new();
        blockers.extend(
            self.role_blocker(&["release-manager", "operations", "administrator"], "Setting a trigger"),
        );
        match &trigger {
            Some(trigger) => blockers.extend(trigger.blockers(self.context.at)),
            None if value.releasing.trigger.is_none() => blockers.push(Blocker::new(
                "trigger.none",
                format!("{} has no trigger.", value.name),
                "Nothing is left to take away.",
            )),
            None => {}
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::TriggerSet { product, trigger });
        Ok(())
    }

    pub(super) fn begin_test(
        &mut self,
        product: ProductId,
        stage: StageKey,
        due: Option<Moment>,
    ) -> Result<(), Refusal> {
        let value = self.product(&product)?;
        let builds = builds_in(&self.state, &value, &stage);
        let mut blockers = self.test_stage_blockers(&value, &stage);
        blockers.extend(self.due_blockers(&value, due));
        if let Some(open) = value.releasing.open_test(&stage) {
            let how = if open.outcome.is_none() { "runs" } else { "has an unknown outcome" };
            blockers.push(Blocker::new(
                "product-test.running",
                format!("A test of {} already {how}.", value.name),
                "Wait until it ends, or settle its outcome.",
            ));
        }
        if builds.is_empty() {
            blockers.push(Blocker::new(
                "product-test.empty",
                format!("No build of {} stands in {stage}.", value.name),
                "Let builds reach the stage first.",
            ));
        }
        blockers.extend(self.in_motion_blockers(&value, &stage));
        let Some(binding) = value.releasing.test.clone() else {
            blockers.push(unbound(&value));
            return Err(Refusal(blockers));
        };
        Refusal::unless_empty(blockers)?;
        let TestBinding { connection, pipeline } = binding;
        let by = self.context.who.clone();
        self.record(Fact::ProductTestIntended { product, stage, connection, pipeline, builds, by, due });
        Ok(())
    }

    pub(super) fn record_test(&mut self, product: ProductId, told: Told) -> Result<(), Refusal> {
        let value = self.product(&product)?;
        let by_hand = !self.is_machine();
        let mut blockers = self.test_stage_blockers(&value, &told.stage);
        if by_hand {
            blockers.extend(self.role_blocker(&["tester"], "Telling the result of a product test"));
        }
        blockers.extend(text_blocker(&told.summary, "product-test.summary-empty", "What the test said"));
        match &told.test {
            Some(test) => blockers.extend(known_test_blockers(&value, test, &told, by_hand)),
            None => blockers.extend(self.told_blockers(&value, &told)),
        }
        Refusal::unless_empty(blockers)?;
        let Told { stage, test, outcome, builds, source, summary } = told;
        let (mut approved, mut left) = (Vec::new(), Vec::new());
        if outcome == Outcome::Succeeded {
            for Chosen { service, build } in builds.clone() {
                match left_out(
                    &self.state,
                    &Chosen { service: service.clone(), build: build.clone() },
                    &stage,
                ) {
                    Some(reason) => left.push(LeftOut { service, build, reason }),
                    None => approved.push(Chosen { service, build }),
                }
            }
        }
        let ended = self.record(Fact::ProductTestEnded {
            product,
            stage: stage.clone(),
            test,
            outcome,
            builds,
            left_out: left,
            source: source.clone(),
            summary: summary.clone(),
        });
        for Chosen { service, build } in approved {
            self.cause = Some(ended.clone());
            self.follow(Fact::CheckRecorded {
                build,
                service: service.clone(),
                stage: stage.clone(),
                check: PRODUCT_TESTS.to_owned(),
                passed: true,
                source: source.clone(),
                summary: summary.clone(),
            });
            self.stale_signoffs(&service);
            self.settle(&service);
        }
        Ok(())
    }

    pub(super) fn product(&self, product: &ProductId) -> Result<Product, Refusal> {
        self.state.products.get(product).cloned().ok_or_else(|| {
            Refusal::one(
                "product.unknown",
                "There is no such product.",
                "Look at the list of products again.",
            )
        })
    }

    fn is_machine(&self) -> bool {
        self.state.people.get(&self.context.who).is_some_and(|who| who.machine)
    }

    fn test_stage_blockers(&self, product: &Product, stage: &StageKey) -> Vec<Blocker> {
        let known = self
            .state
            .strategy_in_force(&product.id)
            .is_some_and(|strategy| strategy.content.process.stage(stage).is_some());
        if known {
            return Vec::new();
        }
        vec![Blocker::new(
            "stage.unknown",
            format!("The process of {} has no stage {stage}.", product.name),
            "Choose a stage of the process in force.",
        )]
    }

    /// A machine begins a test for an instant of the trigger, once; a person begins one at any time.
    fn due_blockers(&self, product: &Product, due: Option<Moment>) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        if !self.is_machine() {
            blockers.extend(self.role_blocker(&BEGINNERS, "Beginning a product test"));
            if due.is_some() {
                blockers.push(Blocker::new(
                    "trigger.machine-only",
                    "A trigger is acted on by the machine.",
                    "Begin the test without naming an instant.",
                ));
            }
            return blockers;
        }
        let armed = product.releasing.trigger.as_ref();
        let is_due = |due: &Moment| {
            *due <= self.context.at
                && armed.is_some_and(|armed| *due > armed.since && armed.trigger.is_due_at(*due))
        };
        match due {
            Some(due) if product.releasing.fired.is_some_and(|fired| due <= fired) => {
                blockers.push(Blocker::new(
                    "trigger.fired",
                    format!("The trigger was acted on for {due} or later."),
                    "Nothing is left to do.",
                ));
            }
            Some(due) if is_due(&due) => {}
            _ => blockers.push(Blocker::new(
                "trigger.not-due",
                format!("No trigger of {} is due.", product.name),
                "Wait for it, or let a person begin the test.",
            )),
        }
        blockers
    }

    /// What is being deployed can't be tested yet.
    fn in_motion_blockers(&self, product: &Product, stage: &StageKey) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        for service in product.members() {
            let occupant = self.state.lines.get(&service.id).and_then(|line| line.occupant(stage));
            let Some(build) = occupant.and_then(|id| self.state.builds.get(id)) else { continue };
            if let Some(Phase::Deploying | Phase::Unknown) = build.visit(stage).map(|visit| visit.phase()) {
                let label = &build.content.label;
                blockers.push(Blocker::new(
                    "product-test.deploying",
                    format!("{} {label} is being deployed to {stage}.", service.name),
                    "Wait until the deployment ends.",
                ));
            }
        }
        blockers
    }

    /// A result that nothing was intended for.
    fn told_blockers(&self, product: &Product, told: &Told) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        if matches!(told.outcome, Outcome::NotDone | Outcome::Unknown) {
            blockers.push(Blocker::new(
                "product-test.no-result",
                "A result is passed or failed.",
                "Tell it once it is known.",
            ));
        }
        if told.builds.is_empty() {
            blockers.push(Blocker::new(
                "product-test.empty",
                "No build is named that was tested.",
                "Name the builds.",
            ));
        }
        for (at, chosen) in told.builds.iter().enumerate() {
            if told.builds[..at].iter().any(|earlier| earlier.service == chosen.service) {
                blockers.push(Blocker::new(
                    "product-test.two-builds",
                    "A service has two builds.",
                    "Name one build a service.",
                ));
            }
            let own = self
                .state
                .builds
                .get(&chosen.build)
                .is_some_and(|build| build.product == product.id && build.service == chosen.service);
            if !own {
                blockers.push(Blocker::new(
                    "build.unknown",
                    format!("{} has no such build of this service.", product.name),
                    "Name a build from the line.",
                ));
            }
        }
        blockers
    }
}

/// A result of a test that was intended.
fn known_test_blockers(product: &Product, test: &EntryId, told: &Told, by_hand: bool) -> Vec<Blocker> {
    let Some(known) = product.releasing.tests.iter().find(|known| known.id == *test) else {
        return vec![Blocker::new(
            "product-test.unknown",
            "There is no such test.",
            "Look at the product's tests again.",
        )];
    };
    let mut blockers = Vec::new();
    if known.builds != told.builds || known.stage != told.stage {
        blockers.push(Blocker::new(
            "product-test.other-builds",
            "The test was begun for other builds or another stage.",
            "Name what it was begun for.",
        ));
    }
    match known.outcome {
        None if by_hand => blockers.push(Blocker::new(
            "product-test.running",
            "The test is still running; its pipeline system reports how it ends.",
            "Wait until it ends.",
        )),
        None => {}
        Some(Outcome::Unknown) if told.outcome != Outcome::Unknown => {}
        Some(_) => blockers.push(Blocker::new(
            "product-test.settled",
            "How this test ended is already recorded.",
            "Nothing is left to do here.",
        )),
    }
    blockers
}

fn unbound(product: &Product) -> Blocker {
    Blocker::new(
        "product-test.unbound",
        format!("No pipeline tests {}.", product.name),
        "Bind the pipeline that tests it, or tell the results by hand.",
    )
}
