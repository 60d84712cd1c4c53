//! An installation that is killed leaves what was there before, or what should be there.

use std::io::Write as _;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use patchboard_tests::Stub;

use crate::component::{NAME, digest, first, version, wider};
use crate::place::Place;
use crate::shelf::{Shelf, at, blob};

/// A registry that sends half of the component, says so, and then waits.
fn half() -> (Stub, Receiver<()>) {
    let (say, said) = channel();
    let say = Mutex::new(say);
    let shelf = Shelf::with(&first());
    let stub = Stub::speaking(move |seen, stream| {
        let mut bytes = shelf.answer(seen);
        if seen.target == blob(&first()) {
            bytes.truncate(bytes.len() / 2);
            let _ = stream.write_all(&bytes);
            let _ = say.lock().unwrap().send(());
            // Until the other side is gone.
            let _ = std::io::Read::read(stream, &mut [0]);
            return;
        }
        let _ = stream.write_all(&bytes);
    });
    (stub, said)
}

#[test]
fn a_kill_in_the_middle_of_a_download_leaves_nothing() {
    let place = Place::new();
    let (stub, said) = half();
    let mut child = place.install(&at(&stub)).spawn();
    said.recv().unwrap();
    child.kill().unwrap();
    let _ = child.wait();
    place.is_empty();
    let _ = place.install(&at(&Shelf::with(&first()).open())).succeed();
    assert_eq!(place.loads(NAME)["digest"], digest(&first()));
}

/// Kills an installation as soon as something of it is in the folder; then either version
/// may be the one that is installed, and it is whole.
#[test]
fn a_kill_in_the_middle_of_an_installation_leaves_the_old_or_the_new() {
    let place = Place::new();
    let _ = place.install(&at(&Shelf::with(&first()).open())).succeed();
    let (old, new) = (first(), wider("0.1.0"));
    let registries = [Arc::new(Shelf::with(&new).open()), Arc::new(Shelf::with(&old).open())];
    for round in 0..6 {
        let before = place.files();
        let mut child = place.install(&at(&registries[round % 2])).spawn();
        // It ends by itself at the latest.
        while place.files() == before && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _ = child.kill();
        let _ = child.wait();
        let found = place.loads(NAME)["digest"].clone();
        assert!(found == digest(&old) || found == digest(&new), "{found}");
        assert_eq!(place.components(), ["hostile@0.1.0.wasm"]);
        assert!(place.files().iter().all(|name| !name.ends_with(".pending") && !name.starts_with(".writing")), "{:?}", place.files());
    }
}

#[test]
fn installations_at_once_do_not_lose_each_other() {
    let place = Place::new();
    let registries: Vec<Stub> = ["0.1.0", "0.2.0", "0.3.0"].iter().map(|text| Shelf::with(&version(text)).open()).collect();
    // Each shelf has the tag 0.1.0; by digest every version can be had.
    let by_digest = |stub: &Stub, text: &str| {
        let manifest = Shelf::with(&version(text)).manifest_value().to_string();
        format!("oci://{}/hostile@{}", stub.address(), digest(manifest.as_bytes()))
    };
    let children: Vec<_> =
        registries.iter().zip(["0.1.0", "0.2.0", "0.3.0"]).map(|(stub, text)| place.install(&by_digest(stub, text)).spawn()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(place.components(), ["hostile@0.1.0.wasm", "hostile@0.2.0.wasm", "hostile@0.3.0.wasm"]);
    assert_eq!(place.loads(NAME)["version"], "0.3.0");
}
