//! `connection`: add, list, test, bind, and the one secret that never stands in an argument.

use crate::connection_args::{
    ConnectionAddArgs, ConnectionBindArgs, ConnectionCommand, ConnectionListArgs, ConnectionSecretArgs,
    ConnectionTestArgs,
};
use crate::connection_map;
use crate::exit::{Exit, Trouble};
use crate::host::{Host, Place};
use crate::out::{Out, Tint};
use signalbox_app::wire::{
    AddressForm, BindingSuggest, BindingSuggestion, BoundStageView, ConnectionAdd, ConnectionKinds,
    ConnectionSecretForget, ConnectionSecretSet, ConnectionTest, ConnectionView, Connections, Done, Empty,
    ProxyChoice, SecretState, SecretText, ServiceBind, StageMap, StageWay, TestView, Tone,
};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};

/// A secret is never longer; more on stdin is a mistake.
const LONGEST_SECRET: u64 = 64 * 1024;

pub async fn run(place: &Place, command: ConnectionCommand, out: &mut Out) -> Result<Exit, Trouble> {
    let host = place.open_existing()?;
    let exit = match command {
        ConnectionCommand::Add(args) => add(&host, args, out).await?,
        ConnectionCommand::List(args) => list(&host, &args, out).await?,
        ConnectionCommand::Test(args) => test(&host, args, out).await?,
        ConnectionCommand::Secret(args) => secret(&host, args, out).await?,
        ConnectionCommand::Bind(args) => bind(&host, args, out).await?,
        ConnectionCommand::Map(args) => connection_map::run(&host, args, out).await?,
    };
    host.close().await;
    Ok(exit)
}

async fn add(host: &Host, args: ConnectionAddArgs, out: &mut Out) -> Result<Exit, Trouble> {
    let kinds: ConnectionKinds = host.call("connection_kinds", &Empty {}).await?;
    let field = kinds
        .kinds
        .iter()
        .find(|kind| kind.kind == args.kind)
        .and_then(|kind| kind.fields.iter().find(|field| field.secret));
    let secret = match field {
        Some(field) if field.required || args.with_secret => Some(asked(&field.title)?),
        _ => None,
    };
    let ca_file = match &args.ca_file {
        Some(file) => {
            let full = std::path::absolute(file).map_err(|error| Trouble::file(file.display(), &error))?;
            Some(full.display().to_string())
        }
        None => None,
    };
    let request = ConnectionAdd {
        kind: args.kind,
        name: args.name,
        address: AddressForm {
            base: args.address,
            account: args.account,
            ca_file,
            proxy: match args.proxy.as_str() {
                "system" => ProxyChoice::System,
                "none" => ProxyChoice::None,
                url => ProxyChoice::Url(url.to_owned()),
            },
            options: args.options.into_iter().collect(),
        },
        typed_host: args.typed_host,
        secret,
    };
    done(&host.call("connection_add", &request).await?, out)
}

async fn list(host: &Host, args: &ConnectionListArgs, out: &mut Out) -> Result<Exit, Trouble> {
    if args.kinds {
        return kinds(host, out).await;
    }
    let view: Connections = host.call("connection_list", &Empty {}).await?;
    if out.is_json() {
        out.value(&view)?;
        return Ok(Exit::Done);
    }
    if view.connections.is_empty() {
        out.line("No connection yet. Add one with `signalbox connection add`.")?;
    }
    for connection in &view.connections {
        let name = out.tint(Tint::Strong, &connection.name);
        out.line(&format!("{name}  {}", connection.title))?;
        let address = connection.address.as_ref().map_or("address not known here", |known| &known.base);
        out.line(&format!("  {address}  {}", secret_word(connection.secret)))?;
        if let Some(problem) = &connection.problem {
            out.beside("  ■ ", 4, &format!("{} {}", problem.sentence, problem.next_step))?;
        }
    }
    let names: BTreeMap<&str, &str> =
        view.connections.iter().map(|known| (known.id.as_str(), known.name.as_str())).collect();
    for binding in &view.bindings {
        let to = match &binding.connection {
            Some(id) => {
                let name = names.get(id.as_str()).copied().unwrap_or(id);
                format!("{name} · {}  {}", binding.pipeline, stages(&binding.stages))
            }
            None => "no pipeline: recorded by hand".to_owned(),
        };
        let lead = format!("{} ({})  ", binding.service.name, binding.product);
        out.beside(&lead, lead.chars().count(), &to)?;
    }
    Ok(Exit::Done)
}

