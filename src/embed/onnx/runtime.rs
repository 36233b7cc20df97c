//! ONNX Runtime: a shared library, looked for where people have it.

use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ort::environment::Environment;

use super::shared::failed;
use crate::embed::places::RuntimePlaces;
use crate::error::{Result, Usage};
use crate::sys;

/// The oldest version that can be used, as `ort` asks for it by its feature `api-24`.
const OLDEST: &str = "1.24";

/// Opens the library, unless it is open, and returns the environment in which models run.
///
/// # Errors
///
/// Names each library that was found and why it can't be used.
pub(super) fn open(places: &RuntimePlaces) -> Result<Environment> {
    static OPENED: Mutex<Option<Environment>> = Mutex::new(None);
    let mut opened = OPENED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(environment) = &*opened {
        return Ok(environment.clone());
    }
    let candidates = match &places.library {
        Some(named) => vec![named.clone()],
        None => candidates(places),
    };
    let mut failures = Vec::new();
    for path in candidates {
        match ort::init_from(&path) {
            Ok(runtime) => {
                tracing::info!(path = %path.display(), "ONNX Runtime");
                // Official builds send figures about their use to their makers unless this is switched off.
                let environment = runtime.with_telemetry(false).build();
                let environment = environment.map_err(|error| failed("ONNX Runtime", &error))?;
                return Ok(opened.insert(environment).clone());
            }
            // The last candidate is a bare name for the system's loader; that it isn't found needs no message.
            Err(_) if places.library.is_none() && path.components().count() == 1 => {}
            Err(error) => failures.push(format!("{}, {}", path.display(), reason(&path, &error))),
        }
    }
    let named = places.library.is_some();
    let found = match failures.join("; ") {
        failures if named => format!("ORT_DYLIB_PATH names {failures}"),
        failures if failures.is_empty() => "none was found".into(),
        failures => failures,
    };
    Err(Usage::NoRuntime { oldest: OLDEST, found, named }.into())
}

/// Why a library can't be used.
fn reason(path: &Path, error: &ort::LoadDynamicError) -> String {
    match error {
        ort::LoadDynamicError::BadVersion { version_str, .. } => {
            format!("which is version {version_str}")
        }
        ort::LoadDynamicError::MissingApi { .. } => "which isn't ONNX Runtime".into(),
        // The system looks for a name without a folder.
        _ if path.components().count() > 1 && !path.exists() => "which isn't there".into(),
        ort::LoadDynamicError::Dlopen { error, .. } => {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            format!("which the system can't load{cause}")
        }
        ort::LoadDynamicError::InvalidVersionString => "which doesn't say its version".into(),
    }
}

/// The libraries that there are: those that pip installed, then the system's.
fn candidates(places: &RuntimePlaces) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for prefix in places.prefixes.iter().flat_map(|prefix| each(prefix)) {
        for packages in packages(&prefix) {
            found.extend(libraries(&packages.join("onnxruntime/capi")));
        }
    }
    for folder in &places.folders {
        found.extend(libraries(folder));
    }
    found.push(PathBuf::from(format!(
        "{}onnxruntime{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    )));
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(sys::resolved(path).unwrap_or_else(|_| path.clone())));
    found
}

/// The folders that a prefix stands for.
fn each(prefix: &Path) -> Vec<PathBuf> {
    match prefix.parent() {
        Some(parent) if prefix.ends_with("*") => list(parent).into_iter().rev().collect(),
        _ => vec![prefix.to_path_buf()],
    }
}

/// Where the Python installed at `prefix` has its packages.
fn packages(prefix: &Path) -> Vec<PathBuf> {
    let mut found = vec![prefix.join("Lib/site-packages")];
    let mut versions: Vec<PathBuf> = list(&prefix.join("lib"));
    versions
        .retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python3")));
    // The newest first.
    versions.reverse();
    for version in versions {
        found.extend([version.join("site-packages"), version.join("dist-packages")]);
    }
    found
}

/// The files in `folder` that are called like the library, the newest first.
fn libraries(folder: &Path) -> Vec<PathBuf> {
    let mut found = list(folder);
    found.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let rest =
            name.strip_prefix(std::env::consts::DLL_PREFIX).and_then(|name| name.strip_prefix("onnxruntime"));
        // libonnxruntime.so.1.31.1, libonnxruntime.1.31.1.dylib; not libonnxruntime_providers_shared.so.
        rest.is_some_and(|rest| rest.starts_with('.') && rest.contains(std::env::consts::DLL_SUFFIX))
    });
    found.reverse();
    found
}

/// What a folder holds, by name; nothing if it can't be read.
fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn libraries_are_found_where_pip_puts_them() {
        let at = tempfile::tempdir().unwrap();
        let suffix = std::env::consts::DLL_SUFFIX;
        let prefix = std::env::consts::DLL_PREFIX;
        let capi = at.path().join("lib/python3.11/site-packages/onnxruntime/capi");
        std::fs::create_dir_all(&capi).unwrap();
        let library = capi.join(format!("{prefix}onnxruntime{suffix}.1.31.1"));
        std::fs::write(&library, "not a library").unwrap();
        std::fs::write(capi.join(format!("{prefix}onnxruntime_providers_shared{suffix}")), "").unwrap();
        let places = RuntimePlaces { prefixes: vec![at.path().into()], ..RuntimePlaces::default() };
        assert_eq!(candidates(&places)[0], library);
        assert_eq!(candidates(&places).len(), 2);
        let all = RuntimePlaces { prefixes: vec![at.path().join("*")], ..RuntimePlaces::default() };
        assert_eq!(candidates(&all).len(), 1);
        std::fs::rename(at.path().join("lib"), at.path().join("moved")).unwrap();
        let version = at.path().join("versions/3.11.1");
        std::fs::create_dir_all(&version).unwrap();
        std::fs::rename(at.path().join("moved"), version.join("lib")).unwrap();
        let all = RuntimePlaces { prefixes: vec![at.path().join("versions/*")], ..RuntimePlaces::default() };
        let library =
            version.join("lib/python3.11/site-packages/onnxruntime/capi").join(library.file_name().unwrap());
        assert_eq!(candidates(&all)[0], library);
        let missing = RuntimePlaces { library: Some(library.clone()), ..RuntimePlaces::default() };
        let error = open(&missing).unwrap_err();
        assert!(error.to_string().contains(&library.display().to_string()), "{error}");
        assert!(matches!(error, Error::Usage(Usage::NoRuntime { .. })));
    }
}
