//! An empty window: the least that any app of this kind takes to start, as the floor for measurements.

use tauri::WebviewWindowBuilder;
use tauri::webview::PageLoadEvent;

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            let config = app.config().app.windows.first().ok_or("no window is configured")?;
            WebviewWindowBuilder::from_config(app.handle(), config)?
                .on_page_load(|_, load| {
                    if load.event() == PageLoadEvent::Finished {
                        println!("ready");
                    }
                })
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!("examples/empty_window/tauri.conf.json"))
}
