use std::collections::HashMap;
use std::path::Path;

use super::*;

fn with(text: &str, variables: &[(&str, &str)]) -> Result<Address, DatabaseError> {
    let variables: HashMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Address::parse(text, &|name| variables.get(name).cloned())
}

fn plain(text: &str) -> Address {
    with(text, &[]).unwrap()
}

fn what(text: &str) -> String {
    with(text, &[("USER", "me")]).unwrap_err().to_string()
}

fn password_of(address: &Address, host: usize) -> Option<&str> {
    address.hosts[host].password.as_ref().map(Secret::reveal)
}

/// A folder of a test's own.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("address-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A file that its owner alone may read.
fn private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
    }
}

#[test]
fn an_address_is_known_by_its_scheme() {
    for text in ["postgres://", "postgresql://h/x", "Postgres://h"] {
        assert!(Address::is_one(text), "{text}");
    }
    for text in ["", "postgres", "postgres:/h", "/home/postgres://", "http://h", "notes"] {
        assert!(!Address::is_one(text), "{text}");
    }
}

#[test]
fn what_is_left_out_is_the_usual() {
    let address = plain("postgres://ann@db.example.org");
    assert_eq!((address.user.as_str(), address.database.as_str()), ("ann", "ann"));
    assert_eq!(address.schema(), "qsearch");
    assert_eq!(address.security, Security::Prefer);
    assert_eq!(address.wanted, Wanted::Any);
    assert_eq!(address.application_name, "qsearch");
    assert_eq!(address.connect_timeout(), Duration::from_secs(10));
    assert_eq!(address.statement_timeout(), Duration::from_secs(30));
    assert_eq!(
        address.hosts,
        [Host { place: Place::Name("db.example.org".to_owned()), port: 5432, password: None }]
    );
    assert!(address.warnings().is_empty());
    assert_eq!(with("postgres://h", &[("USER", "me")]).unwrap().shown(), "postgres://me@h/me");
}

#[test]
fn an_address_is_shown_without_its_secrets() {
    let address = plain("postgres://ann:hush@DB.example.org:5432/notes?sslmode=require&application_name=x");
    assert_eq!(address.shown(), "postgres://ann@db.example.org/notes");
    assert!(!format!("{address:?}").contains("hush"));
    let address = plain("postgres://a%20n:hush@h:5433,[::1]:6000,%2Ftmp/n%2Fo?schema=mine&password=hush2");
    assert_eq!(address.shown(), "postgres://a%20n@h:5433,[::1]:6000,%2Ftmp/n%2Fo?schema=mine");
    assert_eq!(password_of(&address, 2), Some("hush2"));
    assert!(!format!("{address:?}").contains("hush"));
    let again = plain(address.shown());
    assert_eq!(again.shown(), address.shown());
    assert_eq!((again.hosts.len(), again.database.as_str()), (3, "n/o"));
}

#[test]
fn hosts_have_their_ports() {
    let ports = |text: &str| plain(text).hosts.iter().map(|host| host.port).collect::<Vec<_>>();
    assert_eq!(ports("postgres://a@h1:1,h2,h3:3/d"), [1, 5432, 3]);
    assert_eq!(ports("postgres://a@/d?host=h1,h2&port=7"), [7, 7]);
    assert_eq!(ports("postgres://a@/d?host=h1,h2&port=7,8"), [7, 8]);
    assert_eq!(ports("postgres://a@h1,h2/d?port=7,"), [7, 5432]);
    assert!(what("postgres://a@h1,h2,h3/d?port=7,8").contains("3 hosts and 2 ports"));
    for bad in ["0", "65536", "x", "-1"] {
        assert!(what(&format!("postgres://a@h:{bad}/d")).contains("port"), "{bad}");
    }
    let socket = plain("postgres://a@/d?host=/run/pg&port=7");
    assert_eq!(socket.hosts[0].place, Place::Folder(PathBuf::from("/run/pg")));
    assert_eq!(plain("postgres://a@%2Frun%2Fpg/d").hosts[0].place, socket.hosts[0].place);
    for bad in ["a b", "a;b", "h\u{e4}", "a%00"] {
        assert!(with(&format!("postgres://a@h/d?host={bad}"), &[]).is_err(), "{bad}");
    }
}

