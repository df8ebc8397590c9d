//! Features at their tracker: looked at, taken over, and shown beside our own. Nothing is changed there.

use crate::act::Signing;
use crate::desk::Desk;
use crate::kind::ConnectionKind;
use crate::systems::reason_of;
use crate::wire::*;
use signalbox_domain::decide::Act;
use signalbox_domain::id::{ConnectionId, FeatureKey, ProductId};
use signalbox_domain::moment::Moment;
use signalbox_pipelines::{Cursor, Feature, Page, RemoteError, sanitise};
use signalbox_store::Scope;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a person waits for a tracker.
const LOOK_LIMIT: Duration = Duration::from_secs(30);
/// How long a feature's view waits for its line from the tracker.
const LINE_LIMIT: Duration = Duration::from_secs(8);
/// How long what a tracker said about a feature is good enough.
const FRESH_MILLIS: i64 = 5 * 60 * 1000;
/// How many versions or features a list shows.
const MOST: usize = 300;

/// What a tracker said about a feature, and when; none where it does not know it.
pub(crate) type Remembered = (Option<Feature>, Moment);

impl Desk {
    pub(crate) fn tracker_versions(&self, request: TrackerVersions) -> Result<TrackerVersionList, WireError> {
        let tracker = self.tracker(&ConnectionId::new(request.connection))?;
        let project = request.project.trim().to_owned();
        let (versions, more) = self.wait_within(
            LOOK_LIMIT,
            pages(async |page: Option<Cursor>| tracker.versions(&project, page.as_ref()).await),
        )?;
        let open = versions.into_iter().filter(|version| !version.archived);
        Ok(TrackerVersionList {
            versions: open
                .map(|version| TrackerVersionView {
                    id: version.id,
                    name: sanitise(&version.name).into_owned(),
                    released: version.released,
                    unresolved: version.unresolved,
                })
                .collect(),
            more,
        })
    }

    pub(crate) fn tracker_look(&self, request: TrackerLook) -> Result<TrackerFeatures, WireError> {
        let TrackerLook { connection, project, version } = request;
        let tracker = self.tracker(&ConnectionId::new(connection))?;
        let (project, version) = (project.trim().to_owned(), version.trim().to_owned());
        let (features, more) = self.wait_within(
            LOOK_LIMIT,
            pages(async |page: Option<Cursor>| {
                tracker.features_in_version(&project, &version, page.as_ref()).await
            }),
        )?;
        let known = self.known_features(features.iter().map(|feature| feature.key.as_str()))?;
        let shown = features.iter().map(|feature| tracked(feature, known.contains(&feature.key)));
        Ok(TrackerFeatures { features: shown.collect(), more })
    }

    pub(crate) fn tracker_import(&self, request: TrackerImport) -> Result<TrackerOutcomes, WireError> {
        let TrackerImport { connection, product, keys, dry_run } = request;
        let product = ProductId::new(product);
        let tracker = self.tracker(&ConnectionId::new(connection))?;
        let found = self.wait_within(LOOK_LIMIT, tracker.features_by_key(&keys))?;
        let found: BTreeMap<&str, &Feature> =
            found.iter().map(|feature| (feature.key.as_str(), feature)).collect();
        let known = self.known_features(keys.iter().map(String::as_str))?;
        let mut seen = BTreeSet::new();
        let rows = keys.iter().filter(|key| seen.insert(key.as_str())).map(|key| {
            let row = |course, title: &str, said: &str| TrackerOutcome {
                key: key.clone(),
                title: title.to_owned(),
                course,
                said: said.to_owned(),
                reasons: Vec::new(),
            };
            let Some(feature) = found.get(key.as_str()) else {
                return row(TrackerCourse::Absent, "", "The tracker does not know it.");
            };
            let title = sanitise(&feature.title).into_owned();
            if known.contains(key) {
                return row(TrackerCourse::Known, &title, "It is tracked here already.");
            }
            if dry_run {
                return row(TrackerCourse::Taken, &title, "It would be taken over.");
            }
            let act = Act::RequestFeature {
                feature: FeatureKey::new(key),
                product: product.clone(),
                title: title.clone(),
            };
            match self.act(Some(&product), act, &Signing::default()) {
                Ok(_) => row(TrackerCourse::Taken, &title, "It is tracked now."),
                Err(error) => TrackerOutcome {
                    reasons: error.reasons,
                    ..row(TrackerCourse::Refused, &title, &format!("{} {}", error.message, error.hint))
                },
            }
        });
        Ok(TrackerOutcomes { rows: rows.collect() })
    }

