//! Screen 3: the queue, what can be said to it, and what is asked before anything ends or is paid for.

use whopays::app::{Begin, Effect, KeyCode, Mouse, MouseKind, Msg, Origin, Ticket, enqueue};
use whopays::config::Config;
use whopays::domain::{
    AccountName, Acting, BucketId, BucketName, Consent, Error, ErrorKind, ObjectKey, Place, Provider, StoreAnswer, VersionId,
};
use whopays::transfer::{
    Asked, Delete, Download, Ending, Existing, Fate, ItemEnd, Job, JobId, Landing, Pick, Progress, Rein, Selection, Unfinished, Versions,
};

use super::driver::{Console, account, noon};
use super::uploads::uploads_of;

fn acting(consent: Consent) -> Acting {
    let bucket = BucketName::parse(Provider::S3, "maps").unwrap();
    let id = BucketId { account: AccountName::new("research"), bucket };
    Acting { place: Place { id, region: Some("us-west-2".to_owned()), expected_owner: None }, consent }
}

pub(crate) fn download(name: &str, consent: Consent) -> Job {
    Job::Download(Download {
        from: acting(consent),
        what: Selection::Picked(vec![Pick::named(ObjectKey::new(name.to_owned()))]),
        to: Landing::Folder("/tmp/downloads".into()),
        existing: Existing::Keep,
    })
}

pub(super) fn delete(prefix: &str) -> Job {
    let what = Selection::Below { prefix: prefix.to_owned(), rules: Vec::new() };
    Job::Delete(Delete { within: acting(Consent::Silent), what, versions: Versions::Current })
}

pub(crate) fn left(number: i64, job: Job) -> Unfinished {
    let progress = Progress { objects: 4, bytes: 4 << 20, counted: true, ended: 1, moved: 1 << 20, ..Progress::default() };
    Unfinished { id: JobId(number), begun_at: noon(), job, progress, sought: 0 }
}

/// A console whose earlier start has left these jobs.
pub(crate) fn with_jobs(width: u16, height: u16, jobs: Vec<Job>) -> Console {
    with_left(width, height, jobs.into_iter().zip(1..).map(|(job, number)| left(number, job)).collect())
}

fn with_left(width: u16, height: u16, unfinished: Vec<Unfinished>) -> Console {
    let mut console = Console::new(width, height);
    let config = Config { accounts: vec![account("research", Provider::S3, "us-west-2")], ..Config::default() };
    console.load_with(config, Origin::File("/home/ada/config.toml".to_owned()), unfinished);
    console.list(0, &["colorpictures"], "us-west-2");
    console.see();
    console
}

/// Four downloads that the owner pays for, resumed in their order: screen 3 with the cursor on the first.
pub(crate) fn queue(width: u16, height: u16, count: usize) -> Console {
    let jobs = (0..count).map(|n| download(&format!("k{n}"), Consent::Silent)).collect();
    let mut console = with_jobs(width, height, jobs);
    console.press(KeyCode::Esc);
    console.keys("3");
    for _ in 0..count {
        console.keys("rj");
    }
    console.press(KeyCode::Home);
    console
}

/// Every start so far: ticket, number in the state database, how it begins.
pub(crate) fn starts(console: &Console) -> Vec<(Ticket, i64, Begin)> {
    console.ever(|order| match order {
        Effect::RunJob(ticket, _, number, begin) => Some((*ticket, number.map_or(0, |number| number.0), *begin)),
        _ => None,
    })
}

fn numbers(console: &Console) -> Vec<i64> {
    starts(console).into_iter().map(|(_, number, _)| number).collect()
}

pub(super) fn reins(console: &Console) -> Vec<(Ticket, Rein)> {
    console.ever(|order| match order {
        Effect::Rein(ticket, rein) => Some((*ticket, *rein)),
        _ => None,
    })
}

pub(super) fn quits(console: &Console) -> usize {
    console.ever(|order| matches!(order, Effect::Quit).then_some(())).len()
}

pub(super) fn ticket(console: &Console, start: usize) -> Ticket {
    starts(console)[start].0
}

pub(super) fn end(console: &mut Console, start: usize, ending: Ending) {
    let progress = Progress { objects: 4, bytes: 4 << 20, counted: true, ended: 4, moved: 4 << 20, ..Progress::default() };
    let ticket = ticket(console, start);
    console.send(Msg::JobEnded(ticket, progress, ending));
}

