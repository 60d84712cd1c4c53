//! The folder of recordings, within its bounds.

use std::collections::VecDeque;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What a file is called while it is written.
const UNFINISHED: &str = ".unfinished-";

/// A folder that holds so much and no more: the oldest files make room.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    max_bytes: u64,
    max_files: usize,
    /// Names with their sizes, oldest first: a name begins with its time.
    files: VecDeque<(String, u64)>,
}

impl Folder {
    /// Opens a folder, making it where it is not there.
    pub(super) fn open(path: &Path, max_bytes: u64, max_files: usize) -> io::Result<Self> {
        make(path)?;
        let mut files = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(UNFINISHED) {
                // A server that was killed has left it.
                fs::remove_file(entry.path())?;
            } else if name.ends_with(".json") {
                files.push((name, entry.metadata()?.len()));
            }
        }
        files.sort();
        let mut folder = Self { path: path.to_owned(), max_bytes, max_files, files: files.into() };
        folder.make_room(0)?;
        Ok(folder)
    }

    /// Writes a file, whole or not at all.
    pub(super) fn write(&mut self, name: String, bytes: &[u8]) -> io::Result<()> {
        let size = bytes.len() as u64;
        if size > self.max_bytes {
            return Err(io::Error::other(format!("it has {size} bytes, and record.max_bytes is {}", self.max_bytes)));
        }
        self.make_room(size)?;
        // Files of this kind are readable for their owner alone (0600).
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.path)?;
        file.write_all(bytes)?;
        file.persist(self.path.join(&name)).map_err(|e| e.error)?;
        self.files.push_back((name, size));
        Ok(())
    }

    /// Removes the oldest files until one more of this size fits.
    fn make_room(&mut self, size: u64) -> io::Result<()> {
        let more = usize::from(size > 0);
        let mut total: u64 = self.files.iter().map(|(_, size)| size).sum();
        while total + size > self.max_bytes || self.files.len() + more > self.max_files {
            let Some((oldest, freed)) = self.files.pop_front() else { return Ok(()) };
            total -= freed;
            match fs::remove_file(self.path.join(oldest)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_oldest_files_make_room_by_number_and_by_size() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("recordings");
        let mut folder = Folder::open(&path, 10, 3).unwrap();
        for name in ["1.json", "2.json", "3.json", "4.json"] {
            folder.write(name.to_owned(), b"xx").unwrap();
        }
        assert_eq!(names(&path), ["2.json", "3.json", "4.json"]);
        folder.write("5.json".to_owned(), b"yyyyyyy").unwrap();
        assert_eq!(names(&path), ["4.json", "5.json"]);
        assert!(folder.write("6.json".to_owned(), &[b'z'; 11]).unwrap_err().to_string().contains("max_bytes"));
        assert_eq!(names(&path), ["4.json", "5.json"]);
    }

    #[test]
    fn a_new_start_keeps_the_bounds_and_removes_what_was_not_finished() {
        let home = tempfile::tempdir().unwrap();
        for name in ["1.json", "2.json", ".unfinished-abc", "note.txt"] {
            fs::write(home.path().join(name), "xx").unwrap();
        }
        let mut folder = Folder::open(home.path(), 100, 1).unwrap();
        assert_eq!(names(home.path()), ["2.json", "note.txt"]);
        folder.write("3.json".to_owned(), b"xx").unwrap();
        assert_eq!(names(home.path()), ["3.json", "note.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_a_recording() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("recordings");
        Folder::open(&path, 100, 9).unwrap().write("1.json".to_owned(), b"x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join("1.json"))), (0o700, 0o600));
    }
}
