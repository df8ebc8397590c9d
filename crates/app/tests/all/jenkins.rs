//! A Jenkins on loopback, as small as the connections' commands need it.

use serde_json::{Value, json};
use signalbox_pipelines::testing::server::{Request, Response, Server};

/// Starts a Jenkins with these jobs, each with the stages DEV, QA and PROD, that knows one token.
pub async fn jenkins(jobs: &[&str], token: &str) -> Server {
    let jobs: Vec<String> = jobs.iter().map(|job| (*job).to_owned()).collect();
    let pass = basic(token);
    Server::start(move |request| {
        if request.header("authorization") == Some(&pass) {
            answer(&jobs, request)
        } else {
            Response::text(401, format!("no {}", request.header("authorization").unwrap_or_default()))
        }
    })
    .await
    .unwrap()
}

/// The header that proves a token of the account ada.
pub fn basic(token: &str) -> String {
    use base64::Engine;
    format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(format!("ada:{token}")))
}

fn answer(jobs: &[String], request: &Request) -> Response {
    let segments = request.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let body: Value = match segments.as_slice() {
        ["me", "api", "json"] => json!({ "id": "ada", "fullName": "Ada \u{1b}[31mByron" }),
        ["api", "json"] => {
            let jobs = jobs.iter().map(
                |job| json!({ "name": job, "_class": "org.jenkinsci.plugins.workflow.job.WorkflowJob" }),
            );
            json!({ "jobs": jobs.collect::<Vec<_>>() })
        }
        ["queue", "api", "json"] => json!({ "items": [] }),
        ["job", _, "wfapi", "describe"] => json!({}),
        ["job", _, "wfapi", "runs"] => json!([]),
        ["job", _, "api", "json"] => {
            let parameter = |name: &str| json!({ "name": name, "type": "StringParameterDefinition" });
            let choice = json!({ "name": "ENVIRONMENT", "type": "ChoiceParameterDefinition", "choices": ["dev", "QA", "PROD"] });
            let parameters = json!([parameter("VERSION"), choice, parameter("OPERATION")]);
            json!({ "buildable": true, "property": [{ "parameterDefinitions": parameters }], "builds": [] })
        }
        _ => return Response::text(404, "no such page"),
    };
    Response::json(200, &body).with("x-jenkins", "2.528.1")
}
