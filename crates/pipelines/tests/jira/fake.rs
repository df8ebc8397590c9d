//! A Jira with some issues. The shapes come from Atlassian's OpenAPI description of Jira Cloud and its REST
//! reference of Jira Data Center; the quirks from threads of public clients that met them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use signalbox_pipelines::testing::server::{Request, Response};

pub const MAIL: &str = "ada@example.org";
pub const TOKEN: &str = "ATATT3x0123456789";

/// How a Jira is set up.
#[derive(Clone)]
pub struct Site {
    pub cloud: bool,
    /// How many issues a page has at most, whatever is asked for.
    pub cap: usize,
    pub quirk: Quirk,
    /// The project's issues: number, version, and the key of the state's category.
    pub issues: Vec<(u32, &'static str, &'static str)>,
}

/// What is odd about the ends of Jira Cloud's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    None,
    /// `isLast` is false to the end, and the token is absent.
    NeverLast,
    /// `isLast` is absent, and a token leads to an empty page.
    EmptyPage,
    /// The last page has a token and says that it is the last.
    TokenOnLast,
    /// The token never changes.
    SameToken,
}

/// The names of the project's versions: with a quote and a backslash among them.
pub const VERSIONS: [&str; 3] = ["1.4.1", "1.4.2", "say \"no\" \\"];

impl Site {
    pub fn new(cloud: bool) -> Self {
        // Of seven issues in 1.4.2, two are done; "Done" is also the name of a state that is not.
        let issues = (1..=9)
            .map(|n| match n {
                1 => (n, "1.4.1", "done"),
                2 | 3 => (n, "1.4.2", "done"),
                9 => (n, VERSIONS[2], "new"),
                _ => (n, "1.4.2", "indeterminate"),
            })
            .collect();
        Self { cloud, cap: 50, quirk: Quirk::None, issues }
    }

    pub fn answer(&self, request: &Request) -> Response {
        let expected = if self.cloud {
            format!("Basic {}", BASE64_STANDARD.encode(format!("{MAIL}:{TOKEN}")))
        } else {
            format!("Bearer {TOKEN}")
        };
        if request.header("authorization") != Some(&expected) {
            // A wrong token is taken for nobody's visit.
            return Response::json(200, &json!({"deploymentType": "Cloud", "issues": [], "version": "1"}))
                .with("x-seraph-loginreason", "AUTHENTICATED_FAILED");
        }
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (own, other) = if self.cloud { ("3", "2") } else { ("2", "3") };
        match path[2..] {
            ["2", "serverInfo"] => {
                let kind = if self.cloud { "Cloud" } else { "Server" };
                Response::json(200, &json!({"version": "9.12.4", "deploymentType": kind}))
            }
            [api, ..] if api == other && !(self.cloud && api == "2") => refused(404, "no such interface"),
            [_, "search"] if self.cloud => refused(410, "The requested API has been removed."),
            ["3", "search", "jql"] if self.cloud => self.tokens(request),
            ["2", "search"] => self.counts(request),
            [_, "myself"] => Response::json(200, &json!({"displayName": "Ada", "emailAddress": MAIL})),
            [api, "issue", key] if api == own => {
                match self.issues.iter().find(|(number, ..)| format!("SHOP-{number}") == key) {
                    Some(known) => Response::json(200, &issue(known)),
                    None => refused(404, "Issue does not exist or you do not have permission to see it."),
                }
            }
            [api, "project", "SHOP", "version"] if api == own => self.versions(request),
            ["2", "version", id, "unresolvedIssueCount"] if !self.cloud => {
                let name = VERSIONS[id.parse::<usize>().unwrap() - 10];
                Response::json(200, &json!({"issuesUnresolvedCount": self.open(name)}))
            }
            _ => refused(404, "nothing here"),
        }
    }

    fn open(&self, version: &str) -> usize {
        self.issues.iter().filter(|(_, of, category)| *of == version && *category != "done").count()
    }

    fn versions(&self, request: &Request) -> Response {
        let start: usize = request.parameter("startAt").unwrap().parse().unwrap();
        let all = VERSIONS.iter().enumerate().map(|(at, name)| {
            let mut version =
                json!({"id": (at + 10).to_string(), "name": name, "released": at == 0, "archived": false});
            if request.parameter("expand") == Some("issuesstatus") && self.cloud {
                version["issuesStatusForFixVersion"] =
                    json!({"unmapped": 0, "toDo": 0, "inProgress": self.open(name), "done": 1});
            }
            version
        });
        let values: Vec<Value> = all.skip(start).take(self.cap).collect();
        let last = start + values.len() >= VERSIONS.len();
        Response::json(200, &json!({"startAt": start, "total": 3, "isLast": last, "values": values}))
    }