async fn kinds(host: &Host, out: &mut Out) -> Result<Exit, Trouble> {
    let kinds: ConnectionKinds = host.call("connection_kinds", &Empty {}).await?;
    if out.is_json() {
        out.value(&kinds)?;
        return Ok(Exit::Done);
    }
    for kind in &kinds.kinds {
        let title = out.tint(Tint::Strong, &kind.title);
        out.line(&format!("{:<14}{title}", kind.kind))?;
        for field in &kind.fields {
            let way = match field.name.as_str() {
                "base" => "--address".to_owned(),
                "account" => "--account".to_owned(),
                "secret" => "secret".to_owned(),
                option => format!("--option {option}"),
            };
            let must = if field.required { "" } else { " (optional)" };
            out.beside(&format!("  {way:<24}"), 26, &format!("{}{must}. {}", field.title, field.hint))?;
        }
        out.beside("  ", 2, &kind.least)?;
        out.line("")?;
    }
    Ok(Exit::Done)
}

async fn test(host: &Host, args: ConnectionTestArgs, out: &mut Out) -> Result<Exit, Trouble> {
    let connection = find(host, &args.connection).await?.id;
    let request =
        ConnectionTest { connection: Some(connection), prefix: args.prefix, ..ConnectionTest::default() };
    let found: TestView = host.call("connection_test", &request).await?;
    let exit = if found.ok { Exit::Done } else { Exit::Refused };
    if out.is_json() {
        out.value(&found)?;
        return Ok(exit);
    }
    let (tint, lead) =
        if found.ok { (Tint::Go, "✓ it works") } else { (Tint::Stop, "■ it does not work") };
    let lead = out.tint(tint, lead);
    out.line(&format!("{lead}: {}, {}", found.account, found.version))?;
    if !found.proxy.is_empty() {
        out.line(&format!("  {}", found.proxy))?;
    }
    for problem in &found.problems {
        let lead = if problem.tone == Tone::Stop { "  ■ " } else { "  ▲ " };
        out.beside(lead, 4, &format!("{} {}", problem.title, problem.detail))?;
    }
    for each in &found.capabilities {
        let (tint, sign) = if each.able { (Tint::Go, "✓") } else { (Tint::Quiet, "–") };
        let lead = out.tint(tint, sign);
        let detail = [each.detail.as_str(), each.next_step.as_str()].join(" ");
        out.line(&format!("  {lead} {}: {}", each.name, detail.trim_end()))?;
    }
    for pipeline in &found.pipelines {
        out.line(format!("  {}  {}", pipeline.name, pipeline.stages.join(" → ")).trim_end())?;
    }
    if found.more {
        out.line("  …and more; narrow them with --prefix")?;
    }
    Ok(exit)
}

async fn secret(host: &Host, args: ConnectionSecretArgs, out: &mut Out) -> Result<Exit, Trouble> {
    let connection = find(host, &args.connection).await?;
    if args.forget {
        let request = ConnectionSecretForget { connection: connection.id };
        return done(&host.call("connection_secret_forget", &request).await?, out);
    }
    let secret = asked(&format!("Secret of {}", connection.name))?;
    let request = ConnectionSecretSet { connection: connection.id, secret };
    done(&host.call("connection_secret_set", &request).await?, out)
}

