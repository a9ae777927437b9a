//! How often a caller may ask: one bucket per caller, in bounded memory.

use std::net::IpAddr;
use std::net::Ipv6Addr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::DefaultDirectRateLimiter;
use governor::Quota;
use governor::RateLimiter;
use governor::clock::Clock;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::access::Role;
use crate::access::Scope;
use crate::config::Limit;
use crate::config::Limits;
use crate::error::Error;
use crate::error::Result;

/// Callers that are remembered: 20 MB at most. Beyond, whoever did not ask for longest is forgotten, which gives a full
/// bucket back.
const CALLERS: u64 = 100_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Caller {
    /// Somebody who has not signed in.
    Public(IpAddr),
    /// An account, in the role it uses.
    Account(Role, String),
    /// Credentials that come from an address, before it is known whose they are.
    Lookup(IpAddr),
}

/// A request that was counted before it came to the router.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted;

/// Everybody's buckets.
#[derive(Debug)]
pub(super) struct Buckets {
    limits: Limits,
    buckets: Cache<Caller, Arc<DefaultDirectRateLimiter>>,
}

impl Buckets {
    pub(super) fn new(limits: &Limits) -> Self {
        // A bucket may be forgotten once it is full again anyway.
        let full = Role::ALL.into_iter().map(|role| limits.of(role));
        let full = full.map(|it| u64::from(it.burst / it.requests_per_second)).max().unwrap_or(0);
        let buckets = Cache::builder()
            .max_capacity(CALLERS)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_idle(Duration::from_secs(full + 60))
            .build();
        Self { limits: limits.clone(), buckets }
    }

    /// Takes one from the caller's bucket: an account's own, or that of the address.
    pub(super) fn take(&self, scope: &Scope, client: IpAddr) -> Result<()> {
        let limit = self.limits.of(scope.role);
        match &scope.account {
            Some(account) => self.take_from(Caller::Account(scope.role, account.clone()), limit),
            None => self.take_from(Caller::Public(network(client)), limit),
        }
    }

    /// Takes one for looking up credentials. An office signs in from one address, so this is far above what a map asks.
    pub(super) fn take_lookup(&self, client: IpAddr) -> Result<()> {
        let rate = self.limits.lookups_per_second;
        let limit = Limit {
            requests_per_second: rate.get(),
            burst: rate.get().saturating_mul(10),
            ..self.limits.of(Role::Public)
        };
        self.take_from(Caller::Lookup(network(client)), limit)
    }

    fn take_from(&self, caller: Caller, limit: Limit) -> Result<()> {
        let some = |it: u32| NonZeroU32::new(it).unwrap_or(NonZeroU32::MIN);
        let bucket = self.buckets.get_with(caller, || {
            let quota = Quota::per_second(some(limit.requests_per_second));
            Arc::new(RateLimiter::direct(quota.allow_burst(some(limit.burst))))
        });
        bucket.check().map_err(|full| Error::TooMany {
            why: "地图会自行重试 / the map tries again by itself",
            retry_after: full.wait_time_from(bucket.clock().now()),
        })
    }
}

/// The addresses that one subscriber has: of IPv6 a whole /64.
fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(it) => IpAddr::V4(it),
        IpAddr::V6(it) => IpAddr::V6(Ipv6Addr::from_bits(it.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(text: &str) -> Limits {
        toml::from_str(text).unwrap()
    }

    fn account(name: &str, role: Role) -> Scope {
        Scope { role, account: Some(name.to_owned()), ..Scope::default() }
    }

    #[test]
    fn each_caller_has_a_bucket_of_its_own() {
        let it = Buckets::new(&limits("[public]\nrequests_per_second = 1\nburst = 3"));
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        let public = Scope::public();
        for _ in 0..3 {
            it.take(&public, at("192.0.2.1")).unwrap();
            it.take(&public, at("2001:db8::1")).unwrap();
        }
        let Err(Error::TooMany { retry_after, .. }) = it.take(&public, at("192.0.2.1")) else {
            panic!("a fourth is let in");
        };
        assert!(retry_after > Duration::ZERO && retry_after <= Duration::from_secs(1));
        // The neighbours of one IPv6 network are one caller, others are not.
        assert!(it.take(&public, at("2001:db8::ffff")).is_err());
        assert!(it.take(&public, at("2001:db8:0:1::1")).is_ok());
        assert!(it.take(&public, at("192.0.2.2")).is_ok());
        // Whoever signed in is not counted by address.
        assert!(it.take(&account("a", Role::Viewer), at("192.0.2.1")).is_ok());
    }

    #[test]
    fn a_bucket_fills_again() {
        let it = Buckets::new(&limits("[viewer]\nrequests_per_second = 50\nburst = 1"));
        let scope = account("a", Role::Viewer);
        let at = IpAddr::from([192, 0, 2, 1]);
        it.take(&scope, at).unwrap();
        assert!(it.take(&scope, at).is_err());
        std::thread::sleep(Duration::from_millis(40));
        assert!(it.take(&scope, at).is_ok());
    }

    #[test]
    fn memory_is_bounded_whoever_comes() {
        let it = Buckets::new(&Limits::default());
        for nth in 0..150_000_u32 {
            it.take(&Scope::public(), IpAddr::from(nth.to_be_bytes())).unwrap();
        }
        it.buckets.run_pending_tasks();
        assert!(it.buckets.entry_count() <= CALLERS, "{}", it.buckets.entry_count());
    }
}
