//! A project in a temporary directory, and the real program run in it.

use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::{Timestamp, ToSpan};
use regex::Regex;
use tempfile::TempDir;

use super::guard::is_root;

/// The program under test.
pub const BLOGCTL: &str = env!("CARGO_BIN_EXE_blogctl");

/// The time after which a run is killed.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The user that owns nothing.
const NOBODY: u32 = 65_534;

/// A project's directory with everything around it, gone when dropped.
pub struct Project {
    outer: TempDir,
}

impl Project {
    /// Makes an empty project: a directory that is the root of a git work tree.
    pub fn new() -> Self {
        let outer = tempfile::Builder::new()
            .prefix("blogctl-project-")
            .tempdir()
            .expect("the system's directory for temporary files is writable");
        let project = Self { outer };
        fs::create_dir(project.home()).expect("the directory is new");
        fs::create_dir_all(project.root().join(".git")).expect("the directory is new");
        project
    }

    /// The project's root, in which the program runs.
    pub fn root(&self) -> PathBuf {
        self.outer.path().join("project")
    }

    fn home(&self) -> PathBuf {
        self.outer.path().join("home")
    }

    /// A path in the project.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root().join(relative)
    }

    /// Writes a file and the directories above it.
    pub fn write(&self, relative: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> &Self {
        let path = self.path(relative);
        let parent = path.parent().expect("a path in the project has a parent");
        fs::create_dir_all(parent).unwrap_or_else(|e| panic!("{}: {e}", parent.display()));
        fs::write(&path, contents).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        self
    }

    /// Writes a good post to `content/ID.md`.
    pub fn post(&self, id: i64, title: &str) -> &Self {
        self.post_with(id, title, "", &format!("The body of post {id}.\n"))
    }

    /// Writes a post to `content/ID.md` with more lines of front matter and a body.
    pub fn post_with(&self, id: i64, title: &str, front_matter: &str, body: &str) -> &Self {
        self.write(
            format!("content/{id}.md"),
            post(id, title, front_matter, body),
        )
    }

    /// Reads a file.
    pub fn read(&self, relative: impl AsRef<Path>) -> String {
        let path = self.path(relative);
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// Removes a file.
    pub fn remove(&self, relative: impl AsRef<Path>) -> &Self {
        let path = self.path(relative);
        fs::remove_file(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        self
    }

    /// Renames a file, making the directories above the new name.
    pub fn rename(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> &Self {
        let (from, to) = (self.path(from), self.path(to));
        let parent = to.parent().expect("a path in the project has a parent");
        fs::create_dir_all(parent).unwrap_or_else(|e| panic!("{}: {e}", parent.display()));
        fs::rename(&from, &to).unwrap_or_else(|e| panic!("{}: {e}", from.display()));
        self
    }

    /// Runs the program to its end in an environment that holds nothing of the caller's.
    pub fn run(&self, args: &[&str]) -> Output {
        self.run_with(args, &[])
    }

    /// As [`Project::run`], with environment variables.
    pub fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Output {
        self.spawn_with(args, variables).wait()
    }

    /// Starts the program and does not wait.
    pub fn spawn(&self, args: &[&str]) -> Running {
        self.spawn_with(args, &[])
    }

    /// As [`Project::spawn`], with environment variables.
    pub fn spawn_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Running {
        let mut command = self.command(args);
        command.envs(variables.iter().copied());
        self.start(command)
    }

    /// The program, ready to run in the project in a clean environment.
    pub fn command(&self, args: &[&str]) -> Command {
        self.command_of(Path::new(BLOGCTL), args)
    }

    fn command_of(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.home())
            .env("USER", "tester")
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .current_dir(self.root())
            .stdin(Stdio::null());
        command
    }

    /// Runs the program as a user whom file permissions bind: root reads what it likes, so
    /// there a copy of the program runs as `nobody`, who is given the project.
    pub fn run_as_nobody(&self, args: &[&str]) -> Output {
        if !is_root() {
            return self.run(args);
        }
        // The build directory may be closed to others.
        let program = self.outer.path().join("blogctl");
        // Not by this process: a child that another test starts meanwhile would inherit the file
        // while it is open for writing, and a file that is open so cannot be run.
        let copied = Command::new("cp").arg(BLOGCTL).arg(&program).status();
        assert!(copied.is_ok_and(|status| status.success()));
        hand_over(self.outer.path());
        let mut command = self.command_of(&program, args);
        command.uid(NOBODY).gid(NOBODY);
        self.start(command).wait()
    }

    /// Runs another program in the same way.
    pub fn run_other(&self, program: &Path, args: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = self.command_of(program, args);
        command.envs(variables.iter().copied());
        self.start(command).wait()
    }

    /// Runs a shell's line in the project; `$BLOGCTL` is the program.
    pub fn shell(&self, line: &str) -> Output {
        let mut command = self.command_of(Path::new("/bin/sh"), &["-c", line]);
        command.env("BLOGCTL", BLOGCTL);
        self.start(command).wait()
    }

    fn start(&self, mut command: Command) -> Running {
        let words = format!("{command:?}");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot run {words}: {e}"));
        let stdout = collect(child.stdout.take().expect("stdout is piped"));
        let stderr = collect(child.stderr.take().expect("stderr is piped"));
        Running {
            child,
            streams: Some([stdout, stderr]),
            words,
            begun: Instant::now(),
            outer: self.outer.path().to_owned(),
        }
    }
}

/// The text of a post with front matter.
pub fn post(id: i64, title: &str, front_matter: &str, body: &str) -> String {
    let title = serde_json::Value::from(title);
    let front_matter = front_matter.trim_end();
    let gap = if front_matter.is_empty() { "" } else { "\n" };
    format!("---\nid: {id}\ntitle: {title}{gap}{front_matter}\n---\n{body}")
}

/// Gives a tree to `nobody`; modes stay, links are not followed.
fn hand_over(path: &Path) {
    std::os::unix::fs::lchown(path, Some(NOBODY), Some(NOBODY))
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    if path.is_dir() && !path.is_symlink() {
        for entry in fs::read_dir(path).expect("the directory is the test's") {
            hand_over(&entry.expect("the directory is the test's").path());
        }
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("a pipe can be read");
        bytes
    })
}

/// A run that may still be going on. Dropping it kills it.
pub struct Running {
    child: Child,
    streams: Option<[JoinHandle<Vec<u8>>; 2]>,
    words: String,
    begun: Instant,
    outer: PathBuf,
}

impl Running {
    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns true if the run has not ended.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("the child is ours").is_none()
    }

    /// Kills it at once, as `kill -9` does.
    pub fn kill(mut self) -> Output {
        self.child.kill().expect("the child is ours");
        self.wait()
    }

    /// Waits for its end; a run that takes longer than a minute is killed and fails the test.
    pub fn wait(mut self) -> Output {
        let mut timed_out = false;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the child is ours") {
                break status;
            }
            if !timed_out && self.begun.elapsed() > TIMEOUT {
                timed_out = true;
                self.child.kill().expect("the child is ours");
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let [stdout, stderr] = self.streams.take().expect("only wait takes the streams");
        let text = |stream: JoinHandle<Vec<u8>>| {
            let bytes = stream.join().expect("reading a pipe does not panic");
            String::from_utf8(bytes).expect("the program's output is UTF-8")
        };
        let output = Output {
            status: status.code().unwrap_or(-1),
            stdout: text(stdout),
            stderr: text(stderr),
            outer: self.outer.clone(),
        };
        assert!(
            !timed_out,
            "{} ran longer than {TIMEOUT:?}\n{output:#?}",
            self.words
        );
        output
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The exit status; -1 if a signal ended it.
    pub status: i32,
    /// The standard output.
    pub stdout: String,
    /// The standard error.
    pub stderr: String,
    outer: PathBuf,
}

impl Output {
    /// Builds the result of a run, for tests of this support.
    pub fn of(project: &Project, status: i32, stdout: &str) -> Self {
        Self {
            status,
            stdout: stdout.to_owned(),
            stderr: String::new(),
            outer: project.outer.path().to_owned(),
        }
    }

    /// Demands an exit status, and shows the output where it is another.
    #[track_caller]
    pub fn expect_status(self, status: i32) -> Self {
        assert_eq!(self.status, status, "\n{}{}", self.stdout, self.stderr);
        self
    }

    /// Status, stdout and stderr as one text, with what differs from run to run replaced.
    pub fn snapshot(&self) -> String {
        let Self {
            status,
            stdout,
            stderr,
            ..
        } = self;
        let end = |text: &str| {
            if text.is_empty() || text.ends_with('\n') {
                ""
            } else {
                "⏎\n"
            }
        };
        let text = format!(
            "status: {status}\n--- stdout ---\n{stdout}{}--- stderr ---\n{stderr}{}",
            end(stdout),
            end(stderr),
        );
        steady(&text, &self.outer)
    }
}

/// Replaces directories, ports, databases, durations, and times of the last day.
fn steady(text: &str, outer: &Path) -> String {
    static REPLACED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        [
            (r"/[^ '\x22]*/blogctl-test-[-0-9a-f]+", "[SERVER]"),
            (r"(127\.0\.0\.1|localhost|\[::1\]):[0-9]{2,5}", "$1:[PORT]"),
            (r"\bport=[0-9]{2,5}", "port=[PORT]"),
            (r"\btest_[0-9]+", "[DATABASE]"),
            (r"\b[0-9]+(\.[0-9]+)? ?(ns|µs|us|ms|s)\b", "[DURATION]"),
        ]
        .into_iter()
        .map(|(pattern, name)| (Regex::new(pattern).expect("the pattern is valid"), name))
        .collect()
    });
    static DATES: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?( ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?";
        Regex::new(pattern).expect("the pattern is valid")
    });
    let outer = outer.to_string_lossy();
    let mut text = text
        .replace(&format!("{outer}/project"), "[PROJECT]")
        .replace(&format!("{outer}/home"), "[HOME]");
    for (pattern, name) in REPLACED.iter() {
        text = pattern.replace_all(&text, *name).into_owned();
    }
    // Times that posts state are part of what is tested; only those of the run change.
    let now = Timestamp::now();
    let days = [now, now - 24.hours()].map(|at| at.strftime("%Y-%m-%d").to_string());
    let now_or_kept = |found: &regex::Captures<'_>| {
        let recent = days.iter().any(|day| *day == found[1]);
        if recent {
            "[NOW]".to_owned()
        } else {
            found[0].to_owned()
        }
    };
    DATES.replace_all(&text, now_or_kept).into_owned()
}
