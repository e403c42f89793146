//! Random inputs for parsers, derived from good ones by mutation.
//!
//! `BLOGCTL_FUZZ_INPUTS` sets how many inputs each target gets (by default [`INPUTS`]), and
//! `BLOGCTL_FUZZ_SEED` repeats a run. Both are printed, so that a failure can be repeated.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use fastrand::Rng;

/// Inputs per target in an ordinary test run.
const INPUTS: u64 = 2_000;

/// The longest input in bytes.
const LONGEST: usize = 4_096;

/// Runs `check` on random inputs made from `corpus`, which must not be empty, and from pieces
/// of `dictionary`. A panic fails the test and prints the input and the seed.
pub fn run(target: &str, corpus: &[&[u8]], dictionary: &[&[u8]], check: impl Fn(&[u8])) {
    let inputs = number("BLOGCTL_FUZZ_INPUTS").unwrap_or(INPUTS);
    let seed = number("BLOGCTL_FUZZ_SEED").unwrap_or_else(|| fastrand::u64(..));
    eprintln!("figure: fuzz {target}: {inputs} inputs, BLOGCTL_FUZZ_SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    for number in 0..inputs {
        let input = input(&mut rng, corpus, dictionary);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(&input))) {
            eprintln!(
                "fuzz {target}: input {number} of seed {seed} failed: b\"{}\"",
                input.escape_ascii()
            );
            resume_unwind(panic);
        }
    }
}

/// Runs `check` with random generators, `runs` times unless `BLOGCTL_FUZZ_INPUTS` says another
/// number. A failure prints the run's own seed; as `BLOGCTL_FUZZ_SEED` it comes first again.
pub fn repeat(target: &str, runs: u64, check: impl Fn(&mut Rng)) {
    let runs = number("BLOGCTL_FUZZ_INPUTS").unwrap_or(runs);
    let first = number("BLOGCTL_FUZZ_SEED").unwrap_or_else(|| fastrand::u64(..));
    eprintln!("figure: fuzz {target}: {runs} runs, BLOGCTL_FUZZ_SEED={first}");
    for run in 0..runs {
        let seed = first.wrapping_add(run);
        let mut rng = Rng::with_seed(seed);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(&mut rng))) {
            eprintln!("fuzz {target}: run {run} failed: BLOGCTL_FUZZ_SEED={seed}");
            resume_unwind(panic);
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

fn input(rng: &mut Rng, corpus: &[&[u8]], dictionary: &[&[u8]]) -> Vec<u8> {
    let mut input = pick(rng, corpus).to_vec();
    for _ in 0..rng.usize(..8) {
        mutate(rng, &mut input, corpus, dictionary);
    }
    input.truncate(LONGEST);
    input
}

fn mutate(rng: &mut Rng, input: &mut Vec<u8>, corpus: &[&[u8]], dictionary: &[&[u8]]) {
    let at = rng.usize(..=input.len());
    let piece = match rng.u8(..8) {
        0 if at < input.len() => {
            input[at] ^= 1 << rng.u8(..8);
            return;
        }
        1 => {
            input.drain(at..(at + rng.usize(..16)).min(input.len()));
            return;
        }
        2 => {
            input.truncate(at);
            return;
        }
        3 => {
            let other = pick(rng, corpus);
            other[rng.usize(..=other.len())..].to_vec()
        }
        4 => input[at..(at + rng.usize(..64)).min(input.len())].repeat(rng.usize(1..20)),
        5 => vec![rng.u8(..)],
        6 => rng.char(..).to_string().into_bytes(),
        _ if !dictionary.is_empty() => pick(rng, dictionary).to_vec(),
        _ => return,
    };
    if input.len() + piece.len() <= LONGEST {
        input.splice(at..at, piece);
    }
}

fn pick<'a>(rng: &mut Rng, from: &[&'a [u8]]) -> &'a [u8] {
    from[rng.usize(..from.len())]
}
