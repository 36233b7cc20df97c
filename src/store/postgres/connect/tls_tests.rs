use super::*;

/// A root that vouches for others.
const ROOT: &str = "\
-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUHpMWFbA/yBre46URuKcszBOqex4wCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMY2Egb2YgYSB0ZXN0MCAXDTI2MTEyOTEzNDMwMVoYDzIxMjYx
MTA1MTM0MzAxWjAXMRUwEwYDVQQDDAxjYSBvZiBhIHRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAASIVpoaLSkvDnkVDC+DHKJmkKYv2EeoQ3J/h2oYcjvpU/VG
f3ncch0CtZJ1iZFpgN1IjDU0JmKKzanJhPMqNfNno2MwYTAdBgNVHQ4EFgQUVHCQ
mzjPtKACVnhXb6jZyGBOwDwwHwYDVR0jBBgwFoAUVHCQmzjPtKACVnhXb6jZyGBO
wDwwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwCgYIKoZIzj0EAwID
RwAwRAIgPuPFNaK9+PRRzjH1HyLDzWMy/7FplDQyeaAfVDA+f+ICID/E6rRkFV7b
x/7Jlu3QfsOYbfy2yuFt7eU6Yfr5rgJl
-----END CERTIFICATE-----
";
/// A root that vouches for nobody here.
const OTHER_ROOT: &str = "\
-----BEGIN CERTIFICATE-----
MIIBojCCAUegAwIBAgIUfUK4oxHZbpDWwNDGUD6U7N1r0QgwCgYIKoZIzj0EAwIw
HTEbMBkGA1UEAwwSb3RoZXItY2Egb2YgYSB0ZXN0MCAXDTI2MTEyOTEzNDMwMVoY
DzIxMjYxMTA1MTM0MzAxWjAdMRswGQYDVQQDDBJvdGhlci1jYSBvZiBhIHRlc3Qw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATy02AfnCGtbzqnLj0dg8o16Adbk0Ji
CVgVutOQwgVbM+tDiMEqa2Gs7k67pWtUEYqgZ1KP41UUs5Z/fwkSXqHLo2MwYTAd
BgNVHQ4EFgQUA0FPsUm2oLeCozwrsVM63fo8+X8wHwYDVR0jBBgwFoAUA0FPsUm2
oLeCozwrsVM63fo8+X8wDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYw
CgYIKoZIzj0EAwIDSQAwRgIhAK0hBYdUuCtMPvDnhIu4rtbFYe3Z/NC3cGd6B0iI
6Nb0AiEA0/CA0Md6zo6VESi6xE0Vx+AzzAG0VT/NT7LMV4Xnxos=
-----END CERTIFICATE-----
";
/// A certificate by the root, for localhost and 127.0.0.1.
const SERVER: &str = "\
-----BEGIN CERTIFICATE-----
MIIBsTCCAVegAwIBAgIUWTcWHiN2s79ZY4c4TUCtrCrgwc8wCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMY2Egb2YgYSB0ZXN0MCAXDTI2MTEyOTEzNDMwMVoYDzIxMjYx
MTA1MTM0MzAxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggq
hkjOPQMBBwNCAATh9uTSYkJErBc5w1ReL6/0E23Le8oT3SkI+2q2Dj3/nPtET220
LRxUfFJK5imYp8DpbW44HwZAuykPkFG7HwTlo4GBMH8wGgYDVR0RBBMwEYIJbG9j
YWxob3N0hwR/AAABMAwGA1UdEwEB/wQCMAAwEwYDVR0lBAwwCgYIKwYBBQUHAwEw
HQYDVR0OBBYEFJSalcebY1zc8D+9f9cMPrOIxkUbMB8GA1UdIwQYMBaAFFRwkJs4
z7SgAlZ4V2+o2chgTsA8MAoGCCqGSM49BAMCA0gAMEUCIF8TpwFt9sGEJ/ye7j4L
lLDa6pLEMH9uBKkqIhg1ol63AiEA4TV2mptaa+qM2Cjc/6NLXue8Iky8+ucUaNNA
yhlJpvg=
-----END CERTIFICATE-----
";
/// One that a server signed for itself, as `openssl req -x509` makes it: a root, too, and for no name.
const OWN: &str = "\
-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUYJvR1OtPz75MyU0xG9RVd8S1JqkwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyOTEzNDMwMVoYDzIxMjYxMTA1
MTM0MzAxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATNGULodu+cg9zXjZXqhPX+Dj0RPp7eZs/oqULKFUk/5q4GpDpFNJsL
EZg8WgwBcWYGdzTeNVcMRMvflvz/+Bc8o1MwUTAdBgNVHQ4EFgQU0uJ0FptA4IYE
0wtbZztkLEL13dIwHwYDVR0jBBgwFoAU0uJ0FptA4IYE0wtbZztkLEL13dIwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAqNI0eDn0NO53EA8q5AfQ
T2N9CW5/7tnPV2ygr816Zp4CIEeTMzpMrf+z/ouWJNQh9cfZm1JbF7OQLb7izvSE
/ynM
-----END CERTIFICATE-----
";
/// One by the root, of X.509 version 1.
const OLD: &str = "\
-----BEGIN CERTIFICATE-----
MIIBJzCBzgIUWTcWHiN2s79ZY4c4TUCtrCrgwdAwCgYIKoZIzj0EAwIwFzEVMBMG
A1UEAwwMY2Egb2YgYSB0ZXN0MCAXDTI2MTEyOTEzNDMwMVoYDzIxMjYxMTA1MTM0
MzAxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMB
BwNCAATh9uTSYkJErBc5w1ReL6/0E23Le8oT3SkI+2q2Dj3/nPtET220LRxUfFJK
5imYp8DpbW44HwZAuykPkFG7HwTlMAoGCCqGSM49BAMCA0gAMEUCIBUWwWaRBNmw
iqLYUqBqRzaUdhxaRB1M6/l5u79QqgKWAiEAh0xdKUUOy+LZsoqL8tExoOFU+P2b
lHU4GoY6hjJHPbg=
-----END CERTIFICATE-----
";
/// A moment at which all of them are valid.
const NOW: u64 = 2_000_000_000;

