//! Files and folders that only this account can read, written so that they survive a power cut.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Replaces a file in one step.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    platform::create_folder(folder)?;
    let draft = path.with_extension("new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = platform::create_file(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    platform::sync_folder(folder)
}

/// Says whether others may read the file.
pub(crate) fn is_exposed(file: &File) -> io::Result<bool> {
    platform::is_exposed(file)
}

#[cfg(unix)]
mod platform {
    use std::fs::{DirBuilder, File, OpenOptions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
    use std::path::Path;

    pub fn create_folder(path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    pub fn create_file(path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
    }

    pub fn sync_folder(path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    pub fn is_exposed(file: &File) -> io::Result<bool> {
        Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
    }
}

/// Access lists of the folder apply; the standard library can't change them.
#[cfg(not(unix))]
mod platform {
    use std::fs::{self, File, OpenOptions};
    use std::io;
    use std::path::Path;

    pub fn create_folder(path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    pub fn create_file(path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(path)
    }

    pub fn sync_folder(_path: &Path) -> io::Result<()> {
        Ok(())
    }

    pub fn is_exposed(_file: &File) -> io::Result<bool> {
        Ok(false)
    }
}
