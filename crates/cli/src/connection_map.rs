//! `connection map`: many pipelines become services at once, after a dry run.

use crate::connection::{find, unknown, way_word};
use crate::connection_args::ConnectionMapArgs;
use crate::exit::{Exit, Trouble};
use crate::host::Host;
use crate::out::{Out, Tint};
use signalbox_app::wire::{
    BindingApply, BindingApplyRow, BindingCourse, BindingDry, BindingDryRow, BindingDryRun, BindingOutcomes,
    DeskView, Empty, StageMap, StageSuggestion,
};

pub async fn run(host: &Host, args: ConnectionMapArgs, out: &mut Out) -> Result<Exit, Trouble> {
    let connection = find(host, &args.connection).await?.id;
    let desk: DeskView = host.call("desk_show", &Empty {}).await?;
    let wanted = &args.product;
    let product = desk
        .products
        .iter()
        .find(|known| known.id == *wanted || known.key == *wanted || known.name.eq_ignore_ascii_case(wanted))
        .ok_or_else(|| unknown("product", wanted))?
        .id
        .clone();
    let request =
        BindingDryRun { connection: connection.clone(), product: product.clone(), prefix: args.prefix };
    let dry: BindingDry = host.call("binding_dry_run", &request).await?;
    if !args.apply {
        return told(&dry, out);
    }
    let open = |row: &BindingDryRow| matches!(row.course, BindingCourse::Add | BindingCourse::Bind);
    let rows = dry.rows.into_iter().filter(open).map(|row| BindingApplyRow {
        pipeline: row.pipeline,
        service: row.service,
        stages: Some(row.stages.into_iter().map(suggested).collect()),
    });
    let request = BindingApply { connection, product, rows: rows.collect() };
    let outcomes: BindingOutcomes = host.call("binding_apply", &request).await?;
    let exit = if outcomes.rows.iter().all(|row| row.done) { Exit::Done } else { Exit::Refused };
    if out.is_json() {
        out.value(&outcomes)?;
        return Ok(exit);
    }
    for row in &outcomes.rows {
        let lead = if row.done { out.tint(Tint::Go, "✓") } else { out.tint(Tint::Stop, "■") };
        out.line(&format!("{lead} {}: {}", row.pipeline, row.said))?;
        for reason in &row.reasons {
            out.beside("    ", 4, &format!("{} {}", reason.sentence, reason.next_step))?;
        }
    }
    Ok(exit)
}

/// Prints what a dry run found.
fn told(dry: &BindingDry, out: &mut Out) -> Result<Exit, Trouble> {
    if out.is_json() {
        out.value(dry)?;
        return Ok(Exit::Done);
    }
    for row in &dry.rows {
        let course = match row.course {
            BindingCourse::Add => "becomes the new service",
            BindingCourse::Bind => "is bound to the service",
            BindingCourse::Bound => "is bound already to",
            BindingCourse::Refused => "can't be taken over as",
        };
        let name = out.tint(Tint::Strong, &row.name);
        out.line(&format!("{name} {course} {}", row.service))?;
        for stage in &row.stages {
            let lead = format!("  {:<16}{:<9}", stage.stage.name, way_word(stage.way));
            out.beside(&lead, lead.chars().count(), &stage.why)?;
        }
        for notice in &row.notices {
            out.beside("  ▲ ", 4, &format!("{} {}", notice.title, notice.detail))?;
        }
    }
    for miss in &dry.near_misses {
        out.beside("– ", 2, &format!("{}: {}", miss.name, miss.why))?;
    }
    if dry.more {
        out.line("…and more; narrow them with a longer prefix")?;
    }
    let foot = out.tint(Tint::Quiet, "Nothing is recorded. Add --apply to take them over.");
    out.line(&foot)?;
    Ok(Exit::Done)
}

fn suggested(StageSuggestion { stage, way, remote, gate, why: _ }: StageSuggestion) -> StageMap {
    StageMap { stage: stage.key, way, remote, gate }
}