#[test]
fn a_password_is_in_no_message() {
    for bad in [
        "postgres://ann:hush/1@h/d",
        "postgres://ann:hush:1@h:hush/d",
        "postgres://ann:hush@h@i/d",
        "postgres://ann:hush@h/d?sslmode=hush",
        "postgres://ann:hush@h/d?connect_timeout=hush",
        "postgres://ann:hush@h/d?schema=Hush",
        "postgres://ann:hush?x@h/d",
    ] {
        let what = what(bad);
        assert!(!what.to_lowercase().contains("hush"), "{bad}: {what}");
    }
}

#[test]
fn whatever_is_typed_wrong_no_password_is_shown() {
    let (mut state, mut read) = (1_u64, 0);
    let mut next = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    };
    for _ in 0..20_000 {
        let mut url = "postgres://ann:hush@h:1,i:2/d?sslmode=require".to_owned();
        for _ in 0..=next(3) {
            // Not into the password, parts of which can be anything.
            let places: Vec<usize> =
                (11..=url.len()).filter(|at| !url[..*at].ends_with(['h', 'u', 's'])).collect();
            url.insert(
                places[next(places.len())],
                ['/', '?', '#', '@', ':', '%', '[', ']', '&', '=', ',', '5'][next(12)],
            );
        }
        let said = match with(&url, &[("USER", "me")]) {
            Ok(address) => {
                read += 1;
                format!("{} {address:?}", address.shown())
            }
            Err(error) => format!("{error} {error:?}"),
        };
        // Before the first colon it is the user's name.
        let is_name = url[11..].find("hush") < url[11..].find(':');
        assert!(is_name || !said.contains("hush"), "{url}: {said}");
    }
    assert!(read > 1000, "{read}");
}

#[test]
fn parameters_that_there_are_not_are_refused_by_name() {
    let unknown = what("postgres://h/d?sslcert=x");
    assert!(unknown.contains("`sslcert`") && unknown.contains("sslrootcert, statement_timeout"), "{unknown}");
    assert!(what("postgres://h/d?passwordcommand=x").contains("`passwordcommand`"));
    assert!(what("postgres://h/d?sslmode=full").contains("verify-ca, verify-full"));
    assert!(what("postgres://h/d?target_session_attrs=x").contains("prefer-standby"));
    assert!(what("postgres://h/d?connect_timeout=0").contains("1 to 3600"));
    assert!(what("postgres://h/d?statement_timeout=x").contains("1 to 86400"));
}

#[test]
fn a_schema_needs_no_quotes() {
    let schema = |name: &str| with(&format!("postgres://a@h/d?schema={name}"), &[]);
    for good in ["a", "_", "notes_2", &"x".repeat(48)] {
        assert_eq!(schema(good).unwrap().schema(), good);
    }
    for bad in ["2a", "A", "a-b", "a.b", "\"a\"", "ä", "pg_x", "information_schema", &"x".repeat(49)] {
        assert!(schema(bad).is_err(), "{bad}");
    }
    assert_eq!(schema("").unwrap().schema(), "qsearch");
}

#[test]
fn the_environment_says_the_rest() {
    let all = [
        ("PGHOST", "db"),
        ("PGPORT", "7"),
        ("PGUSER", "ann"),
        ("PGDATABASE", "notes"),
        ("PGPASSWORD", "hush"),
        ("PGSSLMODE", "require"),
        ("PGAPPNAME", "mine"),
        ("USER", "me"),
    ];
    let address = with("postgres://", &all).unwrap();
    assert_eq!(address.shown(), "postgres://ann@db:7/notes");
    assert_eq!(password_of(&address, 0), Some("hush"));
    assert_eq!((address.security, address.application_name.as_str()), (Security::Require, "mine"));
    let address = with("postgres://bob:own@other:8/else?sslmode=disable", &all).unwrap();
    assert_eq!(address.shown(), "postgres://bob@other:8/else");
    assert_eq!((password_of(&address, 0), address.security), (Some("own"), Security::Disable));
    assert_eq!(with("postgres://h", &[("PGUSER", ""), ("USER", "me")]).unwrap().user, "me");
    assert!(with("postgres://h", &[]).unwrap_err().to_string().contains("no user"));
}

