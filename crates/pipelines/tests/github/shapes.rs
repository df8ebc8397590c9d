//! What GitHub's answers look like. Every member here is one that GitHub's OpenAPI description
//! (npm: `@octokit/openapi` 23.0.2, `api.github.com.json`) requires, plus those that the system reads;
//! `judge.rs` proves it.

use serde_json::{Map, Value, json};

pub const API: &str = "https://api.github.com";
pub const WEB: &str = "https://github.com";
pub const LONG_AGO: &str = "2026-11-01T08:00:00Z";

/// "simple-user".
pub fn user(login: &str) -> Value {
    let base = format!("{API}/users/{}", login.replace('[', "%5B").replace(']', "%5D"));
    let mut user = urls(
        &base,
        "avatar events followers following gists html organizations received_events repos starred subscriptions",
    );
    user.extend(members(json!({
        "login": login, "id": 1, "node_id": "MDQ6VXNlcjE=", "gravatar_id": "", "type": "User",
        "site_admin": false, "url": base,
    })));
    Value::Object(user)
}

/// "public-user", the answer to `GET /user` without further scopes.
pub fn own_user(login: &str) -> Value {
    with(
        user(login),
        json!({
            "bio": null, "blog": "", "company": null, "email": null, "followers": 0, "following": 0,
            "hireable": null, "location": null, "name": login, "public_gists": 0, "public_repos": 2,
            "created_at": LONG_AGO, "updated_at": LONG_AGO,
        }),
    )
}

/// "minimal-repository".
pub fn small_repository(owner: &str, name: &str, id: u64) -> Value {
    let base = format!("{API}/repos/{owner}/{name}");
    let mut repository = urls(
        &base,
        "archive assignees blobs branches collaborators comments commits compare contents contributors \
         deployments downloads events forks git_commits git_refs git_tags hooks html issue_comment issue_events \
         issues keys labels languages merges milestones notifications pulls releases stargazers statuses \
         subscribers subscription tags teams trees",
    );
    repository.extend(members(json!({
        "id": id, "node_id": "R_1", "name": name, "full_name": format!("{owner}/{name}"),
        "private": true, "fork": false, "description": null, "owner": user(owner), "url": base,
    })));
    Value::Object(repository)
}

/// "full-repository", which is also what `GET /user/repos` lists.
pub fn repository(owner: &str, name: &str, id: u64, writes: bool, archived: bool) -> Value {
    with(
        small_repository(owner, name, id),
        json!({
            "clone_url": format!("{WEB}/{owner}/{name}.git"), "default_branch": "main", "forks": 0,
            "forks_count": 0, "git_url": format!("git://github.com/{owner}/{name}.git"),
            "ssh_url": format!("git@github.com:{owner}/{name}.git"), "svn_url": format!("{WEB}/{owner}/{name}"),
            "has_issues": true, "has_projects": true, "has_wiki": true, "has_pages": false,
            "has_downloads": true, "has_discussions": false, "homepage": null, "language": null,
            "archived": archived, "disabled": false, "mirror_url": null, "open_issues": 0,
            "open_issues_count": 0, "pushed_at": LONG_AGO, "size": 1, "stargazers_count": 0, "watchers": 0,
            "watchers_count": 0, "created_at": LONG_AGO, "updated_at": LONG_AGO, "network_count": 0,
            "subscribers_count": 0, "license": null,
            "permissions": { "admin": false, "push": writes, "pull": true },
        }),
    )
}

/// "workflow".
pub fn workflow(owner: &str, repo: &str, id: u64, file: &str, state: &str) -> Value {
    json!({
        "id": id, "node_id": "W_1", "name": file, "path": format!(".github/workflows/{file}"), "state": state,
        "url": format!("{API}/repos/{owner}/{repo}/actions/workflows/{id}"),
        "html_url": format!("{WEB}/{owner}/{repo}/blob/main/.github/workflows/{file}"),
        "badge_url": format!("{WEB}/{owner}/{repo}/workflows/{file}/badge.svg"),
        "created_at": LONG_AGO, "updated_at": LONG_AGO,
    })
}

/// "environment", with a review by one person where it is asked for.
pub fn environment(owner: &str, repo: &str, id: u64, name: &str, reviewer: Option<&str>) -> Value {
    let rules: Vec<Value> = reviewer
        .iter()
        .map(|login| {
            json!({
                "id": 3755, "node_id": "GA_1", "type": "required_reviewers", "prevent_self_review": false,
                "reviewers": [{ "type": "User", "reviewer": user(login) }],
            })
        })
        .collect();
    with(
        place(owner, repo, id, name),
        json!({
            "created_at": LONG_AGO, "updated_at": LONG_AGO, "protection_rules": rules,
            "deployment_branch_policy": null,
        }),
    )
}

/// The environment inside a pending deployment or an approval.
pub fn place(owner: &str, repo: &str, id: u64, name: &str) -> Value {
    json!({
        "id": id, "node_id": "EN_1", "name": name,
        "url": format!("{API}/repos/{owner}/{repo}/environments/{name}"),
        "html_url": format!("{WEB}/{owner}/{repo}/deployments/activity_log?environments_filter={name}"),
    })
}

/// "release".
pub fn release(owner: &str, repo: &str, id: u64, tag: &str, published: Option<&str>) -> Value {
    let base = format!("{API}/repos/{owner}/{repo}/releases/{id}");
    json!({
        "id": id, "node_id": "RE_1", "tag_name": tag, "target_commitish": "main", "name": tag, "body": "",
        "draft": published.is_none(), "prerelease": true, "created_at": published.unwrap_or(LONG_AGO),
        "published_at": published, "author": user("ada"), "assets": [], "url": base,
        "assets_url": format!("{base}/assets"), "upload_url": format!("{base}/assets{{?name,label}}"),
        "html_url": format!("{WEB}/{owner}/{repo}/releases/tag/{tag}"),
        "tarball_url": format!("{base}/tarball"), "zipball_url": format!("{base}/zipball"),
    })
}

/// "tag".
pub fn tag(owner: &str, repo: &str, name: &str, sha: &str) -> Value {
    let base = format!("{API}/repos/{owner}/{repo}");
    json!({
        "name": name, "node_id": "REF_1", "commit": { "sha": sha, "url": format!("{base}/commits/{sha}") },
        "zipball_url": format!("{base}/zipball/refs/tags/{name}"),
        "tarball_url": format!("{base}/tarball/refs/tags/{name}"),
    })
}

/// "commit".
pub fn commit(owner: &str, repo: &str, sha: &str) -> Value {
    let base = format!("{API}/repos/{owner}/{repo}/commits/{sha}");
    json!({
        "sha": sha, "node_id": "C_1", "url": base, "html_url": base, "comments_url": format!("{base}/comments"),
        "commit": {
            "message": "Change", "comment_count": 0, "url": base, "author": null, "committer": null,
            "tree": { "sha": sha, "url": base },
        },
        "author": user("ada"), "committer": null, "parents": [],
    })
}

fn urls(base: &str, names: &str) -> Map<String, Value> {
    names.split_whitespace().map(|name| (format!("{name}_url"), format!("{base}/{name}").into())).collect()
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Adds members to an object.
pub fn with(value: Value, more: Value) -> Value {
    let mut all = members(value);
    all.extend(members(more));
    Value::Object(all)
}
