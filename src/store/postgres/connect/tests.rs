//! Connections to real servers, which `tests/postgres/servers.py` starts: what is in `secure` wants that of Debian with TLS,
//! `pooled` a pooler in front, `replicated` a standby beside; all else takes any.

mod calls;
mod faults;
#[cfg(feature = "live-postgres-places")]
mod pooled;
mod reach;
#[cfg(feature = "live-postgres-places")]
mod replicated;
#[cfg(feature = "live-postgres-places")]
mod secure;
mod support;
