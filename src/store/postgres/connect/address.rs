//! The address of a database: where its servers are, who asks, and how.
//!
//! It is written as libpq's URLs are, and where it is silent a service, the environment and a file of passwords say the rest,
//! in libpq's order. Two parameters are ours: `schema` and `statement_timeout`.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::DatabaseError;

use super::host::{Host, PORT, Place};
use super::parameters::{Binding, Environment, Parameters, Security, Wanted};
use super::passfile::Passfile;
use super::secret::Secret;
use super::url::{Parts, after_scheme, escaped, parts};

/// The schema where none is named.
const SCHEMA: &str = "qsearch";
/// How many characters a schema's name may have: what is made from it must fit into the 63 of PostgreSQL.
const MOST_SCHEMA: usize = 48;
/// How many seconds a server may take to let someone in where nothing else is said.
const CONNECT_SECONDS: u64 = 10;
/// How many seconds a statement may take where nothing else is said.
const STATEMENT_SECONDS: u64 = 30;

/// The address of a database. Neither its messages nor its debug form has a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(super) user: String,
    pub(super) hosts: Vec<Host>,
    pub(super) database: String,
    pub(super) security: Security,
    pub(super) roots: Roots,
    pub(super) wanted: Wanted,
    pub(super) binding: Binding,
    pub(super) application_name: String,
    schema: String,
    connect_seconds: u64,
    statement_seconds: u64,
    shown: String,
    warnings: Vec<String>,
}

/// Which certificates vouch for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    /// None is named.
    None,
    /// Those that browsers know.
    System,
    /// Those of a file.
    File(PathBuf),
}

impl Address {
    /// Whether a text is written as an address of a database is.
    pub(crate) fn is_one(text: &str) -> bool {
        after_scheme(text).is_some()
    }

    /// Reads an address, and what it leaves out from the environment and the files that either names.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Address`] if it can't be read, or says what isn't known.
    pub(crate) fn parse(
        text: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, DatabaseError> {
        read(text, environment).map_err(|what| DatabaseError::Address { what })
    }

    /// Whether a text has a password in it, where others could read it.
    pub(crate) fn has_password(text: &str) -> bool {
        let said = parts(text).map(as_parameters);
        said.is_ok_and(|said| said.iter().any(|(name, value)| name == "password" && !value.is_empty()))
    }

    /// The same database, for what is in another schema.
    #[must_use]
    pub(crate) fn with_schema(&self, schema: &str) -> Self {
        Self { schema: schema.to_owned(), ..self.clone() }
    }

    /// How messages name it: without a password, and without parameters but the schema if it isn't the usual one.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// The schema that all of ours is in; it needs no quotes in SQL.
    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// What is to be said of it, such as that a file of passwords isn't used.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How long a server may take to let someone in.
    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_secs(self.connect_seconds)
    }

    /// How long a statement may take.
    pub(crate) fn statement_timeout(&self) -> Duration {
        Duration::from_secs(self.statement_seconds)
    }

    /// Whether it already leads to a server that takes changes.
    pub(crate) fn is_for_writing(&self) -> bool {
        matches!(self.wanted, Wanted::ReadWrite | Wanted::Primary)
    }

    /// The same for who writes: of several servers the one that takes changes.
    #[must_use]
    pub(crate) fn for_writing(&self) -> Self {
        let wanted = if self.is_for_writing() { self.wanted } else { Wanted::ReadWrite };
        Self { wanted, ..self.clone() }
    }
}

/// Reads an address, or says what is wrong with it.
fn read(text: &str, environment: Environment<'_>) -> Result<Address, String> {
    let parameters = Parameters::new(as_parameters(parts(text)?), environment)?;
    let user = parameters.get("user");
    let user =
        user.or_else(|| ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| parameters.variable(name)));
    let user = user.ok_or("it names no user")?;
    let database = parameters.get("dbname").unwrap_or_else(|| user.clone());
    let mut hosts = all_hosts(&parameters)?;
    let warnings = add_passwords(&mut hosts, &database, &user, &parameters);
    let (security, roots) = trust(&parameters)?;
    let schema = schema(&parameters)?;
    let shown = shown(&user, &hosts, &database, &schema);
    Ok(Address {
        security,
        roots,
        wanted: parameters.wanted()?,
        binding: parameters.binding()?,
        application_name: parameters.get("application_name").unwrap_or_else(|| "qsearch".to_owned()),
        connect_seconds: parameters.seconds("connect_timeout", CONNECT_SECONDS, 3600)?,
        statement_seconds: parameters.seconds("statement_timeout", STATEMENT_SECONDS, 86_400)?,
        user,
        hosts,
        database,
        schema,
        shown,
        warnings,
    })
}

