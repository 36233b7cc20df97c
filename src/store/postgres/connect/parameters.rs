//! The parameters of an address: which there are, where they come from, and what they mean.

use std::collections::BTreeMap;
use std::path::Path;

use super::service::service;

/// The environment's variables, by their names.
pub(super) type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The parameters that there are, each with the variable that has it where the address is silent.
const KNOWN: [(&str, Option<&str>); 15] = [
    ("application_name", Some("PGAPPNAME")),
    ("channel_binding", Some("PGCHANNELBINDING")),
    ("connect_timeout", Some("PGCONNECT_TIMEOUT")),
    ("dbname", Some("PGDATABASE")),
    ("host", Some("PGHOST")),
    ("passfile", Some("PGPASSFILE")),
    ("password", Some("PGPASSWORD")),
    ("port", Some("PGPORT")),
    ("schema", None),
    ("service", Some("PGSERVICE")),
    ("sslmode", Some("PGSSLMODE")),
    ("sslrootcert", Some("PGSSLROOTCERT")),
    ("statement_timeout", None),
    ("target_session_attrs", Some("PGTARGETSESSIONATTRS")),
    ("user", Some("PGUSER")),
];

/// How much of a connection is kept from others, as libpq names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Security {
    /// Never encrypted.
    Disable,
    /// Encrypted only if the server wants it.
    Allow,
    /// Encrypted if the server can.
    #[default]
    Prefer,
    /// Always encrypted, whoever the server is, unless there is a file of roots.
    Require,
    /// Always encrypted, with a server that a known root vouches for.
    VerifyCa,
    /// Always encrypted, with a server that a known root vouches for by its name.
    VerifyFull,
}

/// Which server is wanted, as libpq names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Whichever answers.
    #[default]
    Any,
    /// One that takes changes.
    ReadWrite,
    /// One that takes none.
    ReadOnly,
    /// One that others follow.
    Primary,
    /// One that follows another.
    Standby,
    /// One that follows another if there is one, else whichever answers.
    PreferStandby,
}

/// Whether a password's proof is bound to the connection, as libpq names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Binding {
    /// Never.
    Disable,
    /// If the server can.
    #[default]
    Prefer,
    /// Always.
    Require,
}

/// Values of a parameter, each with its name.
type Choices<T, const N: usize> = [(&'static str, T); N];

/// The values of `sslmode`.
const SECURITY: Choices<Security, 6> = [
    ("disable", Security::Disable),
    ("allow", Security::Allow),
    ("prefer", Security::Prefer),
    ("require", Security::Require),
    ("verify-ca", Security::VerifyCa),
    ("verify-full", Security::VerifyFull),
];

/// The values of `target_session_attrs`.
const WANTED: Choices<Wanted, 6> = [
    ("any", Wanted::Any),
    ("read-write", Wanted::ReadWrite),
    ("read-only", Wanted::ReadOnly),
    ("primary", Wanted::Primary),
    ("standby", Wanted::Standby),
    ("prefer-standby", Wanted::PreferStandby),
];

/// The values of `channel_binding`.
const BINDING: Choices<Binding, 3> =
    [("disable", Binding::Disable), ("prefer", Binding::Prefer), ("require", Binding::Require)];

/// What an address and its surroundings say. An empty value counts as none.
pub(super) struct Parameters<'a> {
    said: BTreeMap<String, String>,
    environment: Environment<'a>,
}

impl<'a> Parameters<'a> {
    /// Takes what an address says, and after that what its service says.
    pub(super) fn new(said: Vec<(String, String)>, environment: Environment<'a>) -> Result<Self, String> {
        check(&said, "it")?;
        let mut parameters = Self { said: said.into_iter().collect(), environment };
        parameters.said.retain(|_, value| !value.is_empty());
        if let Some(name) = parameters.get("service") {
            for (key, value) in from_service(&name, environment)? {
                if !value.is_empty() {
                    parameters.said.entry(key).or_insert(value);
                }
            }
        }
        Ok(parameters)
    }

    /// What the address or its service say of a parameter.
    pub(super) fn said(&self, name: &str) -> Option<String> {
        self.said.get(name).cloned()
    }

    /// A parameter's value, from the environment where address and service are silent.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let variable = || KNOWN.iter().find(|(known, _)| *known == name).and_then(|(_, variable)| *variable);
        self.said(name).or_else(|| self.variable(variable()?))
    }

    /// A variable of the environment that isn't empty.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        variable(self.environment, name)
    }

    /// What `sslmode` says, if it says something.
    pub(super) fn security(&self) -> Result<Option<Security>, String> {
        self.choice("sslmode", &SECURITY)
    }

    /// What `target_session_attrs` says.
    pub(super) fn wanted(&self) -> Result<Wanted, String> {
        Ok(self.choice("target_session_attrs", &WANTED)?.unwrap_or_default())
    }

    /// What `channel_binding` says.
    pub(super) fn binding(&self) -> Result<Binding, String> {
        Ok(self.choice("channel_binding", &BINDING)?.unwrap_or_default())
    }

    /// A number of seconds, from 1 to `most`.
    pub(super) fn seconds(&self, name: &str, otherwise: u64, most: u64) -> Result<u64, String> {
        let Some(value) = self.get(name) else { return Ok(otherwise) };
        let seconds = value.parse().ok().filter(|seconds| (1..=most).contains(seconds));
        seconds.ok_or_else(|| format!("{name} is a number of seconds from 1 to {most}"))
    }

    /// The one of some values that a parameter has.
    fn choice<T: Copy, const N: usize>(
        &self,
        name: &str,
        choices: &Choices<T, N>,
    ) -> Result<Option<T>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let found = choices.iter().find(|(known, _)| *known == value).map(|(_, choice)| *choice);
        let known = || choices.map(|(known, _)| known).join(", ");
        found.map(Some).ok_or_else(|| format!("{name} is one of {}", known()))
    }
}

/// A variable of the environment that isn't empty.
fn variable(environment: Environment<'_>, name: &str) -> Option<String> {
    environment(name).filter(|value| !value.is_empty())
}

/// Refuses parameters that there aren't.
fn check(said: &[(String, String)], whose: &str) -> Result<(), String> {
    let is_known = |name: &str| KNOWN.iter().any(|(known, _)| *known == name);
    let Some((unknown, _)) = said.iter().find(|(name, _)| !is_known(name)) else { return Ok(()) };
    let known: Vec<&str> = KNOWN.iter().map(|(known, _)| *known).collect();
    Err(format!("{whose} has a parameter `{unknown}`; those that are known are {}", known.join(", ")))
}

/// The parameters of a service.
fn from_service(name: &str, environment: Environment<'_>) -> Result<Vec<(String, String)>, String> {
    let path = variable(environment, "PGSERVICEFILE")
        .or_else(|| Some(variable(environment, "HOME")? + "/.pg_service.conf"))
        .ok_or("it names a service, and neither PGSERVICEFILE nor HOME is set")?;
    let path = Path::new(&path);
    let shown = path.display();
    if path.exists() && !path.is_file() {
        return Err(format!("{shown} isn't a regular file"));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("can't read {shown}: {}", crate::error::plain(&error)))?;
    let parameters = service(&text, name).map_err(|what| format!("{shown}: {what}"))?;
    let parameters = parameters.ok_or_else(|| format!("{shown} has no service `{name}`"))?;
    check(&parameters, &format!("the service `{name}` in {shown}"))?;
    Ok(parameters)
}
