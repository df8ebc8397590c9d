//! Writes the generated TypeScript into the folder named by the first argument.

fn main() -> std::io::Result<()> {
    match std::env::args_os().nth(1) {
        Some(folder) => signalbox_app::bindings::write(std::path::Path::new(&folder)),
        None => Err(std::io::Error::other("name the folder to write to")),
    }
}