/// All that a URL says, as parameters. Those after its `?` come last: they count more, as in libpq.
fn as_parameters(said: Parts) -> Vec<(String, String)> {
    let Parts { user, password, hosts, database, parameters } = said;
    let (names, ports): (Vec<String>, Vec<String>) = hosts.into_iter().unzip();
    let numbers = if ports.iter().all(String::is_empty) { String::new() } else { ports.join(",") };
    let before = [
        ("user", user.unwrap_or_default()),
        ("password", password.map(|password| password.reveal().to_owned()).unwrap_or_default()),
        ("dbname", database.unwrap_or_default()),
        ("host", names.join(",")),
        ("port", numbers),
    ];
    before.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(parameters).collect()
}

/// The hosts with their ports; this machine if none is named.
fn all_hosts(parameters: &Parameters<'_>) -> Result<Vec<Host>, String> {
    let (hosts, ports) =
        (parameters.get("host").unwrap_or_default(), parameters.get("port").unwrap_or_default());
    let (hosts, mut ports): (Vec<&str>, Vec<&str>) = (hosts.split(',').collect(), ports.split(',').collect());
    if let [only] = ports[..] {
        ports = vec![only; hosts.len()];
    }
    if ports.len() != hosts.len() {
        return Err(format!("there are {} hosts and {} ports", hosts.len(), ports.len()));
    }
    hosts.iter().zip(ports).map(|(name, port)| host(name, port)).collect()
}

/// A host with its port.
fn host(name: &str, port: &str) -> Result<Host, String> {
    // What is wrong isn't repeated: it may be a part of a password.
    let port =
        match port {
            "" => PORT,
            port => port.parse().ok().filter(|port| *port > 0).ok_or(
                "a port is a number from 1 to 65535; in a password `:` and `/` are written %3A and %2F",
            )?,
        };
    let place = if name.is_empty() { Some(Place::own(port)) } else { Place::parse(name) };
    let place = place.ok_or("no host has such a name")?;
    Ok(Host { place, port, password: None })
}

/// Gives each host the password that was said, or the one that a file has for it. What is to be said of that is returned.
fn add_passwords(hosts: &mut [Host], database: &str, user: &str, parameters: &Parameters<'_>) -> Vec<String> {
    if let Some(said) = parameters.get("password") {
        for host in hosts {
            host.password = Secret::new(said.as_str());
        }
        return Vec::new();
    }
    let named = parameters.get("passfile");
    let usual = || parameters.variable("HOME").map(|home| home + "/.pgpass");
    let Some(path) = named.or_else(usual) else { return Vec::new() };
    let file = Passfile::read(path.as_ref());
    for host in hosts {
        host.password = file.password(&host.place.in_passfile(), host.port, database, user);
    }
    file.warning.into_iter().collect()
}

/// How far the server is to be trusted, and who vouches for it.
fn trust(parameters: &Parameters<'_>) -> Result<(Security, Roots), String> {
    let said = parameters.security()?;
    let roots = match parameters.get("sslrootcert").as_deref() {
        Some("system") => {
            // Anybody gets a certificate for some name from those, so that the name must be looked at.
            return match said {
                None | Some(Security::VerifyFull) => Ok((Security::VerifyFull, Roots::System)),
                Some(_) => Err("sslrootcert=system goes with sslmode=verify-full alone".to_owned()),
            };
        }
        Some(file) => Roots::File(PathBuf::from(file)),
        None => {
            let usual = parameters.variable("HOME").map(|home| PathBuf::from(home + "/.postgresql/root.crt"));
            usual.filter(|file| file.is_file()).map_or(Roots::None, Roots::File)
        }
    };
    let security = match said.unwrap_or_default() {
        Security::VerifyCa | Security::VerifyFull if roots == Roots::None => {
            return Err(
                "it wants a server that is vouched for, and sslrootcert doesn't say by whom".to_owned()
            );
        }
        // As libpq does, which keeps to what an old version did.
        Security::Require if roots != Roots::None => Security::VerifyCa,
        security => security,
    };
    Ok((security, roots))
}

/// The schema: a name that needs no quotes and leaves room for what is made from it.
fn schema(parameters: &Parameters<'_>) -> Result<String, String> {
    let Some(name) = parameters.said("schema") else { return Ok(SCHEMA.to_owned()) };
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_name = name.len() <= MOST_SCHEMA
        && name.bytes().all(is_inner)
        && !name.starts_with(|first: char| first.is_ascii_digit());
    if !is_name || name.is_empty() {
        return Err(format!("a schema has up to {MOST_SCHEMA} of a-z, 0-9 and _, and no digit first"));
    }
    if name.starts_with("pg_") || name == "information_schema" {
        return Err(format!("the schema {name} is PostgreSQL's own"));
    }
    Ok(name)
}

/// How messages name an address.
fn shown(user: &str, hosts: &[Host], database: &str, schema: &str) -> String {
    let hosts: Vec<String> = hosts.iter().map(Host::shown).collect();
    let schema = if schema == SCHEMA { String::new() } else { format!("?schema={schema}") };
    format!("postgres://{}@{}/{}{schema}", escaped(user), hosts.join(","), escaped(database))
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
