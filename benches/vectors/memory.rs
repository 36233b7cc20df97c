//! The memory of this process in MiB, from Linux; nothing on other systems.

/// The most that was ever resident, pages of files included.
pub(super) fn peak() -> Option<f64> {
    field("VmHWM:")
}

/// What is resident and isn't a page of a file.
pub(super) fn anonymous() -> Option<f64> {
    field("RssAnon:")
}

fn field(name: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}
