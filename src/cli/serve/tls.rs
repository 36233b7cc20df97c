//! TLS by a certificate that was given.

use std::path::Path;
use std::sync::Arc;

use qsearch::files::{self, Links};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::super::{Failure, hint};

/// No file with a certificate or a key is larger.
const MOST_BYTES: u64 = 1 << 20;

/// What answers with this certificate.
///
/// The files are read once: a certificate that is renewed is taken when the program is started again. Versions of TLS before
/// 1.2 aren't spoken.
pub(super) fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, Failure> {
    let refused = |file: &Path, why: &str| {
        Failure::refused(format!("{} can't be used for TLS: {why}", file.display()), hint::serve::CERTIFICATE)
    };
    let read = |file: &Path| {
        files::read_at(file, Links::Follow, MOST_BYTES).map_err(|error| refused(file, &error.to_string()))
    };
    let certificates = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| refused(certificate, &error.to_string()))?;
    if certificates.is_empty() {
        return Err(refused(certificate, "it has no certificate"));
    }
    let secret =
        PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|error| refused(key, &error.to_string()))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, secret));
    let mut config = config.map_err(|error| refused(certificate, &error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
