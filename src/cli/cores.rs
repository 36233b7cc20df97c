//! How many cores work is shared among.
//!
//! Some ARM processors have fast and slow cores. Work is done when its last part is, and a slow core that begins the last
//! part takes a multiple of a fast one's time; so where there are such, there are threads for the fast ones.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;

/// Where Linux says what its processors are; elsewhere there is no such folder.
const SYSTEM: &str = "/sys/devices/system/cpu";

/// How many cores this process may use that are about as fast as the fastest.
pub(super) fn count() -> usize {
    let all = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    if cfg!(target_arch = "aarch64") {
        return fast(&speeds(Path::new(SYSTEM))).map_or(all, |fast| fast.min(all));
    }
    all
}

/// How many of these are at least two thirds of the greatest.
fn fast(speeds: &[u64]) -> Option<usize> {
    let most = speeds.iter().max()?;
    Some(speeds.iter().filter(|speed| speed.saturating_mul(3) >= most.saturating_mul(2)).count())
}

/// What a core does in a second, for each, as far as Linux says it: its capacity, or its greatest frequency.
fn speeds(system: &Path) -> Vec<u64> {
    let number = |core: &Path, file: &str| fs::read_to_string(core.join(file)).ok()?.trim().parse().ok();
    let speed = |at: usize| {
        let core = system.join(format!("cpu{at}"));
        number(&core, "cpu_capacity").or_else(|| number(&core, "cpufreq/cpuinfo_max_freq"))
    };
    (0..).map_while(speed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is counted on a system whose cores have these files.
    fn counted(cores: &[&[(&str, &str)]]) -> Option<usize> {
        let system = tempfile::tempdir().unwrap();
        for (at, files) in cores.iter().enumerate() {
            let core = system.path().join(format!("cpu{at}"));
            fs::create_dir_all(core.join("cpufreq")).unwrap();
            for (file, content) in *files {
                fs::write(core.join(file), content).unwrap();
            }
        }
        fast(&speeds(system.path()))
    }

    #[test]
    fn slow_cores_arent_counted() {
        let [fast, middle, slow] = ["1024\n", "870\n", "530\n"].map(|speed| [("cpu_capacity", speed)]);
        assert_eq!(counted(&[&slow, &slow, &slow, &slow, &fast, &fast]), Some(2));
        assert_eq!(counted(&[&slow, &slow, &middle, &middle, &middle, &fast]), Some(4));
        assert_eq!(counted(&[&slow, &slow]), Some(2));
    }

    #[test]
    fn frequencies_stand_in_for_capacities() {
        let [fast, slow] = ["2400000\n", "1416000\n"].map(|speed| [("cpufreq/cpuinfo_max_freq", speed)]);
        assert_eq!(counted(&[&slow, &fast, &fast]), Some(2));
    }

    #[test]
    fn a_system_that_says_nothing_has_no_count() {
        assert_eq!(counted(&[]), None);
        assert_eq!(counted(&[&[("cpu_capacity", "unknown")]]), None);
        assert!(count() >= 1);
    }
}