#[test]
fn leftovers_are_offered_and_nothing_goes_on_by_itself() {
    let mut console = with_jobs(120, 40, vec![download("a.tif", Consent::Given), delete("old/")]);
    let screen = console.see();
    assert!(screen.contains("2 transfers were left unfinished"), "{screen}");
    assert!(screen.contains("download research:maps/a.tif") && screen.contains("delete research:maps/old/"), "{screen}");
    assert!(screen.contains("would pay: you (research); 1 of 4 done, 1.0 MiB; begun 2026-11-20"), "{screen}");
    console.press(KeyCode::Enter);
    console.keys("3");
    let screen = console.see();
    assert!(screen.contains("2 unfinished") && screen.contains("stopped"), "{screen}");
    assert!(starts(&console).is_empty());
}

/// What the state database keeps of a job does not say whether all of it was counted; and nobody counts while it stands.
#[test]
fn what_stands_says_what_it_moved_and_does_not_count() {
    let kept = left(1, download("a.tif", Consent::Silent));
    let progress = Progress { counted: false, ..kept.progress.clone() };
    let mut console = with_left(120, 40, vec![Unfinished { progress, ..kept }]);
    console.press(KeyCode::Esc);
    console.keys("3");
    let screen = console.see();
    assert!(screen.contains("stopped  1.0 MiB") && !screen.contains("counting"), "{screen}");
}

/// An upload whose id a kill kept from coming is looked for first: whoever resumes the job hears of it, and of the requests.
#[test]
fn a_search_for_lost_uploads_is_told_before() {
    let kept = |sought| Unfinished { sought, ..left(1, download("a.tif", Consent::Given)) };
    for (sought, said) in [
        (1, "An upload whose id did not come is looked for, with up to 3 requests."),
        (2, "2 uploads whose ids did not come are looked for, with up to 3 requests each."),
    ] {
        let mut console = with_left(200, 40, vec![kept(sought)]);
        assert!(console.see().contains("first looks for a lost upload; would pay: you (research)"), "{}", console.see());
        console.keys("r");
        let screen = console.see();
        let words = screen.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("Go on, and pay for the rest?") && words.contains(said), "{screen}");
    }
    let mut console = with_left(200, 40, vec![kept(0)]);
    assert!(!console.see().contains("lost upload"));
    console.keys("r");
    assert!(!console.see().contains("looked for"));
}

/// A version that goes is told from the object that goes.
#[test]
fn a_version_that_goes_is_called_so() {
    let pick = Pick { version: Some(VersionId::new("v1")), ..Pick::named(ObjectKey::new("a.tif")) };
    let what = Selection::Picked(vec![pick]);
    let job = Job::Delete(Delete { within: acting(Consent::Silent), what, versions: Versions::Current });
    let mut console = with_left(200, 40, vec![left(1, job)]);
    console.press(KeyCode::Esc);
    console.keys("3");
    assert!(console.see().contains("delete version of research:maps/a.tif"), "{}", console.see());
}

#[test]
fn going_on_as_requester_is_asked_again_and_enter_means_no() {
    let mut console = with_jobs(80, 24, vec![download("a.tif", Consent::Given)]);
    // Typed before the question was seen: nothing.
    console.keys("ry");
    assert!(starts(&console).is_empty());
    let screen = console.see();
    assert!(screen.contains("Who pays for its requests: you (research)."), "{screen}");
    console.press(KeyCode::Enter);
    assert!(starts(&console).is_empty());
    console.keys("r");
    console.see();
    console.keys("y");
    assert_eq!(numbers(&console), [1]);
    let consents = console.ever(|order| match order {
        Effect::RunJob(_, job, ..) => Some(job.acting().consent),
        _ => None,
    });
    assert_eq!(consents, [Consent::Given]);
    // Within the session the word holds.
    end(&mut console, 0, Ending::Partly);
    console.keys("r");
    assert_eq!(numbers(&console), [1, 1]);
}

#[test]
fn two_run_at_once_in_the_order_of_the_queue() {
    let mut console = queue(80, 24, 4);
    assert_eq!(numbers(&console), [1, 2]);
    // The last one is moved before the third.
    console.press(KeyCode::End);
    console.keys("K");
    end(&mut console, 1, Ending::Done);
    assert_eq!(numbers(&console), [1, 2, 4]);
    console.keys("+");
    assert_eq!(numbers(&console), [1, 2, 4, 3]);
    assert!(starts(&console).iter().all(|(_, _, begin)| *begin == Begin::AtOnce));
}

