//! A product tested and released as a whole.

use crate::act::{Signing, demand_passphrase};
use crate::desk::Desk;
use crate::view;
use crate::wire::*;
use signalbox_domain::decide::Act;
use signalbox_domain::id::{BuildId, ProductId, ReleaseId, StageKey};
use signalbox_domain::prospect::asks_passphrase;
use signalbox_domain::release_sheet::release_packet;
use signalbox_domain::state::{Ref, State};
use signalbox_store::Scope;

impl Desk {
    pub(crate) fn releasing_show(&self, request: ReleasingShow) -> Result<ReleasingView, WireError> {
        let id = ProductId::new(request.product);
        let state = self.state(&Scope::product(id.clone()))?;
        let product = state.products.get(&id).ok_or_else(|| WireError::unknown("product"))?;
        let me = self.me(&state);
        let mut view = view::product_release::releasing_view(&state, product, me.as_ref(), self.now());
        for test in &mut view.tests {
            let call = self.store.read(|reader| reader.call(&test.id.as_str().into()))?;
            test.has_log = call.is_some_and(|call| call.run.is_some());
        }
        Ok(view)
    }

    pub(crate) fn membership_set(&self, request: MembershipSet) -> Result<Done, WireError> {
        let product = ProductId::new(request.product);
        let membership = view::membership::membership_of(request.rule);
        let act = Act::SetMembership { product: product.clone(), membership };
        Ok(self.act(Some(&product), act, &Signing::default())?.done(None, "The members are set."))
    }

    pub(crate) fn build_veto(&self, request: BuildVeto) -> Result<Done, WireError> {
        let build = BuildId::new(request.build);
        let known = self.store.read(|reader| reader.build(&build))?;
        let known = known.ok_or_else(|| WireError::unknown("build"))?;
        let act = Act::VetoBuild { build, reason: request.reason };
        let recorded = self.act(Some(&known.product), act, &Signing::default())?;
        Ok(recorded.done(None, format!("{} goes nowhere any more.", known.content.label)))
    }

    pub(crate) fn send_show(&self, request: SendShow) -> Result<SendView, WireError> {
        let id = ReleaseId::new(request.release);
        let state = self.whole_release(&id)?;
        let release = state.releases.get(&id).ok_or_else(|| WireError::unknown("release"))?;
        let stage = match request.stage.as_str() {
            // Without a wish, the stage where most hangs on it.
            "" => view::product_release::send_stages(&state, release)
                .pop()
                .map(|last| StageKey::new(last.key))
                .ok_or_else(|| WireError::unknown("stage"))?,
            stage => StageKey::new(stage),
        };
        let digest = self.keep_packet(&release_packet(&state, release, &stage))?;
        let me = self.me(&state);
        view::product_release::send_view(&state, release, &stage, me.as_ref(), digest, self.now())
            .ok_or_else(|| WireError::unknown("stage"))
    }

    pub(crate) fn release_send(&self, request: ReleaseSend) -> Result<Done, WireError> {
        let ReleaseSend { release, stage, role, comment, packet, passphrase } = request;
        let shown = self.shown(&packet)?;
        let (release, stage) = (ReleaseId::new(release), StageKey::new(stage));
        let product = self.product_of_release(&release)?;
        self.demand_passphrase_to_send(&release, Some(&stage), passphrase.as_deref())?;
        let act = Act::DecideRelease { release, stage, shown, comment };
        let recorded = self.act(Some(&product), act, &signing(role, passphrase))?;
        Ok(recorded.done(None, "The release is on its way."))
    }

    pub(crate) fn release_resume(&self, request: ReleaseResume) -> Result<Done, WireError> {
        let ReleaseResume { release, role, reason, packet, passphrase } = request;
        let shown = self.shown(&packet)?;
        let release = ReleaseId::new(release);
        let product = self.product_of_release(&release)?;
        self.demand_passphrase_to_send(&release, None, passphrase.as_deref())?;
        let act = Act::ResumeRelease { release, shown, reason };
        let recorded = self.act(Some(&product), act, &signing(role, passphrase))?;
        Ok(recorded.done(None, "What did not go is sent again."))
    }

    pub(crate) fn release_compare(&self, request: ReleaseCompare) -> Result<CompareView, WireError> {
        let (here, there) = (ReleaseId::new(request.here), ReleaseId::new(request.there));
        let scope = Scope::desk().around(Ref::Release(here.clone())).around(Ref::Release(there.clone()));
        let state = self.state(&scope)?;
        match (state.releases.get(&here), state.releases.get(&there)) {
            (Some(here), Some(there)) => Ok(view::product_release::compare_view(&state, here, there)),
            _ => Err(WireError::unknown("release")),
        }
    }

    /// Refuses to send a release on without the key's passphrase where that asks for it (S2); with no stage, to
    /// where it was sent last.
    fn demand_passphrase_to_send(
        &self,
        release: &ReleaseId,
        stage: Option<&StageKey>,
        passphrase: Option<&str>,
    ) -> Result<(), WireError> {
        let state = self.whole_release(release)?;
        let Some(release) = state.releases.get(release) else { return Err(WireError::unknown("release")) };
        let last = release.decisions.last().map(|decision| &decision.stage);
        let asks = stage.or(last).is_some_and(|stage| asks_passphrase(&state, release, stage));
        demand_passphrase(asks, passphrase)
    }

    /// A release with the live part of its product, on which its members' ways depend.
    fn whole_release(&self, id: &ReleaseId) -> Result<State, WireError> {
        let product = self.product_of_release(id)?;
        self.state(&Scope::product(product).around(Ref::Release(id.clone())))
    }
}

fn signing(role: String, passphrase: Option<String>) -> Signing {
    Signing {
        role: Some(role).filter(|role| !role.is_empty()),
        passphrase: passphrase.filter(|given| !given.is_empty()),
    }
}
