//! How much a caller may ask for, by role, and how long things may take. Defaults are generous: a map asks for two hundred
//! tiles at once, and an office shares one address.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::access::Role;

/// What callers of one role may ask for: the public each by its address, others each by their account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub requests_per_second: u32,
    /// Requests at once, before the rate counts.
    pub burst: u32,
    /// The largest body of a request.
    pub body_bytes: usize,
    /// Rows of one download.
    pub export_rows: i64,
}

/// A role's limits as far as the file says them.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Chosen {
    requests_per_second: Option<NonZeroU32>,
    burst: Option<NonZeroU32>,
    body_bytes: Option<usize>,
    export_rows: Option<u32>,
}

/// `[limits]`; another name in it is no role and refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Connections at once; more wait until one ends. One address has at most half of them.
    pub connections: usize,
    /// Tokens and sessions that are looked up for one address, whosever they are.
    pub lookups_per_second: NonZeroU32,
    /// The largest upload, all its files together, in MiB.
    pub upload_mb: NonZeroU32,
    #[serde(flatten)]
    roles: BTreeMap<Role, Chosen>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // With files and the database below the 1024 descriptors that a service has by default.
            connections: 800,
            lookups_per_second: NonZeroU32::MIN.saturating_add(999),
            upload_mb: NonZeroU32::MIN.saturating_add(511),
            roles: BTreeMap::new(),
        }
    }
}

impl Limits {
    /// The largest upload in bytes.
    pub fn upload_bytes(&self) -> usize {
        usize::try_from(self.upload_mb.get()).unwrap_or(usize::MAX).saturating_mul(1024 * 1024)
    }

    /// What callers of that role may ask for.
    pub fn of(&self, role: Role) -> Limit {
        let default = match role {
            Role::Public => Limit {
                requests_per_second: 100,
                burst: 2_000,
                body_bytes: 64 * 1024,
                export_rows: 200_000,
            },
            Role::Viewer | Role::Officer => Limit {
                requests_per_second: 100,
                burst: 2_000,
                body_bytes: 1024 * 1024,
                export_rows: 200_000,
            },
            Role::Steward | Role::Admin => Limit {
                requests_per_second: 200,
                burst: 4_000,
                body_bytes: 8 * 1024 * 1024,
                export_rows: 500_000,
            },
        };
        let chosen = self.roles.get(&role).copied().unwrap_or_default();
        Limit {
            requests_per_second: chosen
                .requests_per_second
                .map_or(default.requests_per_second, NonZeroU32::get),
            burst: chosen.burst.map_or(default.burst, NonZeroU32::get),
            body_bytes: chosen.body_bytes.unwrap_or(default.body_bytes),
            export_rows: chosen.export_rows.map_or(default.export_rows, i64::from),
        }
    }
}

/// `[timeouts]`, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timeouts {
    /// Until a request's head is there; so long may a connection be idle, too.
    pub head: u64,
    /// Until an answer begins.
    pub answer: u64,
    /// Until a download begins, which may be a workbook that is written whole before it is sent.
    pub download: u64,
    /// Without a byte taken by the client while there is something to send.
    pub stall: u64,
    /// One statement that reads.
    pub read: u64,
    /// One statement that writes for a request.
    pub write: u64,
    /// Until an upload is there.
    pub upload: u64,
    /// One statement of a job.
    pub job: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: 20,
            answer: 60,
            download: 300,
            stall: 60,
            read: 30,
            write: 10,
            upload: 3600,
            job: 3600,
        }
    }
}

impl Timeouts {
    /// A number of seconds as a duration; 0 would end everything at once and counts as the shortest.
    pub fn seconds(number: u64) -> Duration {
        Duration::from_secs(number.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_file_leaves_out_keeps_its_roles_default() {
        let text = "connections = 10\n[public]\nburst = 5\n[steward]\nexport_rows = 7";
        let limits: Limits = toml::from_str(text).unwrap();
        let default = Limits::default();
        assert_eq!((limits.connections, limits.lookups_per_second.get()), (10, 1000));
        assert_eq!(limits.of(Role::Public), Limit { burst: 5, ..default.of(Role::Public) });
        assert_eq!(limits.of(Role::Steward), Limit { export_rows: 7, ..default.of(Role::Steward) });
        assert_eq!(limits.of(Role::Viewer), default.of(Role::Viewer));
    }

    #[test]
    fn a_misspelt_limit_is_refused() {
        for wrong in
            ["conections = 1", "[pubic]\nburst = 1", "[public]\nbrust = 1", "[public]\nburst = 0"]
        {
            assert!(toml::from_str::<Limits>(wrong).is_err(), "{wrong}");
        }
    }
}
