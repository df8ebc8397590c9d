//! The 17 topics, the default run list of a release, the go rule and the six practices.

use super::roles;
use crate::rule::Rule;
use crate::strategy::{StepTemplate, Topic};

/// One habit that makes deployments dull, for people to check themselves against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Practice {
    /// Stable key.
    pub key: &'static str,
    /// The practice in one line.
    pub title: &'static str,
    /// Why it pays.
    pub reason: &'static str,
}

/// Key, title and first text of each topic, in order.
const TOPICS: [(&str, &str, &str); 17] = [
    (
        "assets-and-configuration",
        "Assets and their configuration",
        "Everything that is needed to make and run the product is under version control: source, \
         configuration, infrastructure and data definitions. Nothing is changed by hand in an environment.",
    ),
    (
        "deployment-technology",
        "Technology used for deployment",
        "One tool deploys to every environment. Operations and development both agree to it and both can \
         use it.",
    ),
    (
        "pipeline-plan",
        "How the deployment pipeline gets built",
        "The pipeline grows with the product: first a build and one environment, then the next stage when \
         the one before it is reliable.",
    ),
    (
        "environments",
        "Test environments, and how builds move through them",
        "For acceptance, capacity, integration and user acceptance there is one named environment each. \
         A build moves on only through the gates of the process.",
    ),
    (
        "change-and-approval",
        "Into test and production: change requests and approvals",
        "The process says who approves what. A change to production belongs to a release with a complete \
         plan; there is no other way in.",
    ),
    (
        "monitoring",
        "Monitoring, and how operations are told",
        "Each service reports its health. What pages someone, whom it pages and through which interface is \
         listed here.",
    ),
    (
        "configuration-times",
        "Configuration at deployment and at run time",
        "What is fixed when a build is deployed and what can be changed while it runs is listed apart, with \
         who may change it.",
    ),
    (
        "external-systems",
        "External systems",
        "For each system that others run: when a release is tested against it, and whom operations call \
         when it fails.",
    ),
    (
        "logging",
        "Logging",
        "What each service logs, where it is kept, for how long, and what must never stand in a log.",
    ),
    (
        "disaster-recovery",
        "Recovery after a disaster",
        "How long the product may be gone and how much data may be lost, and the rehearsed way back.",
    ),
    (
        "service-levels",
        "Service levels and high availability",
        "The hours and the availability that are promised, and which parts are there twice because of it.",
    ),
    (
        "sizing",
        "Size and capacity of production",
        "The load that is expected, the peak that must be survived, and the size of production that \
         follows.",
    ),
    (
        "archiving",
        "Archiving of production data",
        "Which data leave production, when, to where, and how they are read again.",
    ),
    (
        "first-deployment",
        "The first deployment to production",
        "The smallest useful product goes to production early, through the same pipeline that later \
         releases use.",
    ),
    (
        "defects-and-patches",
        "Defects and patches",
        "A repair takes the same way as any build. How urgent ones are put first is agreed here.",
    ),
    (
        "upgrades-and-migration",
        "Upgrades and migration of data",
        "Data are migrated by scripts that are tested with every build. Each says whether it can be undone.",
    ),
    (
        "support",
        "Support of the application",
        "Who helps users, how problems reach the team, and how they end up in the issue log.",
    ),
];

/// The strategy's 17 topics, each with a first text to be changed.
pub fn topics() -> Vec<Topic> {
    TOPICS
        .iter()
        .map(|(key, title, text)| Topic {
            key: (*key).to_owned(),
            title: (*title).to_owned(),
            text: (*text).to_owned(),
            agree: if *key == "deployment-technology" {
                roles(&["operations", "developer"])
            } else {
                Vec::new()
            },
        })
        .collect()
}

/// Who has to say go to a release: those who answer for the release, for its running, for its use.
pub fn go_rule() -> Rule {
    Rule::All {
        parts: vec![
            Rule::of(1, "release-manager"),
            Rule::of(1, "operations"),
            Rule::of(1, "business-analyst"),
        ],
        ordered: false,
    }
}

/// The default run list of a release: before, deploy, after.
pub fn plan_steps() -> Vec<StepTemplate> {
    const STEPS: [(&str, &str, u32); 14] = [
        ("Before", "Compare the builds of the release with what is live", 10),
        ("Before", "Read the open entries of the issue log", 10),
        ("Before", "Tell everyone concerned when it starts and how long it takes", 5),
        ("Before", "Check that a back-up is there and can be restored", 20),
        ("Before", "Check that the way back is ready", 10),
        ("Before", "Ask for go or no-go", 15),
        ("Deploy", "Hold further changes to the environment", 2),
        ("Deploy", "Run the data migrations", 15),
        ("Deploy", "Promote the builds", 15),
        ("Deploy", "Run the smoke tests", 10),
        ("After", "Watch monitoring and logs", 30),
        ("After", "Check one real transaction from end to end", 10),
        ("After", "Tell everyone concerned that it is done", 5),
        ("After", "Write down what went wrong in the issue log", 10),
    ];
    STEPS
        .iter()
        .map(|(phase, title, minutes)| StepTemplate {
            title: (*title).to_owned(),
            phase: (*phase).to_owned(),
            minutes: *minutes,
        })
        .collect()
}

/// The six practices.
pub fn practices() -> [Practice; 6] {
    [
        Practice {
            key: "build-once",
            title: "Binaries are made once",
            reason: "What was tested is, to the byte, what goes live.",
        },
        Practice {
            key: "one-way-to-deploy",
            title: "Every environment is deployed to in the same way",
            reason: "The way into production is then the best-rehearsed of all.",
        },
        Practice {
            key: "smoke-test",
            title: "Each deployment is smoke-tested, with what it depends on",
            reason: "A deployment that did not work shows within minutes, and shows why.",
        },
        Practice {
            key: "copy-of-production",
            title: "Builds are tried in a copy of production",
            reason: "Differences between environments are found before users find them.",
        },
        Practice {
            key: "move-on-at-once",
            title: "Each change moves on as soon as it may",
            reason: "Small steps are easy to understand and easy to take back.",
        },
        Practice {
            key: "stop-the-line",
            title: "Any failure stops the line",
            reason: "The whole team repairs it while everyone still knows what changed.",
        },
    ]
}
