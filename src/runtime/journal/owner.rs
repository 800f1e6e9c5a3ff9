//! Who runs a job: a process, told apart from later ones that get the same number.
//!
//! Comes in: a process id. Goes out: a word that is the same as long as that process lives, and never again.

use std::fs;

/// The word for this process.
pub(super) fn this() -> String {
    word(std::process::id()).unwrap_or_else(|| std::process::id().to_string())
}

/// Whether the process of a word lives. A word that nobody understands is of a process that does not.
pub(super) fn lives(owner: &str) -> bool {
    let pid = owner.split(':').next().and_then(|pid| pid.parse::<u32>().ok());
    pid.is_some_and(|pid| word(pid).as_deref() == Some(owner))
}

/// Number, start time and boot, as the kernel tells them; `None`: there is no such process.
#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "the state database asks the kernel who lives, beside the event loop")]
fn word(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold anything, a parenthesis too: what counts comes after the last one. The start time is the 22nd field.
    let mut rest = stat.rsplit_once(") ")?.1.split(' ');
    let (state, started) = (rest.next()?, rest.nth(18)?);
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    // A zombie has ended already.
    (state != "Z").then(|| format!("{pid}:{started}:{}", boot.trim()))
}

/// Elsewhere the number alone, as far as a signal could be sent.
#[cfg(not(target_os = "linux"))]
fn word(pid: u32) -> Option<String> {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).ok()?)?;
    rustix::process::test_kill_process(pid).is_ok().then(|| pid.as_raw_nonzero().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives_and_a_later_one_of_its_number_is_another() {
        let word = this();
        assert!(lives(&word), "{word}");
        let mut parts: Vec<String> = word.split(':').map(str::to_owned).collect();
        if let [_, started, _] = parts.as_mut_slice() {
            *started = format!("{started}1");
            assert!(!lives(&parts.join(":")));
        }
        for dead in ["", "0", "4194305:1:boot", "no number", "-1"] {
            assert!(!lives(dead), "{dead:?}");
        }
    }
}
