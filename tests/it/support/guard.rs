//! Background programs that end with the test process, however that ends.
//!
//! A `sh` process makes the program's directory, starts it, and then waits on a pipe from the
//! test process. The system closes that pipe whenever the test process goes, be it by
//! `kill -9`; then the shell stops the program and removes the directory. Rust alone could
//! not: destructors of statics never run, and none runs in a process that is killed.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The frame around a program's `start` and `stop`.
///
/// `start` must return once the program answers, or fail and leave its words in `log`.
/// The directory is made and removed here so that no moment is left without an owner.
const FRAME: &str = r#"
trap '' PIPE
trap 'exit 1' HUP INT TERM
trap 'stop; cd /; rm -rf "$DIR"' EXIT
mkdir "$DIR" && cd "$DIR" || { echo "cannot make a directory in ${DIR%/*}; is TMPDIR writable for $(id -un)?" >&2; exit 1; }
start || { tail -n 40 log >&2; exit 1; }
echo ready
exec <&3
while read -r called; do
    if "$called" </dev/null 3<&-; then echo done; else echo failed; fi
done
"#;

/// A running program and the shell that guards it. Dropping it stops the program and waits.
#[derive(Debug)]
pub struct Guard {
    shell: Child,
    answers: BufReader<ChildStdout>,
    dir: PathBuf,
}

impl Guard {
    /// Starts a program by the shell functions `start` and `stop` that `script` defines.
    ///
    /// They run in a fresh directory, which they know as `$DIR`, with a clean environment and
    /// `variables`, and never as root. Returns what the program said if it did not start.
    pub fn start(script: &str, variables: &[(&str, &str)]) -> Result<Self, String> {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let dir = std::env::temp_dir().join(format!(
            "blogctl-test-{}-{}-{}",
            std::process::id(),
            STARTED.fetch_add(1, Ordering::Relaxed),
            super::random_word(),
        ));
        let mut command = Command::new("sh");
        command
            // The pipe is kept away from the program's own stdin.
            .arg("-c")
            .arg(format!("exec 3<&0 </dev/null\n{script}\n{FRAME}"))
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .env("LC_ALL", "C.UTF-8")
            .env("DIR", &dir)
            .envs(variables.iter().copied())
            .current_dir("/")
            // Ctrl-C in a terminal reaches the tests; the guard cleans up after them.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(account) = account() {
            command.uid(account.uid).gid(account.gid);
        }
        let mut shell = command.spawn().map_err(|e| format!("cannot run sh: {e}"))?;

        let mut line = String::new();
        let mut answers = BufReader::new(shell.stdout.take().expect("stdout is piped"));
        let read = answers.read_line(&mut line);
        if read.is_ok() && line == "ready\n" {
            return Ok(Self {
                shell,
                answers,
                dir,
            });
        }
        drop(shell.stdin.take());
        let mut words = String::new();
        let stderr = shell.stderr.take().expect("stderr is piped");
        // What it said is for a message only.
        let _ = BufReader::new(stderr).read_to_string(&mut words);
        let _ = shell.wait();
        Err(words)
    }

    /// Runs another shell function of the script and waits for its end; tells whether it
    /// succeeded.
    pub fn call(&mut self, function: &str) -> bool {
        let stdin = self.shell.stdin.as_mut().expect("only drop takes it");
        let told = writeln!(stdin, "{function}").and_then(|()| stdin.flush());
        let mut answer = String::new();
        told.and_then(|()| self.answers.read_line(&mut answer))
            .is_ok()
            && answer == "done\n"
    }

    /// The program's directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // An error would mean that the shell has been waited for, which only `start` does.
        let _ = self.shell.wait();
    }
}

/// Whom servers run as when the tests run as root: PostgreSQL and PgBouncer both refuse root.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    pub uid: u32,
    pub gid: u32,
}

/// Returns the account for servers, or `None` where they run as the tests do.
fn account() -> Option<Account> {
    static ACCOUNT: OnceLock<Option<Account>> = OnceLock::new();
    *ACCOUNT.get_or_init(|| {
        is_root().then(|| {
            ["postgres", "nobody"].into_iter().find_map(look_up).expect(
                "servers refuse root: run the tests as another user, or add a user postgres",
            )
        })
    })
}

/// Tells whether the tests run as root.
pub fn is_root() -> bool {
    // SAFETY: geteuid reads a number and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

fn look_up(user: &str) -> Option<Account> {
    let number = |flag| {
        let output = Command::new("id").args([flag, user]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    Some(Account {
        uid: number("-u")?,
        gid: number("-g")?,
    })
}