#[test]
fn at_least_one_and_at_most_eight() {
    let mut console = queue(80, 24, 10);
    console.keys("----");
    assert!(console.draw().contains("1 transfer at a time"));
    end(&mut console, 0, Ending::Done);
    // One still runs: nobody takes the free place.
    assert_eq!(numbers(&console), [1, 2]);
    console.keys("++++++++++++");
    assert!(console.draw().contains("8 transfers at a time"));
    assert_eq!(numbers(&console), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn a_paused_job_gives_its_place_away_and_waits_for_its_turn() {
    let mut console = queue(80, 24, 3);
    let first = ticket(&console, 0);
    console.keys(" ");
    assert_eq!(reins(&console), [(first, Rein::Pause)]);
    assert_eq!(numbers(&console), [1, 2, 3]);
    assert!(console.draw().contains("paused"));
    console.keys(" ");
    assert_eq!(reins(&console).len(), 1, "two run already");
    end(&mut console, 2, Ending::Done);
    assert_eq!(reins(&console), [(first, Rein::Pause), (first, Rein::Go)]);
    assert_eq!(starts(&console).len(), 3);
}

#[test]
fn cancelling_asks_and_the_default_is_no() {
    let mut console = queue(80, 24, 1);
    let ticket = ticket(&console, 0);
    console.keys("xs");
    assert!(reins(&console).is_empty(), "typed ahead");
    let screen = console.see();
    assert!(screen.contains("Cancel this transfer?") && screen.contains("research:maps"), "{screen}");
    console.press(KeyCode::Enter);
    assert!(reins(&console).is_empty());
    console.keys("x");
    console.see();
    console.keys("s");
    assert_eq!(reins(&console), [(ticket, Rein::Stop)]);
    assert!(console.draw().contains("stopping"));
    console.send(Msg::JobEnded(ticket, Progress::default(), Ending::Stopped));
    assert!(console.draw().contains("stopped and kept"));
    // Kept: it can go on, or be given up.
    console.keys("x");
    console.see();
    console.keys("g");
    let gone = console.ever(|order| match order {
        Effect::GiveUpJob(ticket, number) => Some((*ticket, number.0)),
        _ => None,
    });
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0].1, 1);
    console.send(Msg::JobGivenUp(gone[0].0, Ok(())));
    assert!(console.draw().contains("given up"));
}

#[test]
fn what_cannot_be_given_up_stays_and_says_why() {
    let mut console = with_jobs(80, 24, vec![download("a", Consent::Silent)]);
    console.keys("x");
    console.see();
    console.keys("g");
    let ticket = console.pick(|order| match order {
        Effect::GiveUpJob(ticket, _) => Some(*ticket),
        _ => None,
    });
    let error = Error::new(ErrorKind::Network, "no connection to s3.example").hint("Check the network.");
    console.send(Msg::JobGivenUp(ticket, Err(error)));
    let screen = console.draw();
    assert!(screen.contains("no connection to s3.example") && screen.contains("stopped!"), "{screen}");
}

#[test]
fn reports_of_nobody_change_nothing() {
    let mut console = queue(80, 24, 1);
    end(&mut console, 0, Ending::Done);
    let (done, before) = (ticket(&console, 0), console.draw());
    for stale in [done, Ticket(100_000)] {
        console.send(Msg::JobBegun(stale, JobId(77)));
        console.send(Msg::JobMoved(stale, Progress { ended: 99, ..Progress::default() }));
        console.send(Msg::JobItem(stale, failed("k", "late")));
        console.send(Msg::JobEnded(stale, Progress::default(), Ending::Partly));
        console.send(Msg::JobGivenUp(stale, Ok(())));
        assert!(!console.model.dirty());
    }
    assert_eq!(console.draw(), before);
}

pub(super) fn failed(key: &str, message: &str) -> ItemEnd {
    let answer = StoreAnswer { status: 503, request_id: Some("REQ-503".to_owned()), ..StoreAnswer::default() };
    let error = Error::new(ErrorKind::Throttled, message.to_owned()).hint("Wait a minute, then try again.").answer(answer);
    ItemEnd {
        source: format!("research:maps/{key}"),
        target: format!("/tmp/downloads/{key}"),
        fate: Fate::Failed(error),
        bytes: 10,
        asked: Asked::NOTHING,
    }
}

