//! What is done with objects: nothing is moved or removed before its question was seen and answered, and what is done is what the
//! question named.

mod copying;
mod deleting;
mod downloading;
mod linking;
mod looking;
mod random;
mod uploading;

pub(crate) use downloading::folder;

use whopays::app::{Begin, Effect, Msg, Origin, Ticket};
use whopays::config::Config;
use whopays::domain::{Access, Provider, Tally};
use whopays::transfer::{Job, Progress};

use super::driver::{Console, account, foreign};
use super::shelf::leaf;

/// An order to run a job.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) ticket: Ticket,
    pub(crate) job: Job,
    pub(crate) begin: Begin,
}

pub(crate) fn run_of(effect: &Effect) -> Option<Run> {
    match effect {
        Effect::RunJob(ticket, job, _, begin) => Some(Run { ticket: *ticket, job: job.clone(), begin: *begin }),
        _ => None,
    }
}

impl Console {
    /// Every job that may move or remove something: ordered to begin at once, or told to go on after its plan.
    pub(crate) fn acting_jobs(&self) -> Vec<Job> {
        let planned = self.ever(run_of);
        let went_on = self.ever(|effect| match effect {
            Effect::Rein(ticket, whopays::transfer::Rein::Go) => Some(*ticket),
            _ => None,
        });
        planned.into_iter().filter(|run| run.begin == Begin::AtOnce || went_on.contains(&run.ticket)).map(|run| run.job).collect()
    }

    /// Jobs that only count.
    pub(crate) fn plans(&self) -> Vec<Run> {
        self.ever(run_of).into_iter().filter(|run| run.begin == Begin::AfterPlan).collect()
    }

    /// The last plan has found so much, and waits.
    pub(crate) fn counted(&mut self, objects: u64, bytes: u64) {
        let ticket = self.plans().last().expect("something is planned").ticket;
        let tally = Tally { requests: objects.div_ceil(1000), ..Tally::default() };
        self.send(Msg::JobMoved(ticket, Progress { objects, bytes, counted: true, tally, ..Progress::default() }));
    }
}

/// Inside of a bucket of `research`, with a prefix and two objects; the cursor is on the first object.
pub(super) fn shelf(width: u16, height: u16) -> Console {
    let mut console = Console::inside("maps", width, height);
    console.end_page(Ok(leaf(&["a.txt", "b.csv", "logs/"], None)));
    console
}

/// The same in an account with this access.
pub(super) fn shelf_of(access: Access) -> Console {
    let mut vault = account("research", Provider::S3, "us-west-2");
    vault.access = access;
    inside(vault, "maps")
}

/// The same in someone else's bucket.
pub(super) fn foreign_shelf() -> Console {
    let mut research = account("research", Provider::S3, "us-west-2");
    research.buckets.push(foreign("arxiv", "444455556666"));
    inside(research, "arxiv")
}

fn inside(account: whopays::config::Account, bucket: &str) -> Console {
    let mut console = Console::new(80, 24);
    console.load(Config { accounts: vec![account], ..Config::default() }, Origin::File("/home/ada/config.toml".to_owned()));
    console.list(0, &["maps"], "us-west-2");
    console.answer_reads(|_| Err(super::driver::denied("arxiv")));
    console.go_to(bucket);
    console.keys("\n");
    console.end_page(Ok(leaf(&["a.txt", "b.csv", "logs/"], None)));
    console
}
