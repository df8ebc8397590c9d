//! One lock a stage: who works in it, and whether they still do.
//!
//! The runner inherits the locked file and holds the lock until it ends, whatever becomes of the
//! program that started it. So "the lock is held and names this operation" is the proof of life that
//! survives restarts and that a recycled process id can't fake.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::OperationKey;

/// A reader holds a shared lock for an instant, so a busy stage is asked a few times.
const PATIENCE: u32 = 20;
const PAUSE: Duration = Duration::from_millis(25);

/// The lock of one stage, held.
pub(super) struct StageLock {
    file: File,
}

impl StageLock {
    /// Takes the stage for `key`, or returns nothing if something works in it.
    pub fn take(path: &Path, key: &OperationKey) -> std::io::Result<Option<Self>> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        for attempt in 0.. {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if attempt >= PATIENCE => return Ok(None),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            }
        }
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(key.as_str().as_bytes())?;
        Ok(Some(Self { file }))
    }

    /// Gives the lock away, to be inherited.
    pub fn into_file(self) -> File {
        self.file
    }
}

/// Returns the operation that works in a stage now.
pub(super) fn holder(path: &Path) -> std::io::Result<Option<OperationKey>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            Ok(OperationKey::new(text).ok())
        }
    }
}

/// Returns where the lock of a stage lives.
pub(super) fn path(runs: &Path, service: &str, stage: &str) -> PathBuf {
    // Neither name may contain an @.
    runs.join(".locks").join(format!("{service}@{stage}"))
}
