//! Notices what other processes write into the same file.

use crate::desk::Desk;
use std::sync::Arc;
use std::time::Duration;

/// How often the file is asked; the question costs next to nothing.
const EVERY: Duration = Duration::from_millis(500);

impl Desk {
    /// Tells every screen when the database changed, whoever changed it.
    pub(crate) fn spawn_watcher(self: &Arc<Self>) {
        let desk = Arc::downgrade(self);
        let watcher = self.store.watcher();
        self.spawn(async move {
            let mut watcher = match watcher {
                Ok(watcher) => watcher,
                Err(error) => {
                    tracing::warn!(code = error.code(), "changes of other programs are not noticed");
                    return;
                }
            };
            loop {
                tokio::time::sleep(EVERY).await;
                let Some(desk) = desk.upgrade() else { return };
                match watcher.changed() {
                    Ok(true) => {
                        desk.work.notify_one();
                        desk.tell_all();
                    }
                    Ok(false) => {}
                    Err(error) => {
                        tracing::debug!(code = error.code(), "the file could not be asked for changes")
                    }
                }
            }
        });
    }
}
