//! The operator's folders of models: `MODEL/RESOURCE.json`, as the built-in ones stand.

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use patchboard_gateway::model::{Model, ModelError, ModelFault, Models, is_name};
use serde::Serialize;

use super::Known;

/// What is wrong with a file, or with a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileFault {
    /// The file.
    pub file: PathBuf,
    /// The place in it, as a JSON pointer; empty for all of it.
    pub pointer: String,
    /// What is wrong there, and what to do.
    pub message: String,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { String::new() } else { format!("{}: ", self.pointer) };
        write!(f, "{}: {place}{}", self.file.display(), self.message)
    }
}

impl FileFault {
    fn new(file: &Path, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), pointer: String::new(), message: message.into() }
    }

    fn of(file: &Path, fault: ModelFault) -> Self {
        Self { file: file.to_owned(), pointer: fault.pointer, message: fault.message }
    }
}

/// Everything that was found in folders of models.
#[derive(Debug, Default)]
pub struct Survey {
    /// The models that can be used.
    pub known: Known,
    /// What is wrong.
    pub faults: Vec<FileFault>,
    /// What is not used, and does no harm.
    pub notes: Vec<FileFault>,
}

impl Survey {
    /// Reads folders beside what is built in.
    ///
    /// # Errors
    /// [`ModelError`] when a built-in model is broken.
    pub fn of(folders: &[PathBuf]) -> Result<Self, ModelError> {
        let mut survey = Self::built_in()?;
        folders.iter().for_each(|folder| survey.folder(folder));
        Ok(survey)
    }

    /// Reads one file, which stands in the folder of its model.
    ///
    /// # Errors
    /// [`ModelError`] when a built-in model is broken.
    pub fn of_file(file: &Path) -> Result<Self, ModelError> {
        let mut survey = Self::built_in()?;
        let whole = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let model = whole.parent().map(name_of).unwrap_or_default();
        survey.file(&model, file);
        Ok(survey)
    }

    fn built_in() -> Result<Self, ModelError> {
        Ok(Self { known: Known { models: Models::built_in()?, ..Known::default() }, ..Self::default() })
    }

    fn fault(&mut self, file: &Path, message: impl Into<String>) {
        self.faults.push(FileFault::new(file, message));
    }

    fn folder(&mut self, folder: &Path) {
        for entry in self.entries(folder) {
            if entry.is_dir() {
                self.model(&entry);
            } else if is_json(&entry) {
                let place = folder.join("MODEL").join(entry.file_name().unwrap_or_default());
                self.fault(&entry, format!("stands in no model's folder; move it to {}", place.display()));
            } else {
                self.unread(&entry);
            }
        }
    }

    /// The folder of one model.
    fn model(&mut self, folder: &Path) {
        for entry in self.entries(folder) {
            if entry.is_dir() {
                self.fault(&entry, "is a folder inside of a model's; a model's folder holds RESOURCE.json");
            } else if is_json(&entry) {
                self.file(&name_of(folder), &entry);
            } else {
                self.unread(&entry);
            }
        }
    }

    fn unread(&mut self, file: &Path) {
        self.notes.push(FileFault::new(file, "is not read: the name of a model's file ends with .json"));
    }

    /// What stands in a folder, by name. What begins with a dot is somebody else's.
    fn entries(&mut self, folder: &Path) -> Vec<PathBuf> {
        let read = || -> io::Result<Vec<PathBuf>> { fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect() };
        match read() {
            Ok(mut entries) => {
                entries.retain(|entry| !name_of(entry).starts_with('.'));
                entries.sort();
                entries
            }
            Err(error) => {
                self.fault(folder, format!("cannot be read: {error}"));
                Vec::new()
            }
        }
    }

    fn file(&mut self, model: &str, file: &Path) {
        let resource = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for (what, name) in [("folder", model), ("file", &resource)] {
            if !is_name(name) {
                let why = "it takes a to z, 0 to 9, _ and -, begins with a letter, and has at most 63 characters";
                return self.fault(file, format!("{name:?} is no name for a {what} of models: {why}"));
            }
        }
        let bytes = match fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) => return self.fault(file, format!("cannot be read: {error}")),
        };
        match Model::of_file(&bytes) {
            Ok(read) => self.add(model, &resource, file, read),
            Err(faults) => self.faults.extend(faults.into_iter().map(|fault| FileFault::of(file, fault))),
        }
    }

    /// One name has one meaning: callers and plugins rely on it.
    fn add(&mut self, model: &str, resource: &str, file: &Path, read: Model) {
        let name = format!("{model}/{resource}");
        match (self.known.files.get(&name), self.known.models.get(model, resource)) {
            (Some(other), _) => {
                let other = other.display().to_string();
                self.fault(file, format!("{name} is in {other}, too; take one of them away, or give it another name"));
            }
            (None, Some(_)) => {
                self.fault(file, format!("{name} is the name of a built-in model, which is not replaced; give the file another name"));
            }
            (None, None) => {
                self.notes.extend(read.notes().iter().map(|note| FileFault::of(file, note.clone())));
                self.known.models.add(model, resource, read);
                self.known.files.insert(name, file.to_owned());
            }
        }
    }
}

