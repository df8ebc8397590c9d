//! Features and their sign-off.

use crate::act::{Signing, packet_digest};
use crate::desk::Desk;
use crate::view;
use crate::wire::*;
use signalbox_domain::decide::Act;
use signalbox_domain::id::{BuildId, FeatureKey, PersonId, ProductId};
use signalbox_domain::sheet::feature_packet;
use signalbox_domain::state::Ref;
use signalbox_store::{FeatureFilter, Scope};

/// How many features a list holds.
const FEATURES: u32 = 300;

impl Desk {
    pub(crate) fn feature_list(&self, request: FeatureList) -> Result<Features, WireError> {
        let filter = FeatureFilter {
            product: request.product.map(ProductId::new),
            text: request.text,
            ..FeatureFilter::default()
        };
        let (state, features) = self.store.read(|reader| {
            let features = reader.features(&filter, None, FEATURES)?.items;
            let newest = features.iter().filter_map(|feature| feature.builds.last());
            let scope = newest.fold(Scope::live(), |scope, build| scope.and(Ref::Build(build.clone())));
            Ok((reader.state(&scope)?, features))
        })?;
        Ok(Features { features: view::feature::feature_rows(&state, &features, |_| None) })
    }

    pub(crate) fn feature_show(&self, request: FeatureShow) -> Result<FeatureView, WireError> {
        let key = FeatureKey::new(request.feature);
        let feature =
            self.store.read(|reader| reader.feature(&key))?.ok_or_else(|| WireError::unknown("feature"))?;
        let scope = feature
            .builds
            .iter()
            .fold(Scope::product(feature.product.clone()).and(Ref::Feature(key)), |scope, build| {
                scope.and(Ref::Build(build.clone()))
            });
        let state = self.state(&scope)?;
        let build = request.build.map(BuildId::new).or_else(|| feature.builds.last().cloned());
        if let Some(value) = build.as_ref().and_then(|build| state.builds.get(build)) {
            self.keep_packet(&feature_packet(&state, &feature, value))?;
        }
        let digest = |packet: &_| packet_digest(packet).map(|digest| digest.to_string()).unwrap_or_default();
        Ok(view::feature::feature_view(
            &state,
            &feature,
            build.as_ref(),
            self.me(&state).as_ref(),
            digest,
            self.now(),
        ))
    }

    pub(crate) fn feature_request(&self, request: FeatureRequest) -> Result<Done, WireError> {
        let product = ProductId::new(request.product);
        let act = Act::RequestFeature {
            feature: request.key.as_str().into(),
            product: product.clone(),
            title: request.title,
        };
        let recorded = self.act(Some(&product), act, &Signing::default())?;
        Ok(recorded.done(Some(request.key.clone()), format!("{} is tracked.", request.key)))
    }

    pub(crate) fn feature_move(&self, request: FeatureMoveTo) -> Result<Done, WireError> {
        let FeatureMoveTo { feature, to, developer, evidence } = request;
        let key = FeatureKey::new(feature);
        let product = self.product_of_feature(&key)?;
        let developer = developer.filter(|developer| !developer.is_empty()).map(PersonId::new);
        let to = signalbox_domain::feature::FeatureState::from(to);
        let act = Act::MoveFeature { feature: key.clone(), to, developer, evidence };
        Ok(self
            .act(Some(&product), act, &Signing::default())?
            .done(None, format!("{key} is now “{}”.", to.name())))
    }

    pub(crate) fn feature_sign(&self, request: FeatureSign) -> Result<Done, WireError> {
        let FeatureSign { feature, build, approved, role, comment, packet, passphrase } = request;
        let shown = self.shown(&packet)?;
        let key = FeatureKey::new(feature);
        let product = self.product_of_feature(&key)?;
        let act = Act::SignFeature { feature: key.clone(), build: build.into(), approved, comment, shown };
        let signing = Signing {
            role: Some(role).filter(|role| !role.is_empty()),
            passphrase: passphrase.filter(|given| !given.is_empty()),
        };
        let said = if approved {
            format!("{key} is signed off.")
        } else {
            format!("{key} is not accepted in this build.")
        };
        Ok(self.act(Some(&product), act, &signing)?.done(None, said))
    }

    fn product_of_feature(&self, key: &FeatureKey) -> Result<ProductId, WireError> {
        let feature = self.store.read(|reader| reader.feature(key))?;
        feature.map(|feature| feature.product).ok_or_else(|| WireError::unknown("feature"))
    }
}
