//! The files of the sample product: its pipeline, its scripts, its builds.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// One build that is delivered to the pipeline.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// The service.
    pub service: &'static str,
    /// The label.
    pub label: &'static str,
    /// The commit.
    pub commit: &'static str,
    /// Handle of who wrote it.
    pub author: &'static str,
    /// When it was built.
    pub created: &'static str,
    /// Keys of the features it carries.
    pub features: &'static [&'static str],
    /// Versions: configuration and data.
    pub versions: (&'static str, &'static str),
    /// Settings that the build wants to find in its environment.
    pub needs: &'static str,
}

/// The first builds, that the sample's history brought to production.
pub(crate) const FIRST: [Delivery; 2] = [
    Delivery {
        service: "web",
        label: "2.7.4",
        commit: "4c1f0a9",
        author: "jon",
        created: "2026-11-02T09:12:00Z",
        features: &["HAR-290"],
        versions: ("118", "41"),
        needs: "database berths",
    },
    Delivery {
        service: "api",
        label: "2.7.3",
        commit: "b80d2e4",
        author: "jon",
        created: "2026-11-02T08:40:00Z",
        features: &["HAR-290"],
        versions: ("76", "41"),
        needs: "database",
    },
];

/// The build that waits to be decided, for everybody's first try.
pub(crate) const NEXT: Delivery = Delivery {
    service: "web",
    label: "2.8.0",
    commit: "8be3d02",
    author: "jon",
    created: "2026-11-16T15:05:00Z",
    features: &["HAR-290", "HAR-301", "HAR-309"],
    versions: ("121", "41"),
    needs: "database berths",
};

/// The build that is fine until production, where a setting is missing.
pub(crate) const BROKEN: Delivery = Delivery {
    service: "web",
    label: "2.8.1",
    commit: "c77e915",
    author: "jon",
    created: "2026-11-17T10:21:00Z",
    features: &["HAR-290", "HAR-301", "HAR-309", "HAR-311"],
    versions: ("121", "41"),
    needs: "database berths pool",
};

/// Writes the pipeline's folder: `pipeline.toml`, scripts and settings.
pub(crate) fn lay_out(folder: &Path) -> io::Result<()> {
    for part in ["scripts", "settings", "arrivals/web", "arrivals/api"] {
        std::fs::create_dir_all(folder.join(part))?;
    }
    std::fs::write(folder.join("scripts/deploy.sh"), include_str!("files/deploy.sh"))?;
    std::fs::write(folder.join("scripts/smoke.sh"), include_str!("files/smoke.sh"))?;
    std::fs::write(folder.join("settings/dev.conf"), include_str!("files/dev.conf"))?;
    std::fs::write(folder.join("settings/qa.conf"), include_str!("files/qa.conf"))?;
    std::fs::write(folder.join("settings/staging.conf"), include_str!("files/staging.conf"))?;
    std::fs::write(folder.join("settings/production.conf"), include_str!("files/production.conf"))?;
    std::fs::write(folder.join("pipeline.toml"), pipeline_toml())
}

/// Delivers a build as a pipeline would: the artifact first, the manifest last.
///
/// # Errors
/// When the folder can't be written.
pub fn deliver(folder: &Path, delivery: &Delivery) -> io::Result<()> {
    let arrival = folder.join("arrivals").join(delivery.service).join(delivery.label);
    std::fs::create_dir_all(&arrival)?;
    let artifact = include_str!("files/service.sh")
        .replace("@SERVICE@", delivery.service)
        .replace("@BUILD@", delivery.label)
        .replace("@NEEDS@", delivery.needs);
    let mut sha256 = String::with_capacity(64);
    for byte in Sha256::digest(artifact.as_bytes()) {
        // Writing to a String can't fail.
        let _ = write!(sha256, "{byte:02x}");
    }
    std::fs::write(arrival.join("service.sh"), &artifact)?;
    let features: Vec<String> = delivery.features.iter().map(|feature| format!("\"{feature}\"")).collect();
    let manifest = format!(
        "label = \"{}\"\ncommit = \"{}\"\nauthor = \"{}\"\ncreated = {}\nfeatures = [{}]\n\n\
         [artifact]\nfile = \"service.sh\"\nsha256 = \"{sha256}\"\n\n\
         [versions]\napplication = \"{}\"\nconfiguration = \"{}\"\ninfrastructure = \"9\"\ndata = \"{}\"\n",
        delivery.label,
        delivery.commit,
        delivery.author,
        delivery.created,
        features.join(", "),
        delivery.label,
        delivery.versions.0,
        delivery.versions.1,
    );
    let draft = arrival.join("manifest.toml.new");
    std::fs::write(&draft, manifest)?;
    std::fs::rename(draft, arrival.join("manifest.toml"))
}

fn pipeline_toml() -> String {
    let mut text = String::from(
        "# The sample product's pipeline. Commands live only here, on this machine; never in the ledger.\n",
    );
    for service in ["web", "api"] {
        let _ = write!(text, "\n[service.{service}]\narrivals = \"arrivals/{service}\"\n");
        for stage in ["dev", "qa", "staging", "production"] {
            let _ = write!(
                text,
                "\n[service.{service}.stage.{stage}]\nenvironment = \"environments/{stage}/{service}\"\n\
                 deploy = [\"sh\", \"scripts/deploy.sh\"]\ndeploy_time_limit = \"60s\"\n\
                 [[service.{service}.stage.{stage}.check]]\nname = \"smoke test\"\n\
                 command = [\"sh\", \"scripts/smoke.sh\"]\ntime_limit = \"30s\"\n"
            );
        }
    }
    text
}