fn is_json(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "json")
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::ModelsError;

    const PERSON: &str = r#"{"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}"#;

    /// A folder with these files.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        folder
    }

    fn survey(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let folder = folder(files);
        let survey = Survey::of(&[folder.path().to_owned()]).unwrap();
        let prefix = format!("{}/", folder.path().display());
        let lines = |faults: Vec<FileFault>| faults.iter().map(|fault| fault.to_string().replace(&prefix, "")).collect();
        (lines(survey.faults), lines(survey.notes))
    }

    #[test]
    fn models_of_a_folder_stand_beside_those_that_are_built_in() {
        let folder = folder(&[("hr/people.json", PERSON), ("hr/.people.json.swp", "x"), (".git/config.json", "x")]);
        let known = Known::read(&[folder.path().to_owned()]).unwrap();
        let names: Vec<String> = known.all().all().map(|(model, resource, _)| format!("{model}/{resource}")).collect();
        assert_eq!(names, ["crm/projects", "hr/people", "ticketing/workspaces"]);
        assert_eq!(known.file("hr", "people"), Some(folder.path().join("hr/people.json").as_path()));
        assert_eq!(known.file("crm", "projects"), None);
    }

    #[test]
    fn each_fault_is_one_line_with_file_place_and_what_to_do() {
        let (faults, notes) = survey(&[
            ("lonely.json", PERSON),
            ("HR/people.json", PERSON),
            ("hr/deep/people.json", PERSON),
            ("hr/teams.json", r#"{"type": "object", "properties": {"a": {"minimum": "1"}, "b": {"format": "int32"}}}"#),
            ("hr/a people.json", PERSON),
            ("crm/projects.json", PERSON),
            ("hr/README.md", ""),
            ("hr/people.json", PERSON),
        ]);
        let starts = |start: &str| faults.iter().any(|line| line.starts_with(start));
        for start in [
            "lonely.json: stands in no model's folder; move it to MODEL/lonely.json",
            "HR/people.json: \"HR\" is no name for a folder of models: it takes a to z",
            "hr/deep: is a folder inside of a model's",
            "hr/teams.json: /properties/a/minimum: \"1\" is not of type \"number\"",
            "hr/teams.json: /properties/b/format: \"int32\" is no format",
            "hr/a people.json: \"a people\" is no name for a file",
            "crm/projects.json: crm/projects is the name of a built-in model, which is not replaced",
        ] {
            assert!(starts(start), "{start}: {faults:#?}");
        }
        assert_eq!(faults.len(), 7, "{faults:#?}");
        assert!(notes.iter().any(|line| line.starts_with("hr/README.md: is not read")), "{notes:?}");
        assert!(notes.iter().any(|line| line.starts_with("hr/people.json: /required: nothing is held against it")), "{notes:?}");
    }

    #[test]
    fn the_same_name_in_two_folders_is_refused_with_both() {
        let (one, other) = (folder(&[("hr/people.json", PERSON)]), folder(&[("hr/people.json", PERSON)]));
        let refused = Known::read(&[one.path().to_owned(), other.path().to_owned()]).unwrap_err().to_string();
        for path in [one.path(), other.path()] {
            assert!(refused.contains(&path.join("hr/people.json").display().to_string()), "{refused}");
        }
    }

    #[test]
    fn the_first_fault_stops_and_says_how_many_there_are() {
        let folder = folder(&[("hr/people.json", "{"), ("hr/teams.json", "{}")]);
        let path = folder.path().display().to_string();
        let refused = Known::read(&[folder.path().to_owned()]).unwrap_err();
        assert!(matches!(refused, ModelsError::Faults { more: 1, .. }));
        let line = refused.to_string();
        assert!(line.starts_with(&format!("the models: {path}/hr/people.json: is not JSON: ")), "{line}");
        assert!(line.ends_with(&format!("(1 more: patchboard model check {path})")), "{line}");
        let nowhere = Known::read(&[folder.path().join("nowhere")]).unwrap_err().to_string();
        assert!(nowhere.contains("nowhere: cannot be read: "), "{nowhere}");
    }

    #[test]
    fn changes_are_told_by_name() {
        let folder = folder(&[("hr/people.json", PERSON), ("hr/teams.json", PERSON)]);
        let read = || Known::read(&[folder.path().to_owned()]).unwrap();
        let before = read();
        fs::write(folder.path().join("hr/people.json"), PERSON.replace("\"id\": {", "\"name\": {}, \"id\": {")).unwrap();
        fs::remove_file(folder.path().join("hr/teams.json")).unwrap();
        fs::write(folder.path().join("hr/desks.json"), PERSON).unwrap();
        assert_eq!(read().changes(&before), ["hr/desks is new", "hr/people is another", "hr/teams is gone"]);
        assert_eq!(before.changes(&before), Vec::<String>::new());
    }

    #[test]
    fn a_file_alone_has_its_model_by_its_folder() {
        let folder = folder(&[("hr/people.json", PERSON)]);
        let survey = Survey::of_file(&folder.path().join("hr/people.json")).unwrap();
        assert_eq!(survey.faults, []);
        assert!(survey.known.all().get("hr", "people").is_some());
    }
}
