//! Declares the shell's own commands, so that a window may call exactly those its capability names.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let screens = std::path::Path::new("../ui/dist/index.html");
    if !screens.exists() {
        return Err("the screens are not built: run `cargo xtask setup`, then `npm run build` in ui/".into());
    }
    let commands = &["call", "choose_file", "choose_folder", "choose_save_file", "ui_ready"];
    let manifest = tauri_build::AppManifest::new().commands(commands);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))?;
    Ok(())
}