async fn bind(host: &Host, args: ConnectionBindArgs, out: &mut Out) -> Result<Exit, Trouble> {
    let view: Connections = host.call("connection_list", &Empty {}).await?;
    let connection = named(&view, &args.connection)?.id.clone();
    let service = view
        .bindings
        .iter()
        .map(|binding| &binding.service)
        .find(|service| service.id == args.service || service.name == args.service)
        .ok_or_else(|| unknown("service", &args.service))?
        .id
        .clone();
    if args.dry_run {
        let request = BindingSuggest { connection, pipeline: args.pipeline, service };
        let suggestion: BindingSuggestion = host.call("binding_suggest", &request).await?;
        if out.is_json() {
            out.value(&suggestion)?;
            return Ok(Exit::Done);
        }
        for stage in &suggestion.stages {
            let lead = format!("{:<16}{:<9}", stage.stage.name, way_word(stage.way));
            out.beside(&lead, lead.chars().count(), &stage.why)?;
        }
        return Ok(Exit::Done);
    }
    let request =
        ServiceBind { service, connection, pipeline: args.pipeline.clone(), stages: mapping(&args) };
    done(&host.call("service_bind", &request).await?, out)
}

/// The mapping that the arguments name; none where they name none.
fn mapping(args: &ConnectionBindArgs) -> Option<Vec<StageMap>> {
    let gate = |stage: &str| args.gate.iter().find(|(of, _)| of == stage).map(|(_, gate)| gate.clone());
    let map = |way, (stage, remote): &(String, String)| StageMap {
        stage: stage.clone(),
        way,
        remote: Some(remote.clone()),
        gate: gate(stage),
    };
    let driven = args.driven.iter().map(|pair| map(StageWay::Driven, pair));
    let gated = args.gated.iter().map(|pair| map(StageWay::Gated, pair));
    let stages: Vec<StageMap> = driven.chain(gated).collect();
    (!stages.is_empty()).then_some(stages)
}

/// Reads a secret: without an echo from a person, otherwise all of stdin.
fn asked(title: &str) -> Result<SecretText, Trouble> {
    let stdin = std::io::stdin();
    let text = if stdin.is_terminal() {
        rpassword::prompt_password(format!("{title}: ")).map_err(|error| Trouble::file("terminal", &error))?
    } else {
        let mut text = String::new();
        stdin
            .lock()
            .take(LONGEST_SECRET)
            .read_to_string(&mut text)
            .map_err(|error| Trouble::file("stdin", &error))?;
        text
    };
    Ok(SecretText::new(text))
}

pub async fn find(host: &Host, wanted: &str) -> Result<ConnectionView, Trouble> {
    let view: Connections = host.call("connection_list", &Empty {}).await?;
    named(&view, wanted).cloned()
}

fn named<'v>(view: &'v Connections, wanted: &str) -> Result<&'v ConnectionView, Trouble> {
    view.connections
        .iter()
        .find(|known| known.id == wanted || known.name.eq_ignore_ascii_case(wanted))
        .ok_or_else(|| unknown("connection", wanted))
}

pub fn unknown(what: &str, wanted: &str) -> Trouble {
    Trouble::new(
        Exit::Refused,
        "value.unknown",
        format!("There is no {what} “{wanted}”."),
        "`signalbox connection list` names them.",
    )
}

fn done(done: &Done, out: &mut Out) -> Result<Exit, Trouble> {
    if out.is_json() {
        out.value(done)?;
    } else {
        let lead = out.tint(Tint::Go, "✓");
        out.line(&format!("{lead} {}", done.said))?;
    }
    Ok(Exit::Done)
}

fn secret_word(secret: SecretState) -> &'static str {
    match secret {
        SecretState::Kept => "(secret kept on this machine)",
        SecretState::Missing => "(no secret on this machine)",
        SecretState::NotAsked => "",
    }
}

pub fn way_word(way: StageWay) -> &'static str {
    match way {
        StageWay::Driven => "driven",
        StageWay::Gated => "gated",
        StageWay::ByHand => "by hand",
    }
}

fn stages(stages: &[BoundStageView]) -> String {
    let told = stages.iter().map(|BoundStageView { stage, way, remote, gate }| {
        let there = if remote == stage { String::new() } else { format!(" = {remote}") };
        let gate = gate.as_ref().map(|gate| format!(", answers {gate}")).unwrap_or_default();
        format!("{stage}{there} ({}{gate})", way_word(*way))
    });
    told.collect::<Vec<_>>().join(" → ")
}
