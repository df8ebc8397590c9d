//! The script that carries out one operation: the fixed part `runner.sh`, and the operation's own
//! commands behind it.
//!
//! A script of the plain POSIX shell outlives the program that started it, needs no second program of
//! ours, and can be read by whoever owns the machine. It runs each step in a process group of its
//! own, so that time limits and cancellations reach grandchildren and still get recorded.

use std::fmt::Write;
use std::path::Path;

use super::environment;
use super::record::RunRecord;

const FIXED: &str = include_str!("runner.sh");

/// Writes the script of an operation. `commands` belong to the record's steps, in their order.
pub(super) fn script(
    record: &RunRecord,
    run: &Path,
    commands: &[Vec<String>],
) -> Result<String, serde_json::Error> {
    let mut script = format!("run={}\n", quoted(&run.to_string_lossy()));
    if let Some(environment) = &record.environment {
        // Writing to a String can't fail.
        let _ = write!(
            script,
            "environment={}\ndeployed={}\n",
            quoted(&environment.to_string_lossy()),
            quoted(&environment::head(record)?),
        );
    }
    script.push('\n');
    script.push_str(FIXED);
    script.push('\n');
    let mut add = |line: &str| {
        script.push_str(line);
        script.push('\n');
    };
    for (index, (step, command)) in record.steps.iter().zip(commands).enumerate() {
        let mut perform = format!("perform {index} {} {}", step.limit_seconds, quoted(&step.name));
        // Writing to a String can't fail.
        let _ = write!(perform, " {}", quoted(&step.command));
        for word in command {
            let _ = write!(perform, " {}", quoted(word));
        }
        if index == 0 && record.environment.is_some() {
            add("settle deploying");
            add(&perform);
            add("case $why:$code in");
            add("  exit:0) settle deployed ;;");
            add("  cancelled:*) settle broken; finish cancelled ;;");
            add("  *) settle broken; finish failed ;;");
            add("esac");
        } else {
            add(&perform);
            add("[ \"$why\" != cancelled ] || finish cancelled");
            add("[ \"$why:$code\" = exit:0 ] || failed=1");
        }
    }
    add("[ -z \"$failed\" ] || finish failed");
    add("finish succeeded");
    Ok(script)
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_quoted_word_is_one_word_for_the_shell() {
        assert_eq!(quoted("it's $HOME `x`"), "'it'\\''s $HOME `x`'");
        assert_eq!(quoted(""), "''");
    }
}
