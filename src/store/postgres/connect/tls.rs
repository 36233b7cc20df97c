//! TLS, with the meanings that libpq gives to `sslmode`.
//!
//! `require` keeps listeners out and trusts whoever answers; `verify-ca` wants a server that a root of a file vouches for,
//! whatever its name is; `verify-full` wants it to have the name that was asked for, too. Whichever it is, the server must
//! have the key of the certificate that it shows. Revocation lists aren't read. Names are those of a subjectAltName alone, and
//! who is vouched for has a certificate of X.509 version 3; libpq takes other ones, too.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{DatabaseError, plain};

use super::address::{Address, Roots};
use super::parameters::Security;

/// Makes what does TLS for an address.
pub(super) fn connector(address: &Address) -> Result<MakeRustlsConnect, DatabaseError> {
    let vouching = match address.security {
        Security::VerifyCa => Some(Vouching { has_name: false, ..Vouching::by(&address.roots)? }),
        Security::VerifyFull => Some(Vouching::by(&address.roots)?),
        _ => None,
    };
    let untrusted = |error: rustls::Error| DatabaseError::Tls {
        server: address.shown().to_owned(),
        why: explained(&error),
    };
    // The provider is named: which one a process has by default depends on what else is built into it.
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier { provider: Arc::clone(&provider), vouching };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(untrusted)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// What must be true of a server's certificate.
struct Verifier {
    provider: Arc<CryptoProvider>,
    /// Who must vouch for it; `None` if anybody's certificate is taken.
    vouching: Option<Vouching>,
}

/// Who must vouch for a server.
struct Vouching {
    roots: RootCertStore,
    /// The certificates of a file: one that is a server's own vouches for that server alone.
    own: Vec<CertificateDer<'static>>,
    /// Whether the certificate must be for the name that was asked for.
    has_name: bool,
}

impl Vouching {
    /// Those who vouch, for a server's name, too.
    fn by(roots: &Roots) -> Result<Self, DatabaseError> {
        let Roots::File(path) = roots else {
            let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            return Ok(Self { roots, own: Vec::new(), has_name: true });
        };
        let own = certificates(path).map_err(|what| DatabaseError::Address {
            what: format!("sslrootcert is {}, {what}", path.display()),
        })?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(own.iter().cloned());
        Ok(Self { roots, own, has_name: true })
    }

    /// Whether a server may be trusted.
    fn check(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
        provider: &CryptoProvider,
    ) -> Result<(), rustls::Error> {
        let certificate = ParsedCertificate::try_from(shown)?;
        let algorithms = provider.signature_verification_algorithms.all;
        let chain =
            verify_server_cert_signed_by_trust_anchor(&certificate, &self.roots, between, now, algorithms);
        match chain {
            // What a server signed for itself may say that it signs others, which none at a chain's end may. If it is in the
            // file, it is the very one that is meant. When it is valid was looked at first.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_)))
                if self.own.iter().any(|own| own.as_ref() == shown.as_ref()) => {}
            other => other?,
        }
        if self.has_name { verify_server_name(&certificate, name) } else { Ok(()) }
    }
}

/// The certificates of a PEM file, or what is wrong with it.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    if path.exists() && !path.is_file() {
        return Err("which isn't a regular file".to_owned());
    }
    let pem = std::fs::read(path).map_err(|error| format!("which can't be read: {}", plain(&error)))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let certificates = certificates.map_err(|_| "which is damaged".to_owned())?;
    if certificates.is_empty() {
        return Err("which has no certificate in PEM".to_owned());
    }
    Ok(certificates)
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let vouched = self.vouching.as_ref().map(|vouching| (vouching.roots.len(), vouching.has_name));
        f.debug_struct("Verifier").field("vouching", &vouched).finish_non_exhaustive()
    }
}

impl Verifier {
    /// Takes a certificate that can't be read where anybody's is taken: one of X.509 version 1, as `openssl x509 -req` made
    /// them for many years. Who doesn't have its key could show one of its own as well, and without TLS everybody could
    /// listen.
    fn or_unreadable(
        &self,
        verified: Result<HandshakeSignatureValid, rustls::Error>,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match verified {
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_))) if self.vouching.is_none() => {
                Ok(HandshakeSignatureValid::assertion())
            }
            other => other,
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(vouching) = &self.vouching {
            vouching.check(end_entity, intermediates, server_name, now, &self.provider)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.or_unreadable(verify_tls12_signature(message, cert, dss, algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.or_unreadable(verify_tls13_signature(message, cert, dss, algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Why TLS fails, for who doesn't know its words.
pub(super) fn explained(error: &rustls::Error) -> String {
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return match error {
            rustls::Error::AlertReceived(alert) => format!("the server breaks it off: {alert:?}"),
            other => other.to_string(),
        };
    };
    match certificate {
        CertificateError::UnknownIssuer => "no known root vouches for its certificate".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate isn't valid yet".to_owned()
        }
        CertificateError::NotValidForName => "its certificate is for another name".to_owned(),
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            "its certificate names no host as a subjectAltName".to_owned()
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            format!("its certificate is for {}", presented.join(", "))
        }
        CertificateError::BadSignature => "a signature of its certificate is wrong".to_owned(),
        // What the verifier alone has a name for.
        CertificateError::Other(other) => match format!("{other:?}") {
            name if name.contains("UnsupportedCertVersion") => {
                "its certificate isn't of X.509 version 3".to_owned()
            }
            name if name.contains("CaUsedAsEndEntity") => {
                "no known root vouches for its certificate, which it signed itself".to_owned()
            }
            name => format!("its certificate can't be used: {name}"),
        },
        other => format!("its certificate can't be used: {other}"),
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