#[test]
fn a_service_counts_more_than_the_environment() {
    let folder = folder("service");
    let file = folder.join("services");
    std::fs::write(&file, "[mine]\nhost=db\nport=7\nuser=ann\npassword=hush\n[odd]\nsslcert=x\n").unwrap();
    let file = file.to_str().unwrap();
    let variables = [("PGSERVICEFILE", file), ("PGUSER", "me"), ("PGDATABASE", "notes"), ("PGPORT", "9")];
    let address = with("postgres://?service=mine", &variables).unwrap();
    assert_eq!(address.shown(), "postgres://ann@db:7/notes");
    assert_eq!(password_of(&address, 0), Some("hush"));
    let address = with("postgres://bob@h/d?service=mine", &variables).unwrap();
    assert_eq!(address.shown(), "postgres://bob@h:7/d");
    let by_variable: Vec<_> = variables.into_iter().chain([("PGSERVICE", "mine")]).collect();
    assert_eq!(with("postgres://", &by_variable).unwrap().shown(), "postgres://ann@db:7/notes");
    let odd = with("postgres://?service=odd", &variables).unwrap_err().to_string();
    assert!(odd.contains("`odd`") && odd.contains("`sslcert`"), "{odd}");
    assert!(
        with("postgres://?service=none", &variables).unwrap_err().to_string().contains("no service `none`")
    );
    let missing = with("postgres://?service=x", &[("HOME", "/nowhere")]).unwrap_err().to_string();
    assert!(missing.contains("/nowhere/.pg_service.conf"), "{missing}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_file_has_a_password_for_each_host() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("passfile");
    let file = folder.join(".pgpass");
    private(&file, "h1:5432:d:ann:one\nh2:*:*:ann:two\nlocalhost:*:*:*:here\n");
    let home = folder.to_str().unwrap();
    let address = with("postgres://ann@h1,h2,h3,%2Ftmp/d", &[("HOME", home)]).unwrap();
    let passwords: Vec<_> = (0..4).map(|host| password_of(&address, host)).collect();
    assert_eq!(passwords, [Some("one"), Some("two"), None, Some("here")]);
    let named = [("PGPASSFILE", file.to_str().unwrap())];
    assert_eq!(password_of(&with("postgres://ann@h2/d", &named).unwrap(), 0), Some("two"));
    assert_eq!(password_of(&with("postgres://ann:own@h2/d", &named).unwrap(), 0), Some("own"));
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    let open = with("postgres://ann@h2/d", &named).unwrap();
    assert_eq!(password_of(&open, 0), None);
    assert!(open.warnings()[0].contains("chmod 600"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn roots_make_trust_stricter() {
    let trust = |query: &str| {
        with(&format!("postgres://a@h/d?{query}"), &[]).map(|address| (address.security, address.roots))
    };
    let file = || Roots::File(PathBuf::from("/ca.pem"));
    assert_eq!(trust("sslmode=require").unwrap(), (Security::Require, Roots::None));
    assert_eq!(trust("sslmode=require&sslrootcert=/ca.pem").unwrap(), (Security::VerifyCa, file()));
    assert_eq!(trust("sslmode=verify-full&sslrootcert=/ca.pem").unwrap(), (Security::VerifyFull, file()));
    assert_eq!(trust("sslrootcert=system").unwrap(), (Security::VerifyFull, Roots::System));
    assert!(trust("sslmode=require&sslrootcert=system").is_err());
    assert!(trust("sslmode=verify-ca").is_err());
    assert!(trust("sslmode=verify-full").is_err());
}

#[test]
fn who_writes_wants_a_server_that_takes_changes() {
    let wanted =
        |attrs: &str| plain(&format!("postgres://a@h/d?target_session_attrs={attrs}")).for_writing().wanted;
    for attrs in ["any", "read-write", "read-only", "standby", "prefer-standby"] {
        assert_eq!(wanted(attrs), Wanted::ReadWrite, "{attrs}");
    }
    assert_eq!(wanted("primary"), Wanted::Primary);
    assert!(!plain("postgres://a@h").is_for_writing());
    assert_eq!(plain("postgres://a@h/d").for_writing().shown(), "postgres://a@h/d");
}