    pub(crate) fn feature_tracked(&self, request: FeatureTracked) -> Result<TrackedView, WireError> {
        let state = self.state(&Scope::desk())?;
        let key = request.feature;
        let mut view = TrackedView { tracked: None, tracker: String::new(), asked: None, problem: None };
        let trackers = state
            .connections
            .values()
            .filter(|known| ConnectionKind::named(&known.kind).is_ok_and(|kind| kind.pipelines().is_none()));
        for connection in trackers {
            match self.tracked_at(&connection.id, &key) {
                Ok((Some(feature), asked)) => {
                    return Ok(TrackedView {
                        tracked: Some(tracked(&feature, true)),
                        tracker: connection.name.clone(),
                        asked: Some(asked.to_string()),
                        problem: None,
                    });
                }
                Ok((None, asked)) => view.asked = Some(asked.to_string()),
                Err(error) => {
                    view.tracker = connection.name.clone();
                    view.problem = Some(reason_of(&error));
                }
            }
        }
        Ok(view)
    }

    /// What a tracker says about a feature: from memory while that is fresh.
    fn tracked_at(&self, connection: &ConnectionId, key: &str) -> Result<Remembered, WireError> {
        let now = self.now();
        if let Some(known) = self.systems.tracked(connection, key)
            && now.millis() - known.1.millis() < FRESH_MILLIS
        {
            return Ok(known);
        }
        let tracker = self.tracker(connection)?;
        let keys = [key.to_owned()];
        let found = self.wait_within(LINE_LIMIT, tracker.features_by_key(&keys))?;
        let known = (found.into_iter().find(|feature| feature.key == key), now);
        self.systems.remember_tracked(connection, key, known.clone());
        Ok(known)
    }

    fn known_features<'k>(&self, keys: impl Iterator<Item = &'k str>) -> Result<BTreeSet<String>, WireError> {
        let keys: Vec<&str> = keys.collect();
        let known = self.store.read(|reader| {
            let mut known = BTreeSet::new();
            for key in &keys {
                if reader.feature(&FeatureKey::new(*key))?.is_some() {
                    known.insert((*key).to_owned());
                }
            }
            Ok(known)
        })?;
        Ok(known)
    }
}

fn tracked(feature: &Feature, known: bool) -> TrackerFeatureView {
    let clean = |text: &str| sanitise(text).into_owned();
    TrackerFeatureView {
        key: clean(&feature.key),
        title: clean(&feature.title),
        status: clean(&feature.status),
        done: feature.done,
        versions: feature.fix_versions.iter().map(|version| clean(version)).collect(),
        link: clean(&feature.link),
        known,
    }
}

/// Reads page after page up to the most that a list shows; says whether there is more.
async fn pages<T>(
    ask: impl AsyncFn(Option<Cursor>) -> Result<Page<T>, RemoteError>,
) -> Result<(Vec<T>, bool), RemoteError> {
    let mut items = Vec::new();
    let mut page: Option<Cursor> = None;
    loop {
        let Page { items: found, next } = ask(page.take()).await?;
        let empty = found.is_empty();
        items.extend(found);
        let over = items.len() > MOST;
        items.truncate(MOST);
        match next {
            // An empty page would be followed by the same one again.
            Some(_) if empty => return Ok((items, false)),
            Some(next) if items.len() < MOST => page = Some(next),
            next => return Ok((items, over || next.is_some())),
        }
    }
}
