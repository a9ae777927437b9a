//! How much memory the layers may take together.

use crate::config::Snapshots;

/// Bytes for all snapshots of this process.
#[derive(Clone, Copy, Debug)]
pub struct Budget(pub usize);

impl Budget {
    pub fn new(settings: Snapshots) -> Self {
        let bytes = match settings.memory_mb {
            Some(it) => it.saturating_mul(1024 * 1024),
            None => machine().map_or(1 << 30, |it| it / 4),
        };
        Self(usize::try_from(bytes).unwrap_or(usize::MAX))
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Snapshots::default())
    }
}

/// Bytes of memory that this process could have: the machine's, or what the container is allowed.
fn machine() -> Option<u64> {
    let all = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = all.lines().find_map(|it| it.strip_prefix("MemTotal:"))?;
    let all = line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024;
    let allowed = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .iter()
        .find_map(|it| std::fs::read_to_string(it).ok()?.trim().parse::<u64>().ok());
    Some(allowed.map_or(all, |it| it.min(all)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_memory() {
        assert!(machine().is_some_and(|it| it > 100 << 20));
        assert_eq!(Budget::new(Snapshots { memory_mb: Some(3) }).0, 3 << 20);
    }
}