    /// Understands the two queries that are asked; a name or a key that is not known is refused.
    fn found(&self, jql: &str) -> Result<Vec<Value>, Response> {
        let values = unquoted(jql);
        let words = |words: String| Err(refused(400, &words));
        if jql.starts_with("key in (") {
            let known =
                |key: &String| self.issues.iter().any(|(number, ..)| format!("SHOP-{number}") == *key);
            if let Some(key) = values.iter().find(|key| !known(key)) {
                return words(format!("An issue with key '{key}' does not exist for field 'key'."));
            }
            let wanted = |(number, ..): &&(u32, &str, &str)| values.contains(&format!("SHOP-{number}"));
            return Ok(self.issues.iter().filter(wanted).map(issue).collect());
        }
        assert!(jql.starts_with("project = \"SHOP\" AND fixVersion = \""), "{jql}");
        if !VERSIONS.contains(&values[1].as_str()) {
            return words(format!("The value '{}' does not exist for the field 'fixVersion'.", values[1]));
        }
        Ok(self.issues.iter().filter(|(_, version, _)| *version == values[1]).map(issue).collect())
    }

    fn tokens(&self, request: &Request) -> Response {
        let all = match self.found(request.parameter("jql").unwrap()) {
            Ok(all) => all,
            Err(refusal) => return refusal,
        };
        let start: usize = match request.parameter("nextPageToken") {
            None => 0,
            Some("same") => 2,
            Some("old") => return refused(400, "The nextPageToken is expired."),
            Some(token) => token.strip_prefix("from+").unwrap().parse().unwrap(),
        };
        let mut issues: Vec<Value> = all.iter().skip(start).take(self.cap).cloned().collect();
        if request.parameter("fields").is_none() {
            issues = issues.iter().map(|issue| json!({"id": issue["id"]})).collect();
        }
        let behind = start + issues.len();
        let last = behind >= all.len();
        let mut page = json!({"issues": issues, "isLast": last});
        if !last {
            page["nextPageToken"] = json!(format!("from+{behind}"));
        }
        match self.quirk {
            Quirk::None => {}
            Quirk::NeverLast => page["isLast"] = json!(false),
            Quirk::EmptyPage => {
                page.as_object_mut().unwrap().remove("isLast");
                page["nextPageToken"] = json!(format!("from+{behind}"));
            }
            Quirk::TokenOnLast => page["nextPageToken"] = json!(format!("from+{behind}")),
            Quirk::SameToken => {
                page["isLast"] = json!(false);
                page["nextPageToken"] = json!("same");
            }
        }
        Response::json(200, &page)
    }

    fn counts(&self, request: &Request) -> Response {
        let all = match self.found(request.parameter("jql").unwrap()) {
            Ok(all) => all,
            Err(refusal) => return refusal,
        };
        let start: usize = request.parameter("startAt").unwrap().parse().unwrap();
        let issues: Vec<_> = all.iter().skip(start).take(self.cap).cloned().collect();
        let page = json!({"startAt": start, "maxResults": self.cap, "total": all.len(), "issues": issues});
        Response::json(200, &page)
    }
}

fn issue((number, version, category): &(u32, &str, &str)) -> Value {
    // The name of the state says nothing about its category.
    let status = if *category == "done" { "Live" } else { "Done" };
    json!({"id": number.to_string(), "key": format!("SHOP-{number}"), "fields": {
        "summary": format!("Feature {number}"), "fixVersions": [{"name": version}],
        "status": {"name": status, "statusCategory": {"key": category}},
    }})
}

fn refused(status: u16, words: &str) -> Response {
    Response::json(status, &json!({"errorMessages": [words], "errors": {}}))
}

/// Reads the quoted values of a query as Jira does.
fn unquoted(jql: &str) -> Vec<String> {
    let (mut values, mut chars) = (Vec::new(), jql.chars());
    while chars.find(|c| *c == '"').is_some() {
        let mut value = String::new();
        loop {
            match chars.next().expect("an open quote") {
                '"' => break,
                '\\' => value.push(chars.next().expect("a lone backslash")),
                c => value.push(c),
            }
        }
        values.push(value);
    }
    values
}