fn certificate(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

fn verifier(roots: &[&str], has_name: bool) -> Verifier {
    let own: Vec<_> = roots.iter().map(|pem| certificate(pem)).collect();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(own.iter().cloned());
    let vouching = (!own.is_empty()).then_some(Vouching { roots, own, has_name });
    Verifier { provider: Arc::new(ring::default_provider()), vouching }
}

/// Why a certificate isn't taken, if it isn't.
fn refused(verifier: &Verifier, pem: &str, name: &str, now: u64) -> Option<String> {
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(now));
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let outcome = verifier.verify_server_cert(&certificate(pem), &[], &name, &[], now);
    outcome.err().map(|error| explained(&error))
}

#[test]
fn without_roots_anybody_is_trusted() {
    let anybody = verifier(&[], false);
    for pem in [SERVER, OWN, OLD] {
        assert_eq!(refused(&anybody, pem, "elsewhere", 0), None);
    }
}

#[test]
fn a_root_vouches_for_a_server_whatever_its_name() {
    let chain = verifier(&[ROOT], false);
    assert_eq!(refused(&chain, SERVER, "localhost", NOW), None);
    assert_eq!(refused(&chain, SERVER, "elsewhere", NOW), None);
    let unknown = "no known root vouches for its certificate";
    assert_eq!(refused(&verifier(&[OTHER_ROOT], false), SERVER, "localhost", NOW).unwrap(), unknown);
    assert_eq!(refused(&verifier(&[OTHER_ROOT, ROOT], false), SERVER, "localhost", NOW), None);
    assert_eq!(refused(&chain, SERVER, "localhost", 0).unwrap(), "its certificate isn't valid yet");
    assert_eq!(refused(&chain, SERVER, "localhost", 1 << 40).unwrap(), "its certificate has expired");
    assert_eq!(
        refused(&chain, OWN, "localhost", NOW).unwrap(),
        "no known root vouches for its certificate, which it signed itself"
    );
    assert_eq!(refused(&chain, OLD, "localhost", NOW).unwrap(), "its certificate isn't of X.509 version 3");
}

#[test]
fn a_name_must_be_one_of_the_certificate() {
    let whole = verifier(&[ROOT], true);
    for name in ["localhost", "127.0.0.1"] {
        assert_eq!(refused(&whole, SERVER, name, NOW), None);
    }
    for name in ["elsewhere", "localhost.example.org", "127.0.0.2", "::1"] {
        let why = refused(&whole, SERVER, name, NOW).unwrap();
        assert!(why.starts_with("its certificate is for ") && why.contains("localhost"), "{why}");
    }
}

#[test]
fn what_a_server_signed_for_itself_is_taken_if_it_is_the_very_one() {
    assert_eq!(refused(&verifier(&[OWN], false), OWN, "localhost", NOW), None);
    assert_eq!(refused(&verifier(&[ROOT, OWN], false), OWN, "localhost", NOW), None);
    assert!(refused(&verifier(&[OWN], false), SERVER, "localhost", NOW).is_some());
    assert_eq!(
        refused(&verifier(&[OWN], false), OWN, "localhost", 1 << 40).unwrap(),
        "its certificate has expired"
    );
    assert_eq!(
        refused(&verifier(&[OWN], true), OWN, "localhost", NOW).unwrap(),
        "its certificate names no host as a subjectAltName"
    );
}
