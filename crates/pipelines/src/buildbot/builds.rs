//! The builds of a service: what its builder made and named with a version.

use std::collections::BTreeSet;

use super::Buildbot;
use super::line::Line;
use super::wire::{self, Builds};
use crate::{Build, BuildId, BuildPage, BuildProblem, BuildQuery, Cursor, Reason, RemoteError};

/// How many builds are read at once where one is searched for.
const AT_ONCE: usize = 200;
/// How many builds are searched at most.
const SEARCHED: usize = 1_000;

impl Buildbot {
    /// Lists what the builder made, newest first. Where a version was built again, the newer build counts.
    pub(super) async fn builds(
        &self,
        line: &Line,
        query: &BuildQuery,
        page: Option<&Cursor>,
    ) -> Result<BuildPage, RemoteError> {
        let limit = query.limit.max(1);
        let (below, mut seen) = match page {
            None => (None, BTreeSet::new()),
            Some(page) => {
                let below: u64 = page.as_str().parse().map_err(|_| RemoteError::Stale {
                    detail: "the list of builds changed; read it from the beginning".into(),
                })?;
                let newer = self.rows(line, &[("number__ge", &below.to_string())], SEARCHED).await?;
                (Some(below), newer.iter().filter_map(|row| self.version(row)).collect())
            }
        };
        let below = below.map(|below| below.to_string());
        let filter: Vec<(&str, &str)> = below.iter().map(|below| ("number__lt", below.as_str())).collect();
        let mut rows = self.rows(line, &filter, limit + 1).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| Cursor::new(row.number.to_string()));
        let (mut builds, mut problems) = (Vec::new(), Vec::new());
        for row in &rows {
            match self.version(row) {
                Some(version) if seen.insert(version.clone()) => builds.push(self.build(row, version)),
                Some(_) => {}
                None if page.is_none() => problems.push(self.nameless(line, row)),
                None => {}
            }
        }
        Ok(BuildPage { builds, problems, next })
    }

    /// Says whether the builder made a build of this version.
    pub(super) async fn has_build(&self, line: &Line, id: &BuildId) -> Result<bool, RemoteError> {
        let mut below: Option<String> = None;
        for _ in 0..SEARCHED / AT_ONCE {
            let filter: Vec<_> = below.iter().map(|below| ("number__lt", below.as_str())).collect();
            let rows = self.rows(line, &filter, AT_ONCE).await?;
            if rows.iter().any(|row| self.version(row).as_deref() == Some(id.as_str())) {
                return Ok(true);
            }
            match rows.last() {
                Some(last) if rows.len() == AT_ONCE => below = Some(last.number.to_string()),
                _ => break,
            }
        }
        Ok(false)
    }

    async fn rows(
        &self,
        line: &Line,
        filter: &[(&str, &str)],
        limit: usize,
    ) -> Result<Vec<wire::Build>, RemoteError> {
        let (builder, limit) = (line.builder.to_string(), limit.to_string());
        let mut query = vec![
            ("order", "-number"),
            ("complete", "true"),
            ("results__le", "1"),
            ("limit", limit.as_str()),
            ("property", self.inputs.build.as_str()),
            ("property", "got_revision"),
            ("property", "revision"),
            ("property", "owner"),
            ("property", "owners"),
        ];
        query.extend(filter);
        let builds: Builds = self.session.get(&["builders", &builder, "builds"], &query).await?;
        Ok(builds.builds)
    }

    fn version(&self, row: &wire::Build) -> Option<String> {
        row.text(&self.inputs.build)
    }

    fn build(&self, row: &wire::Build, version: String) -> Build {
        let first = |names: [&str; 2]| names.iter().find_map(|name| row.text(name)).unwrap_or_default();
        Build {
            id: BuildId::new(version.clone()),
            label: version,
            commit: first(["got_revision", "revision"]),
            author: first(["owner", "owners"]),
            created: row.started().unwrap_or_default(),
            artifact: None,
            versions: Default::default(),
            features: Vec::new(),
        }
    }

    fn nameless(&self, line: &Line, row: &wire::Build) -> BuildProblem {
        let property = &self.inputs.build;
        BuildProblem {
            name: format!("{} build {}", line.name, row.number),
            reasons: vec![Reason {
                code: "build.no_version",
                place: property.clone(),
                sentence: format!("The build has no property {property}, so nothing says what it is."),
                next_step: format!("Let the builder {} set the property {property}.", line.name),
            }],
        }
    }
}
