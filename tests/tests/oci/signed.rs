//! Signatures: made by `push --sign-key`, wanted by the policy, verified without asking
//! anybody.

use std::fs;
use std::process::Command;

use patchboard_tests::{Registry, client};
use serde_json::{Value, json};

use crate::component::{NAME, digest, first, version};
use crate::place::Place;

/// A key pair that openssl has made, and a configuration that trusts it.
struct Signer {
    private: String,
    public: String,
    config: String,
    folder: tempfile::TempDir,
}

impl Signer {
    /// None where there is no openssl, which is said.
    fn new(name: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).display().to_string();
        let (private, public, config) = (file("key"), file("pub"), file("patchboard.toml"));
        let made =
            Command::new("openssl").args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", &private]).output();
        if !made.is_ok_and(|made| made.status.success()) {
            eprintln!("skipped: openssl is not installed; on Debian: apt-get install openssl");
            return None;
        }
        assert!(Command::new("openssl").args(["pkey", "-in", &private, "-pubout", "-out", &public]).status().unwrap().success());
        fs::write(&config, format!("[[plugins_policy.signers]]\nname = \"{name}\"\nkey = \"{public}\"\n")).unwrap();
        Some(Self { private, public, config, folder })
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }
}

#[test]
fn what_a_trusted_signer_has_signed_is_installed_and_loaded() {
    let (Some(registry), Some(us), Some(them)) = (Registry::open(), Signer::new("us"), Signer::new("them")) else { return };
    let place = Place::new();
    let file = place.file("push.wasm", first());
    let reference = registry.at("hostile:0.1.0");
    let push = |key: &str| place.plugin(&["push", &file, &reference, "--sign-key", key]).succeed();
    let install = |config: &str| place.install(&reference).args(["--config", config]).run();
    let _ = place.plugin(&["push", &file, &reference]).succeed();
    let unsigned = install(&us.config);
    assert!(
        unsigned.code == Some(1) && unsigned.stderr.contains("it is not signed") && unsigned.stderr.contains("us"),
        "{}",
        unsigned.stderr
    );
    assert!(push(&them.private).stderr.contains("it is signed"));
    let by_another = install(&us.config);
    assert!(by_another.code == Some(1) && by_another.stderr.contains("none of its 1 signatures"), "{}", by_another.stderr);
    place.is_empty();
    assert!(push(&us.private).stderr.contains("it is signed"));
    assert!(push(&us.private).stderr.contains("already"), "signing twice is signing once");
    let signed = install(&us.config);
    assert!(signed.code == Some(0) && signed.stdout.contains("by us"), "{}{}", signed.stdout, signed.stderr);
    assert!(place.lock().contains("signer = \"us\""), "{}", place.lock());
    let list = |config: &str| place.plugin(&["list", "--json", "--config", config]).run();
    let loaded = list(&us.config).json();
    let own = loaded["loaded"].as_array().unwrap().iter().find(|plugin| plugin["name"] == NAME).unwrap().clone();
    assert_eq!((&own["signer"], &own["source"]), (&json!("us"), &json!(reference)));
    // Both have signed it, so it may be either of them; a third has not.
    assert_eq!(list(&them.config).code, Some(0));
    let third = Signer::new("third").unwrap();
    assert!(list(&third.config).json()["refused"][0]["why"].as_str().unwrap().contains("none of its 2 signatures"));
}

#[test]
fn a_signature_that_is_claimed_by_the_lock_file_alone_counts_nothing() {
    let (Some(registry), Some(us)) = (Registry::open(), Signer::new("us")) else { return };
    let place = Place::new();
    let file = place.file("push.wasm", first());
    let reference = registry.at("hostile:0.1.0");
    let _ = place.plugin(&["push", &file, &reference, "--sign-key", &us.private]).succeed();
    let _ = place.install(&reference).args(["--config", &us.config]).succeed();
    // Somebody replaces the component, and says in the lock file that it is the right one.
    let evil = version("0.1.0").iter().chain([0, 1, 0].iter()).copied().collect::<Vec<u8>>();
    fs::write(place.folder().join("hostile@0.1.0.wasm"), &evil).unwrap();
    fs::write(place.lock_file(), place.lock().replace(&digest(&first()), &digest(&evil))).unwrap();
    let run = place.plugin(&["list", "--config", &us.config]).run();
    assert!(run.code == Some(1) && run.stderr.contains("names another component"), "{}", run.stderr);
}

#[tokio::test]
async fn a_signature_has_cosigns_layout_and_openssl_verifies_it() {
    let (Some(registry), Some(us)) = (Registry::open(), Signer::new("us")) else { return };
    let place = Place::new();
    let file = place.file("push.wasm", first());
    let pushed = place.plugin(&["push", &file, &registry.at("hostile:0.1.0"), "--sign-key", &us.private]).succeed();
    let manifest = pushed.stdout.trim().split_once('@').unwrap().1.to_owned();
    let get = async |path: String| {
        client()
            .get(registry.url(&path))
            .header("accept", "application/vnd.oci.image.manifest.v1+json")
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap()
    };
    let signature: Value = serde_json::from_slice(&get(format!("/v2/hostile/manifests/{}.sig", manifest.replace(':', "-"))).await).unwrap();
    let layer = &signature["layers"][0];
    assert_eq!(layer["mediaType"], "application/vnd.dev.cosign.simplesigning.v1+json");
    let payload = get(format!("/v2/hostile/blobs/{}", layer["digest"].as_str().unwrap())).await;
    let statement: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(statement["critical"]["type"], "cosign container image signature");
    assert_eq!(statement["critical"]["image"]["docker-manifest-digest"], manifest);
    assert_eq!(statement["critical"]["identity"]["docker-reference"], format!("{}/hostile", registry.host()));
    use base64::Engine as _;
    let text = layer["annotations"]["dev.cosignproject.cosign/signature"].as_str().unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let (payload, bytes) = (us.file("payload", &payload), us.file("signature", &bytes));
    let verified =
        Command::new("openssl").args(["dgst", "-sha256", "-verify", &us.public, "-signature", &bytes, &payload]).output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[test]
fn a_key_that_cannot_be_used_is_told_before_anything_is_sent() {
    let place = Place::new();
    let file = place.file("push.wasm", first());
    let key = place.file("key", "no key");
    let push = |key: &str| place.plugin(&["push", &file, "oci://127.0.0.1:1/hostile:0.1.0", "--sign-key", key]).run();
    push(&key).is_misuse("no private key");
    push("/nonexistent.key").is_misuse("nonexistent.key");
    let config = place.file("patchboard.toml", format!("[[plugins_policy.signers]]\nname = 'us'\nkey = '{key}'\n"));
    place.plugin(&["install", "--yes", "oci://127.0.0.1:1/hostile:0.1.0", "--config", &config]).run().is_misuse("plugins_policy.signers");
}
