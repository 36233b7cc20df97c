//! PostgreSQL: how its servers are named, found and spoken to.
//!
//! | file | what it knows |
//! |---|---|
//! | `url`, `parameters`, `service`, `passfile` | what an address, libpq's variables and its files say |
//! | `address`, `host`, `secret` | all of that together; a password that nothing prints |
//! | `finder`, `tls` | which of several servers is meant, and whether it is who it says |
//! | `connection` | statements, one after another or several in one trip; each wait ends |
//! | `fault` | what an error of the client or the server means |

mod address;
mod connection;
mod fault;
mod finder;
mod host;
mod parameters;
mod passfile;
mod secret;
mod service;
mod tls;
mod url;

pub(super) use address::Address;
pub(super) use connection::{Connection, Parameter, Query, Table};
pub(super) use finder::Purpose;

#[cfg(all(test, feature = "live-postgres"))]
mod tests;
