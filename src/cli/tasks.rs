//! Many waits at once, a bounded number of them, and the user's Ctrl-C.

use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{JoinSet, LocalSet};

use crate::domain::{Error, ErrorKind, Result};

/// How long what is under way may take to end after Ctrl-C.
const GRACE: Duration = Duration::from_secs(2);

/// Waits for a command's work on a runtime of its own. What still runs when the work is done is dropped.
///
/// # Errors
/// `Local` when the system gives no runtime; else whatever the work says.
pub(super) fn wait_for<T, E: From<Error>>(work: impl Future<Output = std::result::Result<T, E>>) -> std::result::Result<T, E> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(no_events)?;
    let answer = LocalSet::new().block_on(&runtime, work);
    // A thread may still read the terminal for an answer that nobody needs any more.
    runtime.shutdown_background();
    answer
}

/// The same, with a thread more than the one that waits here: for work that decrypts and counts while the command prints.
///
/// # Errors
/// As [`wait_for`].
pub(super) fn wait_on_threads<T, E: From<Error>>(work: impl Future<Output = std::result::Result<T, E>>) -> std::result::Result<T, E> {
    let threads = threads()?;
    let answer = threads.block_on(work);
    threads.shutdown_background();
    answer
}

/// The same, beside threads that are the job's own: while all of them wait for a disk that hangs, Ctrl-C is still heard here.
///
/// # Errors
/// As [`wait_for`].
pub(super) fn wait_beside_threads<T, E, Work>(work: impl FnOnce(Handle) -> Work) -> std::result::Result<T, E>
where
    E: From<Error>,
    Work: Future<Output = std::result::Result<T, E>>,
{
    let threads = threads()?;
    let answer = wait_for(work(threads.handle().clone()));
    threads.shutdown_background();
    answer
}

fn threads() -> Result<Runtime> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).clamp(1, 4);
    let building = Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    building.map_err(no_events)
}

fn no_events(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Local, format!("the system does not let us wait for events: {error}"))
}

/// The same, ended by Ctrl-C or SIGTERM: for work that changes nothing.
///
/// # Errors
/// `Interrupted`, and as [`wait_for`].
pub(super) fn wait_or_stop<T, E: From<Error>>(work: impl Future<Output = std::result::Result<T, E>>) -> std::result::Result<T, E> {
    wait_for(async {
        let stopped = interrupted()?;
        tokio::select! {
            answer = work => answer,
            () = stopped => Err(stopped_by_user().into()),
        }
    })
}

/// What a command says when the user stopped it.
pub(super) fn stopped_by_user() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted")
}

/// Listens from now on for the wish that the process ends (Ctrl-C, SIGTERM), and gives what to wait for. Until it is called, such a
/// signal kills the process at once. It needs a running runtime.
///
/// # Errors
/// `Local` when the system does not let us hear signals.
pub(super) fn interrupted() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let deaf = |error: std::io::Error| Error::new(ErrorKind::Local, format!("the system does not let us hear signals: {error}"));
    let mut pressed = signal(SignalKind::interrupt()).map_err(deaf)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(deaf)?;
    Ok(async move {
        tokio::select! {
            _ = pressed.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Does the work on every item, at most `limit` at a time, and answers in the items' order.
///
/// When `stop` ends, nothing new is begun; what is under way has two seconds to end. An answer is `None` if the work was not
/// begun, was dropped then, or panicked. `progress` hears how many have ended.
pub(super) async fn in_order<Item, Answer, Work>(
    items: Vec<Item>,
    limit: usize,
    stop: impl Future,
    work: impl Fn(Item) -> Work,
    mut progress: impl FnMut(usize),
) -> Vec<Option<Answer>>
where
    Answer: 'static,
    Work: Future<Output = Answer> + 'static,
{
    let mut answers: Vec<Option<Answer>> = items.iter().map(|_| None).collect();
    let mut waiting = items.into_iter().enumerate();
    let mut running = JoinSet::new();
    let mut keep = |ended: std::result::Result<(usize, Answer), tokio::task::JoinError>| {
        if let Ok((place, answer)) = ended {
            answers[place] = Some(answer);
        }
    };
    let mut ended_so_far = 0;
    tokio::pin!(stop);
    loop {
        while running.len() < limit
            && let Some((place, item)) = waiting.next()
        {
            let begun = work(item);
            running.spawn_local(async move { (place, begun.await) });
        }
        tokio::select! {
            ended = running.join_next() => match ended {
                Some(ended) => {
                    keep(ended);
                    ended_so_far += 1;
                    progress(ended_so_far);
                }
                None => break,
            },
            _ = &mut stop => {
                let rest = async { while let Some(ended) = running.join_next().await { keep(ended) } };
                // Too late is not an error: what has not ended keeps `None`.
                let _ = tokio::time::timeout(GRACE, rest).await;
                break;
            }
        }
    }
    answers
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::sync::{Arc, Mutex, mpsc};

    use super::*;
    use crate::runtime::clock;

    #[test]
    fn answers_stand_in_the_items_order_and_the_limit_holds() {
        let (now, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let answers = wait_for(async {
            let work = |item: u32| {
                let (now, most) = (Rc::clone(&now), Rc::clone(&most));
                async move {
                    now.set(now.get() + 1);
                    most.set(most.get().max(now.get()));
                    for _ in item..9 {
                        tokio::task::yield_now().await;
                    }
                    now.set(now.get() - 1);
                    item * 10
                }
            };
            Ok::<_, Error>(in_order((0..9).collect(), 4, std::future::pending::<()>(), work, |_| {}).await)
        });
        assert_eq!(answers.expect("no failure"), [0, 10, 20, 30, 40, 50, 60, 70, 80].map(Some));
        assert_eq!(most.get(), 4);
    }

    #[test]
    fn time_goes_on_while_all_threads_of_a_job_wait_for_the_disk() {
        let (come_back, disk) = mpsc::channel::<()>();
        let disk = Arc::new(Mutex::new(disk));
        let came_back = wait_beside_threads(|threads| async move {
            let wait = |disk: Arc<Mutex<mpsc::Receiver<()>>>| async move {
                let disk = disk.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                disk.recv_timeout(Duration::from_secs(15)).is_ok()
            };
            let hanging: Vec<_> = (0..4).map(|_| threads.spawn(wait(Arc::clone(&disk)))).collect();
            clock::sleep(Duration::from_millis(20)).await;
            let mut all = hanging.iter().all(|_| come_back.send(()).is_ok());
            for one in hanging {
                all &= one.await.unwrap_or(false);
            }
            Ok::<_, Error>(all)
        });
        assert!(came_back.expect("no failure"), "a timer waited for the disk as well");
    }

    #[test]
    fn after_a_stop_nothing_is_begun_and_what_runs_may_end() {
        let begun = Rc::new(Cell::new(0));
        let answers = wait_for(async {
            let (tell, told) = tokio::sync::oneshot::channel::<()>();
            let tell = Rc::new(Cell::new(Some(tell)));
            let work = |item: u32| {
                begun.set(begun.get() + 1);
                let tell = Rc::clone(&tell);
                async move {
                    if let Some(tell) = tell.take() {
                        let _ = tell.send(());
                    }
                    for _ in 0..20 {
                        tokio::task::yield_now().await;
                    }
                    item
                }
            };
            Ok::<_, Error>(in_order(vec![1, 2, 3, 4], 2, told, work, |_| {}).await)
        });
        assert_eq!(answers.expect("no failure"), [Some(1), Some(2), None, None]);
        assert_eq!(begun.get(), 2);
    }
}
