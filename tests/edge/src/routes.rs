//! Which component a path belongs to; with the very library that Spin uses.

use routefinder::{RouteSpec, Router};

use crate::manifest::{Manifest, ManifestError, Route};

/// The public routes.
pub(crate) struct Routes(Router<Public>);

/// A route that matched, or stands in for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Matched {
    /// The component that answers.
    pub(crate) component: String,
    /// The route as the manifest has it.
    pub(crate) route: String,
    /// What the route's wildcard stands for.
    pub(crate) path_info: String,
}

#[derive(Debug, Clone)]
struct Public {
    component: String,
    route: String,
}

impl Routes {
    /// The public routes of a manifest.
    pub(crate) fn of(manifest: &Manifest) -> Result<Self, ManifestError> {
        let mut router = Router::new();
        let mut seen = Vec::new();
        for trigger in manifest.triggers() {
            let Route::Public(route) = &trigger.route else { continue };
            if seen.contains(route) {
                return Err(ManifestError::DuplicateRoute(route.clone()));
            }
            seen.push(route.clone());
            let wrong = |why: String| ManifestError::Route { route: route.clone(), why };
            let spec: RouteSpec = pattern(route).parse().map_err(wrong)?;
            let added = router.add(spec, Public { component: trigger.component.clone(), route: route.clone() });
            added.map_err(|why| wrong(why.to_string()))?;
        }
        Ok(Self(router))
    }

    /// The route of a path: the longest that fits.
    pub(crate) fn find(&self, path: &str) -> Option<Matched> {
        let matched = self.0.best_match(path)?;
        let Public { component, route } = matched.handler().clone();
        let captures = matched.captures();
        let behind = captures.wildcard().unwrap_or_default();
        let slash = if captures.wildcard().is_some() && path.ends_with('/') { "/" } else { "" };
        let path_info = if behind.is_empty() { slash.to_owned() } else { format!("/{behind}{slash}") };
        Some(Matched { component, route, path_info })
    }
}

impl Matched {
    /// For a request inside the app, which has no route.
    pub(crate) fn inside(component: &str, path: &str) -> Self {
        Self { component: component.to_owned(), route: "/...".to_owned(), path_info: path.to_owned() }
    }
}

/// Spin's `...` in the library's own spelling.
fn pattern(route: &str) -> String {
    let absolute = if route.starts_with('/') { route.to_owned() } else { format!("/{route}") };
    let open = absolute.strip_suffix('/').unwrap_or(&absolute);
    open.strip_suffix("/...").map_or_else(|| open.to_owned(), |fixed| format!("{fixed}/*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(routes: &[&str]) -> Result<Routes, ManifestError> {
        let triggers: String = routes.iter().map(|route| format!("[[trigger.http]]\nroute = {route:?}\ncomponent = \"c\"\n")).collect();
        let text = format!("spin_manifest_version = 2\n[application]\nname = \"a\"\n{triggers}[component.c]\nsource = \"c.wasm\"\n");
        Routes::of(&Manifest::parse(&text).unwrap())
    }

    #[test]
    fn the_longest_route_that_fits_wins() {
        let routes = routes(&["/...", "/unified/...", "/ping"]).unwrap();
        for (path, route, path_info) in [
            ("/unified/a/b", "/unified/...", "/a/b"),
            ("/unified/a/", "/unified/...", "/a/"),
            ("/unified", "/unified/...", ""),
            ("/ping", "/ping", ""),
            ("/pong", "/...", "/pong"),
            ("/", "/...", "/"),
        ] {
            let matched = routes.find(path).unwrap();
            assert_eq!((matched.route.as_str(), matched.path_info.as_str()), (route, path_info), "{path}");
        }
    }

    #[test]
    fn a_path_without_a_route_has_none_and_a_route_given_twice_is_refused() {
        assert_eq!(routes(&["/unified/..."]).unwrap().find("/other"), None);
        assert!(matches!(routes(&["/a", "/a"]), Err(ManifestError::DuplicateRoute(_))));
    }
}