#[test]
fn what_failed_is_listed_with_hint_and_request_id_and_tried_again() {
    let mut console = queue(120, 40, 1);
    let ticket = ticket(&console, 0);
    for n in 0..5_000 {
        console.send(Msg::JobItem(ticket, failed(&format!("k{n}"), "slow down")));
    }
    let progress = Progress { objects: 5_003, counted: true, ended: 5_003, failed: 5_000, ..Progress::default() };
    console.send(Msg::JobEnded(ticket, progress, Ending::Partly));
    let screen = console.see();
    assert!(screen.contains("3 of 5003 done, 5000 failed"), "{screen}");
    assert!(screen.contains("k4999: slow down. Wait a minute, then try again. (request id REQ-503)"), "{screen}");
    console.keys("r");
    // The same number: what is done is not done again.
    assert_eq!(numbers(&console), [1, 1]);
}

#[test]
fn expired_keys_leave_a_job_that_goes_on() {
    let mut console = queue(140, 40, 1);
    let error = Error::new(ErrorKind::Credentials, "account research: the token has expired").hint("Log in again.");
    end(&mut console, 0, Ending::Failed(error));
    let screen = console.draw();
    assert!(screen.contains("the token has expired. Log in again. Then go on with r"), "{screen}");
    console.keys("r");
    assert_eq!(numbers(&console), [1, 1]);
}

#[test]
fn a_delete_that_was_left_is_counted_and_confirmed_again() {
    let mut console = with_jobs(80, 24, vec![delete("old/")]);
    console.keys("r");
    assert!(matches!(starts(&console)[..], [(_, 1, Begin::AfterPlan)]));
    let ticket = ticket(&console, 0);
    console.send(Msg::JobMoved(ticket, Progress { objects: 1_200, bytes: 5 << 20, ..Progress::default() }));
    assert!(!console.draw().contains("Do this?"), "it still counts");
    console.send(Msg::JobMoved(ticket, Progress { objects: 3_000, bytes: 12 << 20, counted: true, ..Progress::default() }));
    console.keys("y");
    assert!(reins(&console).is_empty(), "typed ahead");
    let screen = console.see();
    assert!(screen.contains("3,000 objects, 12.0 MiB") && screen.contains("type `maps`, then Enter"), "{screen}");
    console.press(KeyCode::Enter);
    assert!(reins(&console).is_empty(), "Enter alone is no, and leaves it waiting");
    // Space on its row asks again.
    console.keys("3 ");
    console.see();
    console.keys("maps\n");
    assert_eq!(reins(&console), [(ticket, Rein::Go)]);
}

/// A no to going on is no word to throw away what is there.
#[test]
fn a_no_keeps_what_was_left() {
    let mut console = with_jobs(80, 24, vec![delete("old/")]);
    console.keys("r");
    let plan = ticket(&console, 0);
    console.send(Msg::JobBegun(plan, JobId(1)));
    console.counted(12, 34_000);
    console.see();
    console.keys("n");
    assert_eq!(reins(&console), [(plan, Rein::Stop)]);
    end(&mut console, 0, Ending::Stopped);
    console.keys("3");
    assert!(!console.draw().contains("given up"), "{}", console.draw());
    console.keys("r");
    assert_eq!(numbers(&console), [1, 1], "it can be resumed as before");
}

/// Queues a job as a dialog does.
pub(super) fn put(console: &mut Console, job: Job, begin: Begin) {
    let mut orders = Vec::new();
    enqueue(&mut console.model, job, "a job of this session".to_owned(), begin, &mut orders);
    console.orders.extend(orders.iter().cloned());
    console.log.extend(orders);
}

#[test]
fn a_plan_that_is_confirmed_waits_for_its_turn() {
    let mut console = Console::board(80, 24);
    put(&mut console, delete("old/"), Begin::AfterPlan);
    for n in 0..2 {
        put(&mut console, download(&format!("k{n}"), Consent::Silent), Begin::AtOnce);
    }
    let plan = ticket(&console, 0);
    console.send(Msg::JobMoved(plan, Progress { objects: 3, counted: true, ..Progress::default() }));
    console.see();
    console.keys("y");
    assert!(reins(&console).is_empty(), "two run already");
    end(&mut console, 1, Ending::Done);
    assert_eq!(reins(&console), [(plan, Rein::Go)]);
    // Another one is dropped.
    put(&mut console, delete("other/"), Begin::AfterPlan);
    let dropped = ticket(&console, 3);
    console.send(Msg::JobMoved(dropped, Progress { objects: 3, counted: true, ..Progress::default() }));
    console.see();
    console.keys("n");
    assert_eq!(reins(&console), [(plan, Rein::Go), (dropped, Rein::GiveUp)]);
}

