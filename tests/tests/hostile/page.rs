//! `docs/security.md` lists every attack with the test that makes it.

use std::fs;
use std::path::Path;

fn names(text: &str, before: &str, after: &str) -> Vec<String> {
    text.split(before).skip(1).filter_map(|rest| rest.split(after).next()).map(str::to_owned).collect()
}

#[test]
fn every_test_that_the_page_names_is_there_and_every_attack_stands_on_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("../docs/security.md")).unwrap();
    let mut tests = String::new();
    for folder in ["tests/hostile", "tests/oci", "tests/e2e", "../host/src/egress", "../host/src/runtime", "../gateway/src", "../pack/src"]
    {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            tests.extend(path.is_file().then(|| fs::read_to_string(&path).unwrap()));
        }
    }
    let there = names(&tests, "fn ", "(");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ") && line.contains('`')).collect();
    assert!(rows.len() > 20, "{rows:#?}");
    for row in rows {
        let named = row.rsplit('|').nth(1).unwrap_or_default().trim().trim_matches('`');
        assert!(there.iter().any(|name| name == named), "{named:?} is no test: {row}");
    }
    for entry in fs::read_dir(root.join("tests/hostile")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for test in names(&text, "#[tokio::test(flavor = \"multi_thread\")]\nasync fn ", "(") {
            assert!(page.contains(&format!("`{test}`")), "docs/security.md does not name {test}");
        }
    }
}
