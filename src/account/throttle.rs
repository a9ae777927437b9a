//! How often one address may try to sign in. In memory, by node: it keeps guessing slow, while the lock-out that the
//! database counts keeps it short.

use std::collections::HashMap;
use std::net::IpAddr;
use std::net::Ipv6Addr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

/// Addresses remembered at once. Whoever has more of them than this is not held by counting addresses.
const ADDRESSES: usize = 20_000;

/// A bucket of attempts for each address, which fills again within a minute.
#[derive(Debug)]
pub(super) struct Throttle {
    per_minute: f64,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Throttle {
    pub(super) fn new(per_minute: u16) -> Self {
        Self { per_minute: f64::from(per_minute.max(1)), buckets: Mutex::default() }
    }

    /// Takes one attempt, or says how long there is none.
    pub(super) fn take(&self, client: Option<IpAddr>, now: Instant) -> Result<(), Duration> {
        let Some(client) = client.map(network) else { return Ok(()) };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= ADDRESSES && !buckets.contains_key(&client) {
            buckets.retain(|_, it| self.filled(*it, now) < self.per_minute);
            if buckets.len() >= ADDRESSES {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(client).or_insert(Bucket { left: self.per_minute, at: now });
        let left = self.filled(*bucket, now);
        *bucket = Bucket { left, at: now };
        if left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - left) * 60.0 / self.per_minute));
        }
        bucket.left = left - 1.0;
        Ok(())
    }

    /// Gives an attempt back that was right: a whole office may sign in from behind one address at nine.
    pub(super) fn give_back(&self, client: Option<IpAddr>) {
        let Some(client) = client.map(network) else { return };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(&client) {
            bucket.left = (bucket.left + 1.0).min(self.per_minute);
        }
    }

    fn filled(&self, bucket: Bucket, now: Instant) -> f64 {
        let since = now.saturating_duration_since(bucket.at).as_secs_f64();
        (bucket.left + since * self.per_minute / 60.0).min(self.per_minute)
    }
}

/// One subscriber has a whole /64 of version 6, so that counts as one address.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(it) => {
            let [a, b, c, d, ..] = it.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        it @ IpAddr::V4(_) => it,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(throttle: &Throttle, client: &str, now: Instant) -> Result<(), Duration> {
        throttle.take(Some(client.parse().unwrap()), now)
    }

    #[test]
    fn attempts_come_back_with_time_and_by_being_right() {
        let throttle = Throttle::new(3);
        let start = Instant::now();
        let one = "192.0.2.1";
        for _ in 0..3 {
            assert_eq!(take(&throttle, one, start), Ok(()));
        }
        assert_eq!(take(&throttle, one, start), Err(Duration::from_secs(20)));
        assert_eq!(take(&throttle, "192.0.2.2", start), Ok(()), "another address");
        assert_eq!(throttle.take(None, start), Ok(()), "the console");
        throttle.give_back(Some(one.parse().unwrap()));
        assert_eq!(take(&throttle, one, start), Ok(()));
        assert_eq!(take(&throttle, one, start + Duration::from_secs(21)), Ok(()));
        assert!(take(&throttle, one, start + Duration::from_secs(22)).is_err());
    }

    #[test]
    fn one_network_of_version_6_is_one_address() {
        let throttle = Throttle::new(1);
        let now = Instant::now();
        assert!(take(&throttle, "2001:db8::1", now).is_ok());
        assert!(take(&throttle, "2001:db8::ffff:2", now).is_err());
        assert!(take(&throttle, "2001:db8:0:1::1", now).is_ok());
        assert!(take(&throttle, "192.0.2.1", now).is_ok());
        assert!(take(&throttle, "::ffff:192.0.2.1", now).is_err());
    }

    #[test]
    fn addresses_do_not_fill_the_memory() {
        let throttle = Throttle::new(1);
        let now = Instant::now();
        for it in 0..u32::try_from(ADDRESSES).unwrap() + 10 {
            let _ = throttle.take(Some(IpAddr::from(it.to_be_bytes())), now);
        }
        assert!(throttle.buckets.lock().unwrap().len() <= ADDRESSES);
    }
}
