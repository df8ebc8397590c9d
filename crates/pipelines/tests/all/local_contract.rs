//! The local system passes the contract of all systems.

use std::sync::Arc;

use async_trait::async_trait;
use signalbox_pipelines::testing::contract::{Bench, Course, violations};
use signalbox_pipelines::{OperationKey, PipelineSystem, PromotionPlan};

use crate::yard::{GOOD, Yard};

#[async_trait]
impl Bench for Yard {
    fn system(&self) -> Arc<dyn PipelineSystem> {
        Arc::new(Yard::system(self))
    }

    fn restarted(&self) -> Arc<dyn PipelineSystem> {
        Arc::new(Yard::system(self))
    }

    fn plan(&self, course: Course) -> PromotionPlan {
        let stage = match course {
            Course::Succeeds => "good",
            Course::Fails => "bad",
            Course::Hangs => "endless",
        };
        Yard::plan(self, "web-1", stage)
    }

    fn fresh_key(&self) -> OperationKey {
        self.key()
    }

    async fn effects(&self, plan: &PromotionPlan) -> usize {
        Yard::effects(self, plan.to.as_str()).len()
    }
}

#[tokio::test]
async fn the_local_system_keeps_the_contract() {
    let yard = Yard::new()
        .stage("good", GOOD, &[("smoke test", "test -e \"$SIGNALBOX_ENVIRONMENT/app\"")], "60s")
        .stage("bad", "echo broken; exit 3", &[], "60s")
        .stage("endless", "while :; do sleep 1; done", &[], "10m");
    assert_eq!(violations(&yard).await, Vec::<String>::new());
}
