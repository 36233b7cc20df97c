//! Connections to a server and the one that follows it: `QSEARCH_TEST_POSTGRES` and `QSEARCH_TEST_POSTGRES_STANDBY`.

use crate::error::DatabaseError;
use crate::store::postgres::connect::{Address, Connection, Purpose};

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is set"))
}

/// Where a server is, as an address has it.
fn place(url: &str) -> String {
    url.split_once('@').unwrap().1.split(['/', '?']).next().unwrap().to_owned()
}

#[test]
fn each_finds_the_server_it_needs() {
    let url = variable("QSEARCH_TEST_POSTGRES");
    let (primary, standby) = (place(&url), place(&variable("QSEARCH_TEST_POSTGRES_STANDBY")));
    let found = |hosts: String, attrs: &str, purpose| {
        let url = format!("{}?target_session_attrs={attrs}", url.replacen(&primary, &hosts, 1));
        Connection::open(&Address::parse(&url, &|_| None).unwrap(), purpose)
    };
    let host = |found: Result<Connection, DatabaseError>| found.unwrap().server().host.clone();
    for hosts in [format!("{primary},{standby}"), format!("{standby},{primary}")] {
        for attrs in ["any", "prefer-standby", "standby", "read-only"] {
            assert_eq!(host(found(hosts.clone(), attrs, Purpose::Writing)), primary);
        }
        for attrs in ["prefer-standby", "standby", "read-only"] {
            let found = found(hosts.clone(), attrs, Purpose::Reading).unwrap();
            assert!(found.server().standby && found.server().read_only);
            assert_eq!(found.server().host, standby);
        }
        for attrs in ["primary", "read-write"] {
            assert_eq!(host(found(hosts.clone(), attrs, Purpose::Reading)), primary);
        }
        assert_eq!(host(found(hosts.clone(), "any", Purpose::Reading)), hosts.split(',').next().unwrap());
    }
    assert_eq!(host(found(primary.clone(), "prefer-standby", Purpose::Reading)), primary);
    let error = found(standby.clone(), "any", Purpose::Writing).unwrap_err();
    assert!(matches!(error, DatabaseError::Unwritable { wanted: "takes changes", .. }), "{error}");
    let error = found(primary.clone(), "standby", Purpose::Reading).unwrap_err();
    assert!(matches!(error, DatabaseError::Unwritable { wanted: "is a standby", .. }), "{error}");
    let mut reader = found(standby, "any", Purpose::Reading).unwrap();
    let error = reader.batch("create table x (n int)").unwrap_err();
    assert!(matches!(error, DatabaseError::ReadOnly { .. }), "{error}");
}
