//! Keys and reports in any order: never more jobs run than may, and none is lost.

use proptest::prelude::*;
use proptest::test_runner::Config as Cases;
use whopays::app::{Begin, Effect, KeyCode, Msg, Ticket};
use whopays::domain::{Consent, Error, ErrorKind};
use whopays::transfer::{Ending, Job, Progress, Rein};

use super::driver::Console;
use super::transfers::{delete, download, failed, quits, with_jobs};

#[derive(Clone, Debug)]
enum Event {
    Key(char),
    Code(KeyCode),
    See,
    Moved(usize, bool),
    Item(usize),
    End(usize, u8),
    GivenUp,
}

fn event() -> impl Strategy<Value = Event> {
    let letters: Vec<char> = "rrrrjkJK<>  xxsgyynCwCqi3".chars().collect();
    prop_oneof![
        10 => prop::sample::select(letters).prop_map(Event::Key),
        1 => prop::sample::select(vec![KeyCode::Esc, KeyCode::Enter, KeyCode::Home, KeyCode::Tab]).prop_map(Event::Code),
        4 => Just(Event::See),
        3 => (0usize..8, any::<bool>()).prop_map(|(n, counted)| Event::Moved(n, counted)),
        1 => (0usize..8).prop_map(Event::Item),
        3 => (0usize..8, 0u8..4).prop_map(|(n, how)| Event::End(n, how)),
        1 => Just(Event::GivenUp),
    ]
}

/// What an outsider knows of the jobs: tickets that were started and have not ended, and what was last said to each.
#[derive(Default)]
struct Witness {
    open: Vec<(Ticket, Rein)>,
    read: usize,
}

impl Witness {
    /// Reads new orders. Says how many may be moving.
    fn read(&mut self, console: &Console) -> Result<usize, TestCaseError> {
        for order in &console.log[self.read..] {
            match order {
                Effect::RunJob(ticket, _, _, begin) => {
                    prop_assert!(self.open.iter().all(|(other, _)| other != ticket), "one ticket was started twice");
                    let rein = if *begin == Begin::AtOnce { Rein::Go } else { Rein::Plan };
                    self.open.push((*ticket, rein));
                }
                Effect::Rein(ticket, rein) => {
                    let job = self.open.iter_mut().find(|(open, _)| open == ticket);
                    prop_assert!(job.is_some(), "a job that has ended was told {rein:?}");
                    job.unwrap().1 = *rein;
                }
                _ => {}
            }
        }
        self.read = console.log.len();
        Ok(self.open.iter().filter(|(_, rein)| *rein == Rein::Go).count())
    }
}

fn apply(console: &mut Console, witness: &mut Witness, event: Event) {
    let pick = |n: usize| witness.open.get(n % witness.open.len().max(1)).map(|(ticket, _)| *ticket);
    match event {
        Event::Key(c) => drop(console.press(KeyCode::Char(c))),
        Event::Code(code) => drop(console.press(code)),
        Event::See => drop(console.see()),
        Event::Moved(n, counted) => {
            if let Some(ticket) = pick(n) {
                console.send(Msg::JobMoved(ticket, Progress { objects: 9, ended: 3, counted, ..Progress::default() }));
            }
        }
        Event::Item(n) => {
            if let Some(ticket) = pick(n) {
                console.send(Msg::JobItem(ticket, failed("k", "slow down")));
            }
        }
        Event::End(n, how) => {
            if let Some(ticket) = pick(n) {
                witness.open.retain(|(open, _)| *open != ticket);
                let error = Error::new(if how == 2 { ErrorKind::Credentials } else { ErrorKind::Network }, "broken");
                let ending = [Ending::Done, Ending::Partly, Ending::Failed(error), Ending::Stopped].into_iter().nth(usize::from(how));
                console.send(Msg::JobEnded(ticket, Progress::default(), ending.unwrap()));
            }
        }
        Event::GivenUp => {
            let asked = console.open(|order| match order {
                Effect::GiveUpJob(ticket, _) => Some(*ticket),
                _ => None,
            });
            for ticket in asked {
                console.send(Msg::JobGivenUp(ticket, Ok(())));
            }
        }
    }
}

proptest! {
    #![proptest_config(Cases { cases: 96, failure_persistence: None, ..Cases::default() })]

    #[test]
    fn never_more_run_than_may_and_no_job_is_lost(events in prop::collection::vec(event(), 1..160)) {
        let mut jobs: Vec<Job> = (0..5).map(|n| download(&format!("k{n}"), Consent::Silent)).collect();
        jobs.push(delete("old/"));
        jobs.push(download("paid", Consent::Given));
        let mut console = with_jobs(80, 24, jobs);
        // All places are taken from the beginning.
        console.press(KeyCode::Esc);
        console.keys("3rjrjrjrjrj");
        let mut witness = Witness::default();
        for event in events {
            apply(&mut console, &mut witness, event.clone());
            let moving = witness.read(&console)?;
            prop_assert!(moving <= 2, "{moving} run after {event:?}");
        }
        if quits(&console) > 0 {
            // Whoever leaves has told every job how to end.
            prop_assert!(witness.open.iter().all(|(_, rein)| matches!(rein, Rein::Stop | Rein::GiveUp)));
        }
    }
}
