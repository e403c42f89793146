//! Measurement of a command's memory.

use std::process::{Child, Command, ExitStatus};
#[cfg(target_os = "linux")]
use std::time::Duration;

/// The memory and the result of a command.
#[derive(Clone, Copy, Debug)]
pub struct Peak {
    /// The exit status.
    pub status: ExitStatus,
    /// The most memory it held at once (resident set), in bytes.
    pub bytes: u64,
}

/// Runs a command to its end and measures it. Its output goes where the command says: no
/// pipe is read.
///
/// On Linux the kernel's own high-water mark is read every millisecond while the command
/// runs. The mark that `wait4` gives at the end would be the wrong one: there it starts from
/// what the test process itself held when it started the command. Until the command has its own name
/// it may still have the memory of the test process, which is not counted either.
pub fn peak_rss(command: &mut Command) -> Peak {
    let child = command
        .spawn()
        .unwrap_or_else(|e| panic!("cannot run {command:?}: {e}"));
    let program = std::path::Path::new(command.get_program()).file_name();
    let name = program.unwrap_or_default().to_string_lossy().into_owned();
    watch(child, &name)
}

#[cfg(target_os = "linux")]
fn watch(mut child: Child, name: &str) -> Peak {
    let status_file = format!("/proc/{}/status", child.id());
    let mut bytes = 0;
    loop {
        let mark = std::fs::read_to_string(&status_file)
            .ok()
            .filter(|status| is_named(status, name))
            .and_then(|status| high_water_mark(&status));
        bytes = bytes.max(mark.unwrap_or(0));
        if let Some(status) = child.try_wait().expect("the child is ours") {
            return Peak { status, bytes };
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Returns whether the status is that of the program of this name, of which the kernel keeps 15 bytes.
#[cfg(target_os = "linux")]
fn is_named(status: &str, name: &str) -> bool {
    let shown = status.lines().find_map(|line| line.strip_prefix("Name:"));
    let kept = name.get(..15).unwrap_or(name);
    shown.is_some_and(|shown| shown.trim() == kept)
}

/// Reads `VmHWM: 1234 kB`, which a process keeps from its exec on.
#[cfg(target_os = "linux")]
fn high_water_mark(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(not(target_os = "linux"))]
fn watch(child: Child, _: &str) -> Peak {
    use std::os::unix::process::ExitStatusExt;
    let pid = libc::pid_t::try_from(child.id()).expect("a process id fits");
    let mut status = 0;
    // SAFETY: rusage is plain numbers, for which zeros are valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to values that live past the call.
    let waited = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) };
    assert_eq!(waited, pid, "wait4: {}", std::io::Error::last_os_error());
    let unit = if cfg!(target_vendor = "apple") {
        1
    } else {
        1024
    };
    Peak {
        status: ExitStatus::from_raw(status),
        bytes: u64::try_from(usage.ru_maxrss).unwrap_or(0) * unit,
    }
}
