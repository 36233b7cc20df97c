//! Advice about databases and their servers.

use qsearch::error::DatabaseError;

/// What to type again.
const AGAIN: &str = "type the same command again";

/// What the user can do where a database can't be used.
pub(super) fn database_hint(error: &DatabaseError) -> Option<String> {
    let hint = match error {
        DatabaseError::Address { .. } => {
            "write it like `postgres://USER@HOST/DATABASE`; the password belongs into ~/.pgpass or PGPASSWORD"
        }
        DatabaseError::Refused { .. } => {
            "start the server, or check host and port; `pg_isready -h HOST -p PORT` asks it"
        }
        DatabaseError::NoAnswer { .. } => {
            "check the network and firewalls; `connect_timeout=30` in the address waits longer"
        }
        DatabaseError::Name { .. } => "check the host's name and the network",
        DatabaseError::Tls { why, .. } => tls(why),
        DatabaseError::Password { given: false, .. } => {
            "put it into ~/.pgpass as `HOST:PORT:DATABASE:USER:PASSWORD` with `chmod 600`, or `export PGPASSWORD=…`"
        }
        DatabaseError::Password { .. } => {
            "check user and password in the address, PGPASSWORD and ~/.pgpass; the server's pg_hba.conf says who may come"
        }
        DatabaseError::NoDatabase { server } => return Some(no_database(server)),
        DatabaseError::Privilege { what, .. } => privilege(what),
        DatabaseError::ReadOnly { .. } | DatabaseError::Unwritable { wanted: "takes changes", .. } => {
            "name the server that takes changes; several can be named: `postgres://USER@HOST1,HOST2/DATABASE`"
        }
        DatabaseError::Unwritable { .. } => {
            "leave `target_session_attrs` out, or write `target_session_attrs=prefer-standby`"
        }
        DatabaseError::Locked { .. } => "wait for the other session to end, then type the same command again",
        DatabaseError::Slow { seconds, .. } => return Some(slow(*seconds)),
        DatabaseError::Full { .. } => {
            "free some space on the server, or raise its limit, then type the same command again; what was stored before is \
             intact"
        }
        DatabaseError::TooMany { .. } => {
            "wait until others have left, then type the same command again; `max_connections` is the server's limit"
        }
        DatabaseError::Shutdown { .. } => "wait until the server is up, then type the same command again",
        DatabaseError::Lost { .. } | DatabaseError::Conflict { .. } | DatabaseError::Changed { .. } => AGAIN,
        DatabaseError::LeaseLost { .. } => {
            "what was committed before is kept; once the other process has ended, type the same command again"
        }
        DatabaseError::NoVector { .. } => {
            "install pgvector on the server (in Debian `apt install postgresql-17-pgvector`), then let a superuser type \
             `create extension vector` in the database, or `alter extension vector update` if it is old"
        }
        DatabaseError::NotPostgres { .. } => {
            "check host and port; PostgreSQL's port is 5432 if nothing else is said"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// What to do where a user may not do it.
fn privilege(what: &str) -> &'static str {
    if what.contains("for database") {
        return "let its owner type `grant create on database DATABASE to USER` in psql, or come as a user who may";
    }
    if what.contains("row-level security") {
        return "who writes must be exempt from policies: the owner of the tables, or a role with BYPASSRLS";
    }
    "come as a user who may, or let the owner of the schema type `grant …` in psql: `usage` on the schema and `select` on \
     its tables to ask, all of `insert, update, delete` and its sequences to index"
}

/// What to do where a server isn't trusted.
fn tls(why: &str) -> &'static str {
    if why.contains("does no TLS") {
        return "let the server do TLS (`ssl = on`), or write `sslmode=prefer` if the network is your own";
    }
    if why.contains("root vouches") {
        return "name the certificate that vouches for it: `sslrootcert=FILE`, or `sslrootcert=system` for public ones";
    }
    if why.contains("certificate is for") || why.contains("subjectAltName") {
        return "name the host as its certificate does; or write `sslmode=verify-ca` if its root vouches for your servers alone";
    }
    "let the server have a valid certificate of X.509 version 3"
}

/// What to do where the database isn't there.
fn no_database(server: &str) -> String {
    let name = server.rsplit('/').next().unwrap_or_default().split('?').next().unwrap_or_default();
    let is_plain = !name.is_empty()
        && !name.starts_with('-')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let name = if is_plain { name } else { "DATABASE" };
    format!("check its name, or make it with `createdb {name}` on the server")
}

/// What to do where a statement took too long.
fn slow(seconds: Option<u64>) -> String {
    let longer = seconds.unwrap_or(30).saturating_mul(4).clamp(1, 86_400);
    format!(
        "wait longer with `statement_timeout={longer}` in the address, or see what else the server is doing"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_type_depends_on_what_went_wrong() {
        let server = "postgres://ann@h/notes?schema=x".to_owned();
        let said = |error: DatabaseError| database_hint(&error).unwrap();
        let missing = |server: &str| said(DatabaseError::NoDatabase { server: server.to_owned() });
        assert!(missing(&server).contains("`createdb notes`"));
        assert!(missing("postgres://ann@h/a%24b").contains("`createdb DATABASE`"));
        assert!(missing("postgres://ann@h/-x").contains("`createdb DATABASE`"));
        let slow = DatabaseError::Slow { server: server.clone(), seconds: Some(30) };
        assert!(said(slow).contains("`statement_timeout=120`"));
        let untrusted = |why: &str| said(DatabaseError::Tls { server: server.clone(), why: why.to_owned() });
        assert!(untrusted("no known root vouches for its certificate").contains("sslrootcert=FILE"));
        assert!(untrusted("it does no TLS").contains("ssl = on"));
        assert!(untrusted("its certificate is for a, b").contains("verify-ca"));
        let password =
            |given| said(DatabaseError::Password { server: server.clone(), why: String::new(), given });
        assert!(password(false).contains("chmod 600") && password(true).contains("pg_hba.conf"));
        let other = DatabaseError::Other { server, code: "XX000".to_owned(), message: String::new() };
        assert_eq!(database_hint(&other), None);
    }
}
