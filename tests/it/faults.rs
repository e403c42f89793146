//! Faults of a sync's connection, server, disk or process.
//!
//! Every test here asks the same: whatever happened, the store holds the state before or the
//! state after, never another; what blogctl said of it is true; and the next sync ends right.

mod commit;
mod cuts;
mod disk;
mod fixture;
mod interrupt;
mod kill;
mod reads;
mod server;

use std::sync::Mutex;
use std::thread;

/// Does the same with each of the items, on so many threads; returns what came of it, in the
/// items' order.
fn each<T: Sync, R: Send>(threads: usize, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let waiting = Mutex::new(items.iter().enumerate());
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("taking the next cannot panic").next();
                    let Some((number, item)) = next else { return };
                    let result = work(item);
                    done.lock()
                        .expect("adding to it cannot panic")
                        .push((number, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("adding to it cannot panic");
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}