#[test]
fn a_limit_is_typed_and_a_wrong_one_complained_about() {
    let mut console = queue(80, 24, 1);
    let limits = |console: &Console| {
        console.ever(|order| match order {
            Effect::LimitBandwidth(limit) => Some(*limit),
            _ => None,
        })
    };
    console.keys("wfast\n");
    assert!(console.draw().contains("such as 500K or 10M"));
    console.control('u');
    console.keys("500K\n");
    assert!(console.draw().contains("limit 500K/s"));
    console.keys("w");
    console.control('u');
    console.keys("0\n");
    assert_eq!(limits(&console), [Some(512_000), None]);
}

#[test]
fn what_an_earlier_start_had_moved_is_done_too() {
    let mut console = queue(80, 24, 1);
    let ticket = ticket(&console, 0);
    let progress = Progress { objects: 1, bytes: 4 << 20, counted: true, ended: 1, moved: 0, ..Progress::default() };
    console.send(Msg::JobEnded(ticket, progress, Ending::Done));
    let screen = console.draw();
    assert!(screen.contains("100 %") && screen.contains("1 of 1 done, 0 B of 4.0 MiB moved"), "{screen}");
}

fn wheel(console: &mut Console, kind: MouseKind, notches: usize) {
    (0..notches).for_each(|_| drop(console.send(Msg::Mouse(Mouse { kind, column: 20, row: 5 }))));
}

#[test]
fn the_wheel_moves_through_lists_and_never_answers_a_question() {
    let jobs = (0..9).map(|n| download(&format!("k{n}"), Consent::Silent)).collect();
    let mut console = with_jobs(80, 24, jobs);
    wheel(&mut console, MouseKind::ScrollDown, 2);
    let screen = console.draw();
    assert!(screen.contains("▸ download research:maps/k6"), "{screen}");
    wheel(&mut console, MouseKind::ScrollUp, 1);
    assert!(console.draw().contains("▸ download research:maps/k3"));
    wheel(&mut console, MouseKind::Click, 1);
    assert!(console.draw().contains("9 transfers were left unfinished"), "a click is no answer either");

    let mut console = uploads_of(100, 30);
    wheel(&mut console, MouseKind::ScrollDown, 1);
    console.keys("x");
    let screen = console.see();
    assert!(screen.contains("Abort 1 upload in research:colorpictures? 1 part, 5.0 MiB"), "the last one: {screen}");
    wheel(&mut console, MouseKind::ScrollUp, 3);
    assert!(console.draw().contains("Abort 1 upload"), "the question stays");
    assert!(console.ever(|effect| matches!(effect, Effect::AbortUploads(..)).then_some(())).is_empty());

    let mut console = queue(80, 24, 2);
    console.keys("x");
    console.see();
    wheel(&mut console, MouseKind::ScrollDown, 3);
    assert!(console.draw().contains("Cancel this transfer?"));
}

#[test]
fn an_ended_transfer_offers_what_can_still_be_done() {
    let mut console = queue(120, 40, 2);
    let footer = |console: &mut Console| console.draw().lines().last().unwrap_or_default().to_owned();
    let running = footer(&mut console);
    assert!(running.contains("Space pause") && running.contains("x cancel") && !running.contains("r retry"), "{running}");
    assert!(console.draw().contains("rate      0 B/s"), "{}", console.draw());
    end(&mut console, 0, Ending::Done);
    let ended = footer(&mut console);
    assert!(!ended.contains("Space pause") && !ended.contains("x cancel") && !ended.contains("r retry"), "{ended}");
    let screen = console.draw();
    assert!(!screen.contains("stands") && !screen.contains(" rate "), "it moved too shortly to tell: {screen}");
    console.keys("j");
    let seconds = ticket(&console, 1);
    for second in 0..4_u64 {
        console.pass(1_000);
        console.send(Msg::JobMoved(seconds, Progress { objects: 4, bytes: 4 << 20, moved: second << 20, ..Progress::default() }));
    }
    end(&mut console, 1, Ending::Partly);
    let partly = footer(&mut console);
    assert!(partly.contains("r retry") && !partly.contains("x cancel"), "{partly}");
    assert!(console.draw().contains(" until it ended"), "{}", console.draw());
}

