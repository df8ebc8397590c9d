//! The port to feature trackers: what was asked for, and how far it is. Read only.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{Cursor, Page, RemoteError};

/// A feature as its tracker knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// Its key, for example `SHOP-12`.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The name of its state there.
    pub status: String,
    /// Whether the tracker counts that state as done.
    pub done: bool,
    /// The versions that it is planned for.
    pub fix_versions: Vec<String>,
    /// Its page.
    pub link: String,
}

/// A version of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerVersion {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is out.
    pub released: bool,
    /// Whether it is put away.
    pub archived: bool,
    /// How many of its features are not done, where the tracker tells.
    pub unresolved: Option<u32>,
}

/// What a probe of a tracker found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerInfo {
    /// As whom the connection reads there.
    pub who: String,
    /// The product and its version.
    pub server: String,
}

/// One account on one feature tracker.
#[async_trait]
pub trait FeatureTracker: Send + Sync {
    /// Asks who the connection reads as.
    async fn probe(&self) -> Result<TrackerInfo, RemoteError>;

    /// Lists a project's versions.
    async fn versions(
        &self,
        project: &str,
        page: Option<&Cursor>,
    ) -> Result<Page<TrackerVersion>, RemoteError>;

    /// Lists the features that are planned for a version.
    async fn features_in_version(
        &self,
        project: &str,
        version: &str,
        page: Option<&Cursor>,
    ) -> Result<Page<Feature>, RemoteError>;

    /// Finds features by their keys; unknown ones are left out.
    async fn features_by_key(&self, keys: &[String]) -> Result<Vec<Feature>, RemoteError>;
}
