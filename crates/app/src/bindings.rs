//! Generates the TypeScript side of the command list.

use crate::commands::{COMMANDS, export_types};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// Writes the wire types and `commands.ts` into a folder, replacing what is there.
///
/// # Errors
/// When the folder can't be written.
pub fn write(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    let config = ts_rs::Config::new().with_out_dir(folder).with_large_int("number");
    export_types(&config).map_err(io::Error::other)?;
    std::fs::write(folder.join("commands.ts"), commands_file())
}

fn commands_file() -> String {
    let mut names: Vec<String> =
        COMMANDS.iter().flat_map(|command| [(command.request)(), (command.response)()]).collect();
    names.sort();
    names.dedup();
    let mut text = String::from(
        "// Generated from the command list; do not edit. `cargo xtask bindings` writes it.\n\n",
    );
    for name in &names {
        let _ = writeln!(text, "import type {{ {name} }} from \"./{name}\";");
    }
    text.push_str("\nexport interface Commands {\n");
    for command in COMMANDS {
        let _ = writeln!(text, "  /** {} */", command.about.trim());
        let _ = writeln!(
            text,
            "  {}: {{ request: {}; response: {} }};",
            command.name,
            (command.request)(),
            (command.response)()
        );
    }
    text.push_str("}\n\nexport type Tag =\n");
    let mut tags: Vec<&str> = COMMANDS
        .iter()
        .flat_map(|command| command.provides.iter().chain(command.invalidates))
        .copied()
        .collect();
    tags.sort_unstable();
    tags.dedup();
    for tag in &tags {
        let _ = writeln!(text, "  | \"{tag}\"");
    }
    text.push_str(
        "  ;\n\nexport const tags: Record<keyof Commands, { provides: Tag[]; invalidates: Tag[] }> = {\n",
    );
    for command in COMMANDS {
        let list = |tags: &[&str]| tags.iter().map(|tag| format!("\"{tag}\"")).collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            text,
            "  {}: {{ provides: [{}], invalidates: [{}] }},",
            command.name,
            list(command.provides),
            list(command.invalidates)
        );
    }
    text.push_str("};\n");
    text
}