#[test]
fn on_a_low_screen_questions_say_what_they_are_about_and_the_footer_has_their_keys() {
    let mut console = queue(40, 10, 2);
    console.keys("x");
    let screen = console.draw();
    for text in ["Who pays for its requests: owner.", "stays.", "s stop and keep  g give up  Esc no"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("\u{1b}q");
    let screen = console.draw();
    for text in ["2 transfers have not ended.", "removed.", "y leave, keep  g give up  Esc stay"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    assert!(!screen.contains("more"), "nothing is cut: {screen}");
}

#[test]
fn a_job_whose_only_object_failed_says_why_and_is_under_the_cursor() {
    let mut console = queue(120, 40, 2);
    console.keys("1");
    let one = Progress { objects: 1, counted: true, ended: 1, failed: 1, ..Progress::default() };
    let error = Error::new(ErrorKind::Network, "127.0.0.1: the connection was refused").hint("Check that the store is running.");
    let ticket = ticket(&console, 1);
    let end = ItemEnd { source: "x".to_owned(), target: String::new(), fate: Fate::Failed(error), bytes: 0, asked: Asked::NOTHING };
    console.send(Msg::JobItem(ticket, end));
    console.send(Msg::JobEnded(ticket, one.clone(), Ending::Partly));
    let screen = console.draw();
    assert!(
        screen.contains("download research:maps/k1: 127.0.0.1: the connection was refused. Check that the store is running."),
        "{screen}"
    );
    console.keys("3");
    let screen = console.draw();
    assert!(screen.contains("▸ down research:maps/k1") && screen.contains(" failed ") && !screen.contains("partly"), "{screen}");
    // What was kept as it was told to be has not failed.
    let ticket = starts(&console)[0].0;
    let end = ItemEnd { source: "x".to_owned(), target: "k0".to_owned(), fate: Fate::Exists, bytes: 0, asked: Asked::NOTHING };
    console.send(Msg::JobItem(ticket, end));
    console.send(Msg::JobEnded(ticket, one, Ending::Partly));
    let row = console.draw().lines().find(|line| line.contains("down research:maps/k0")).unwrap_or_default().to_owned();
    assert!(row.contains(" exists "), "{row}");
}

#[test]
fn what_was_typed_before_a_question_was_seen_ends_nothing() {
    for typed in ["xs", "xg"] {
        let mut console = queue(80, 24, 1);
        console.keys(typed);
        assert!(reins(&console).is_empty(), "{typed}: before any frame");
        assert!(console.draw().contains("Cancel this transfer?"), "the question stays");
        console.keys(&typed[1..]);
        assert!(reins(&console).is_empty(), "{typed}: 0 ms after the frame");
        console.pass(400);
        console.keys(&typed[1..]);
        let rein = if typed == "xg" { Rein::GiveUp } else { Rein::Stop };
        assert_eq!(reins(&console), [(ticket(&console, 0), rein)]);
    }
}

#[test]
fn clearing_takes_what_has_ended_and_nothing_else() {
    let mut console = queue(120, 40, 4);
    end(&mut console, 0, Ending::Done);
    console.keys("C");
    let screen = console.draw();
    assert!(!screen.contains("down research:maps/k0"), "{screen}");
    for (name, state) in [("k1", "running"), ("k2", "running"), ("k3", "waits")] {
        assert!(
            screen.lines().any(|line| line.contains(&format!("down research:maps/{name}")) && line.contains(state)),
            "{name}\n{screen}"
        );
    }
}

#[test]
fn a_hundred_percent_is_said_only_when_all_has_ended() {
    let mut console = queue(80, 24, 1);
    let ticket = ticket(&console, 0);
    let moved = Progress { objects: 2, bytes: 1_000, counted: true, ended: 1, moved: 1_000, ..Progress::default() };
    for (ended, shown) in [(1, " 99 %"), (2, " 100 %")] {
        console.send(Msg::JobMoved(ticket, Progress { ended, ..moved.clone() }));
        let screen = console.draw();
        assert!(screen.contains(shown), "{shown}\n{screen}");
    }
}
