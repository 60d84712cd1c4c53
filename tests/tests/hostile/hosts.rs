//! Plugins that declare hosts which are this machine, its network or the metadata service of
//! a cloud, in every way of writing them.

use patchboard_tests::plugin_files::{PluginFolder, replaced};
use patchboard_tests::{Setup, seeds};
use serde_json::json;

use crate::component::hostile;
use crate::scene::{TOKEN, of};

/// The hostile plugin under another name, with another base URL and other hosts.
fn plugin(name: &str, base_url: &str, hosts: &str) -> Vec<u8> {
    let named = replaced(&hostile(), "\"name\": \"hostile\"", &format!("\"name\": \"{name}\""));
    let url = format!("{:<30}", format!("\"{base_url}\""));
    let hosts = format!("{:<19}", format!("[\"{hosts}\"]"));
    replaced(&replaced(&named, "\"https://hostile.example/base\"", &url), "[\"hostile.example\"]", &hosts)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declared_host_that_is_private_is_not_reached() {
    let cases = [
        ("host-01", "https://localhost", "localhost", "localhost"),
        ("host-02", "https://127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("host-03", "https://127.1", "127.0.0.1", "127.0.0.1"),
        ("host-04", "https://10.0.0.1", "10.0.0.1", "10.0.0.1"),
        ("host-05", "https://169.254.169.254", "169.254.169.254", "169.254.169.254"),
        ("host-06", "https://2852039166", "169.254.169.254", "169.254.169.254"),
        ("host-07", "https://0xa9fea9fe", "169.254.169.254", "169.254.169.254"),
        ("host-08", "https://0251.0376.0251.0376", "169.254.169.254", "169.254.169.254"),
        ("host-09", "https://LOCALHOST", "localhost", "localhost"),
        ("host-10", "https://0", "0.0.0.0", "0.0.0.0"),
    ];
    let folder = PluginFolder::empty();
    for (name, base_url, hosts, _) in cases {
        folder.put(&format!("{name}.wasm"), &plugin(name, base_url, hosts));
    }
    let world = Setup::default().arg("--plugins").arg(&folder.text()).start();
    for (name, base_url, _, host) in cases {
        let add = ["account", "add", "--provider", name, "--plugins", &folder.text(), "--credential-file", "-"];
        let account = world.command(&add).input(&seeds::credential(TOKEN)).succeed().stdout.trim().to_owned();
        let path = format!("/unified/ticketing/workspaces/7?integrated_account_id={account}");
        let problem = world.call("PATCH", &path).json(&json!({"name": "good"})).send().await.problem(422, "upstream_not_allowed");
        let detail = format!("{host} has no address that may be reached: private, loopback and link-local addresses are refused");
        assert_eq!(of(&problem), ("upstream_not_allowed", "authorise", detail.as_str()), "{base_url}");
        world.serves(&seeds::WRIKE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_url_that_is_not_among_the_declared_hosts_is_refused_when_it_is_loaded() {
    for (base_url, hosts, why) in [
        (
            "https://evil.example",
            "hostile.example",
            "the manifest contradicts itself: the base URL's host evil.example is not among the declared hosts",
        ),
        (
            "https://hostile.example@evil",
            "hostile.example",
            "the manifest contradicts itself: the base URL's host evil is not among the declared hosts",
        ),
        (
            "https://[::ffff:a9fe:a9fe]",
            "hostile.example",
            "the manifest contradicts itself: the base URL's host [::ffff:a9fe:a9fe] is not among the declared hosts",
        ),
        ("http://localhost", "localhost", "the manifest does not fit its schema"),
        ("https://[::1]", "[::1]", "the manifest does not fit its schema"),
    ] {
        let folder = PluginFolder::with("host.wasm", &plugin("host-00", base_url, hosts));
        let file = folder.file("host.wasm").display().to_string();
        let run = patchboard_tests::patchboard(&["plugin", "inspect", &file, "--data-dir", &folder.text()]).run();
        run.is_misuse(&format!("{file} is not admitted: {why}"));
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    }
}
