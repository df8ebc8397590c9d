//! The line, builds, holds.

use super::desk::done;
use crate::act::Signing;
use crate::arrive::build_id;
use crate::desk::Desk;
use crate::view;
use crate::wire::*;
use signalbox_domain::decide::Act;
use signalbox_domain::id::{BuildId, ProductId, ServiceId, StageKey};
use signalbox_domain::line::{BuildContent, Components, Digest};
use signalbox_domain::state::Ref;
use signalbox_store::Scope;

/// How many builds a line lists.
const BUILDS: u32 = 40;

impl Desk {
    pub(crate) fn line_show(&self, request: LineShow) -> Result<LineView, WireError> {
        let service = ServiceId::new(request.service);
        let product = self.product_of(&service)?;
        let problems = self.arrival_problems(&service)?;
        let (state, page) = self.store.read(|reader| {
            let page = reader.builds(&service, None, BUILDS)?;
            Ok((reader.state_with(&Scope::product(product.clone()), page.items.clone())?, page))
        })?;
        let me = self.me(&state);
        view::line::line_view(
            &state,
            &service,
            me.as_ref(),
            &page.items,
            page.next.is_some(),
            problems,
            self.now(),
        )
        .ok_or_else(|| WireError::unknown("service"))
    }

    pub(crate) fn where_show(&self, request: WhereShow) -> Result<WhereView, WireError> {
        let product = ProductId::new(request.product);
        let state = self.state(&Scope::product(product.clone()))?;
        view::line::where_view(&state, &product).ok_or_else(|| WireError::unknown("product"))
    }

    pub(crate) fn build_show(&self, request: BuildShow) -> Result<BuildView, WireError> {
        let id = BuildId::new(request.build);
        let state = self.state(&Scope::desk().around(Ref::Build(id.clone())))?;
        let build = state.builds.get(&id).ok_or_else(|| WireError::unknown("build"))?;
        Ok(view::line::build_view(&state, build, self.me(&state).as_ref(), self.now()))
    }

    pub(crate) fn builds_scan(&self, request: BuildsScan) -> Result<ScanView, WireError> {
        self.scan(request.service.map(ServiceId::new).as_ref())
    }

    pub(crate) fn build_record(&self, request: BuildRecord) -> Result<Done, WireError> {
        let BuildRecord {
            service,
            label,
            commit,
            author,
            features,
            sha256,
            application,
            configuration,
            infrastructure,
            data,
        } = request;
        let service = ServiceId::new(service);
        let product = self.product_of(&service)?;
        let build = build_id(&service, &label);
        let content = BuildContent {
            label: label.clone(),
            commit,
            digests: sha256
                .filter(|sha256| !sha256.is_empty())
                .map(|sha256| Digest { artifact: label.clone(), sha256: sha256.to_lowercase() })
                .into_iter()
                .collect(),
            components: Components { application, configuration, infrastructure, data },
            features: features.iter().map(|key| key.as_str().into()).collect(),
            author,
            reference: None,
        };
        let act = Act::RecordArrival { build: build.clone(), service, content };
        let recorded = self.act(Some(&product), act, &Signing::default())?;
        Ok(recorded.done(Some(build.to_string()), format!("{label} is recorded.")))
    }

    pub(crate) fn stage_hold(&self, request: StageHold) -> Result<Done, WireError> {
        let service = ServiceId::new(request.service);
        let product = self.product_of(&service)?;
        let stage: StageKey = request.stage.into();
        let act =
            Act::HoldStage { service: service.clone(), stage: stage.clone(), reason: request.reason.clone() };
        let recorded = self.act(Some(&product), act, &Signing::default())?;
        let there = self.hold_there(&service, &stage, Some(&request.reason));
        Ok(recorded.done(None, format!("The stage is held; automation admits nothing.{there}")))
    }

    pub(crate) fn stage_release(&self, request: StageRelease) -> Result<Done, WireError> {
        let service = ServiceId::new(request.service);
        let product = self.product_of(&service)?;
        let stage: StageKey = request.stage.into();
        let act =
            Act::ReleaseStage { service: service.clone(), stage: stage.clone(), reason: request.reason };
        let recorded = self.act(Some(&product), act, &Signing::default())?;
        let there = self.hold_there(&service, &stage, None);
        Ok(recorded.done(None, format!("The stage goes on.{there}")))
    }

    pub(crate) fn draft_discard(&self, request: DraftDiscard) -> Result<Done, WireError> {
        self.store.write(|writer| writer.remove_draft(&request.draft).map_err(WireError::from))?;
        self.tell(&["issue", "inbox", "packet"]);
        Ok(done("The draft is gone."))
    }
}
