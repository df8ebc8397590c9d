//! Acts on triggers: begins the test of a product when it is due (R4).
//!
//! Nobody waits for an instant: it is asked now and then what has become due. So a machine that slept, or was off,
//! makes up for the latest instant, and only for that one.

use crate::desk::Desk;
use crate::wire::{Notice, Tone, WireError};
use signalbox_domain::decide::Act;
use signalbox_domain::id::{ProductId, StageKey};
use signalbox_domain::moment::Moment;
use signalbox_domain::product_test::test_stage;
use signalbox_store::Scope;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often it is asked what is due.
const EVERY: Duration = Duration::from_secs(60);
/// What passes by itself: the test is tried again until its instant is superseded.
const PASSING: [&str; 2] = ["product-test.deploying", "product-test.running"];
/// What another program did meanwhile: nothing is left to do.
const DONE: [&str; 2] = ["trigger.fired", "trigger.not-due"];

/// What keeps triggers from being acted on, for a person to see.
#[derive(Default)]
pub(crate) struct Triggers {
    blocked: Mutex<BTreeMap<ProductId, (Moment, Notice)>>,
}

impl Triggers {
    fn blocked(&self) -> MutexGuard<'_, BTreeMap<ProductId, (Moment, Notice)>> {
        self.blocked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a person should see, of every product.
    pub fn notices(&self) -> Vec<Notice> {
        self.blocked().values().map(|(_, notice)| notice.clone()).collect()
    }

    /// Notes why nothing was begun; says whether that is news.
    fn note(&self, product: &ProductId, due: Moment, notice: Notice) -> bool {
        let note = (due, notice);
        self.blocked().insert(product.clone(), note.clone()).as_ref() != Some(&note)
    }

    /// Forgets what was noted; says whether there was something.
    fn clear(&self, product: &ProductId) -> bool {
        self.blocked().remove(product).is_some()
    }
}

impl Desk {
    /// Acts on triggers again and again.
    pub(crate) fn spawn_triggers(self: &Arc<Self>) {
        let desk = Arc::downgrade(self);
        self.spawn(async move {
            loop {
                let Some(strong) = desk.upgrade() else { return };
                match tokio::task::spawn_blocking(move || strong.fire_triggers()).await {
                    Ok(Ok(_)) => {}
                    Ok(Err(error)) => {
                        tracing::warn!(code = error.code, message = error.message, "no look at triggers");
                    }
                    Err(error) => tracing::error!(%error, "acting on triggers broke off"),
                }
                tokio::time::sleep(EVERY).await;
            }
        });
    }

    /// Begins every test whose trigger is due; answers how many were begun.
    ///
    /// # Errors
    /// When the database can't be used; what keeps a test from beginning is noted and shown.
    pub fn fire_triggers(&self) -> Result<usize, WireError> {
        let state = self.state(&Scope::desk())?;
        let now = self.now();
        let mut begun = 0;
        let mut news = false;
        for product in state.products.values() {
            match product.releasing.due(now) {
                Some(due) => match self.fire(&product.id, due) {
                    Ok(()) => {
                        begun += 1;
                        news |= self.triggers.clear(&product.id);
                    }
                    Err(error) => news |= self.note_blocked(&product.id, &product.name, due, &error),
                },
                None => news |= self.triggers.clear(&product.id),
            }
        }
        if news {
            self.tell(&["desk"]);
        }
        Ok(begun)
    }

    fn fire(&self, product: &ProductId, due: Moment) -> Result<(), WireError> {
        let state = self.state(&Scope::product(product.clone()))?;
        let known = state.products.get(product).ok_or_else(|| WireError::unknown("product"))?;
        // A product without a process has no such stage; the rules say so, with every other reason.
        let stage = test_stage(&state, known).unwrap_or_else(|| StageKey::new(""));
        let act = Act::BeginProductTest { product: product.clone(), stage, due: Some(due) };
        self.observe(Some(product), act).map(|_| ())
    }

    /// Notes what a person has to do something about; says whether the notices changed.
    fn note_blocked(&self, product: &ProductId, name: &str, due: Moment, error: &WireError) -> bool {
        let codes = codes(error);
        if codes.iter().any(|code| DONE.contains(code)) {
            return self.triggers.clear(product);
        }
        if codes.iter().all(|code| PASSING.contains(code)) {
            tracing::debug!(%product, "a test that is due waits for what is under way");
            return self.triggers.clear(product);
        }
        let mut detail = format!("It was due at {}.", due.utc().format("%Y-%m-%d %H:%M UTC"));
        if error.reasons.is_empty() {
            detail.push_str(&format!(" {} {}", error.message, error.hint));
        }
        for reason in &error.reasons {
            detail.push_str(&format!(" {} {}", reason.sentence, reason.next_step));
        }
        let title = format!("The test of {name} did not begin by itself");
        self.triggers.note(product, due, Notice { tone: Tone::Wait, title, detail })
    }
}

/// The codes of all reasons; of the error itself where it names none.
fn codes(error: &WireError) -> Vec<&str> {
    if error.reasons.is_empty() {
        return vec![error.code.as_str()];
    }
    error.reasons.iter().map(|reason| reason.code.as_str()).collect()
}
