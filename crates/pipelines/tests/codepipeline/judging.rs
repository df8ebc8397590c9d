//! The judge itself: it lets good bodies through and finds what is wrong with bad ones.

use serde_json::{Value, json};

use super::judge::Judge;

fn defects(operation: &str, body: &Value) -> usize {
    Judge::new().of_request(&format!("CodePipeline_20150709.{operation}"), body).len()
}

fn approval() -> Value {
    json!({
        "pipelineName": "shop-web", "stageName": "StagingQA", "actionName": "approve",
        "token": "1a2b3c4d-0000-4000-8000-0123456789ab",
        "result": {"status": "Approved", "summary": "release 1.4.2"},
    })
}

#[test]
fn the_judge_accepts_what_the_service_accepts() {
    assert_eq!(defects("PutApprovalResult", &approval()), 0);
    let start = json!({
        "name": "shop-web", "clientRequestToken": "6f1c1f0e-7b0e-5a3e-9b8e-2c5f3b1d0a11",
        "sourceRevisions": [{
            "actionName": "src", "revisionType": "COMMIT_ID",
            "revisionValue": "9fceb02d0ae598e95dc970b74767f19372d61af8",
        }],
    });
    assert_eq!(defects("StartPipelineExecution", &start), 0);
}

#[test]
fn the_judge_finds_the_six_bad_bodies() {
    let change = |pointer: &str, value: Value| {
        let mut body = approval();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for (why, operation, body) in [
        ("a status that is none", "PutApprovalResult", change("/result/status", json!("Approve"))),
        ("a token of another form", "PutApprovalResult", change("/token", json!("token"))),
        (
            "a summary that is too long",
            "PutApprovalResult",
            change("/result/summary", json!("x".repeat(600))),
        ),
        ("a name with a blank", "PutApprovalResult", change("/pipelineName", json!("shop web"))),
        (
            "a request token with dots",
            "StartPipelineExecution",
            json!({"name": "shop-web", "clientRequestToken": "rel-1.4.2-qa"}),
        ),
        (
            "a reason with other characters",
            "DisableStageTransition",
            json!({
                "pipelineName": "shop-web", "stageName": "Prod", "transitionType": "Inbound",
                "reason": "waits: QA, SHOP-12/13_a",
            }),
        ),
    ] {
        assert!(defects(operation, &body) > 0, "{why} passed");
    }
}

#[test]
fn the_judge_finds_missing_unknown_and_invented_members() {
    let mut missing = approval();
    missing.as_object_mut().unwrap().remove("token");
    assert!(defects("PutApprovalResult", &missing) > 0);
    let mut unknown = approval();
    unknown["pipelineExecutionId"] = json!("3f1f2b6a-1111-4222-8333-444455556666");
    assert!(defects("PutApprovalResult", &unknown) > 0);
    assert!(defects("ApproveEverything", &json!({})) > 0);

    let mut judge = Judge::new();
    let state = |status: &str| {
        json!({"stageStates": [{"stageName": "Prod", "latestExecution": {
            "pipelineExecutionId": "3f1f2b6a-1111-4222-8333-444455556666", "status": status,
        }}]})
    };
    assert!(judge.of_answer("GetPipelineState", 200, &state("InProgress")).is_empty());
    assert!(!judge.of_answer("GetPipelineState", 200, &state("WaitingForApproval")).is_empty());
    let error = |code: &str| json!({"__type": code, "message": "no"});
    assert!(judge.of_answer("PutApprovalResult", 400, &error("InvalidApprovalTokenException")).is_empty());
    assert!(!judge.of_answer("GetPipeline", 400, &error("InvalidApprovalTokenException")).is_empty());
}
