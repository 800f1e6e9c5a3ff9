//! Leaving while transfers have not ended: what is asked, and what becomes of each.

use whopays::app::{Begin, Effect, KeyCode, Msg};
use whopays::domain::{Consent, ObjectKey};
use whopays::transfer::{Ending, Job, JobId, Pick, Rein, Selection};

use super::driver::Console;
use super::transfers::{delete, download, end, put, queue, quits, reins, starts, ticket, with_jobs};

#[test]
fn leaving_asks_and_staying_is_the_default() {
    let mut console = queue(80, 24, 3);
    console.keys("qy");
    assert_eq!(quits(&console), 0, "typed ahead");
    let screen = console.see();
    assert!(screen.contains("3 transfers have not ended"), "{screen}");
    console.press(KeyCode::Enter);
    assert_eq!((quits(&console), reins(&console).len()), (0, 0));
    console.control('c');
    console.see();
    console.keys("y");
    let (first, second) = (ticket(&console, 0), ticket(&console, 1));
    assert_eq!(reins(&console), [(first, Rein::Stop), (second, Rein::Stop)]);
    assert_eq!(quits(&console), 1);
    // The third has its number already.
    assert!(console.ever(|order| matches!(order, Effect::KeepJob(_)).then_some(())).is_empty());
    // What ends while we leave starts nobody.
    end(&mut console, 0, Ending::Stopped);
    assert_eq!(starts(&console).len(), 2);
}

#[test]
fn leaving_keeps_what_has_not_begun_but_nothing_that_nobody_confirmed() {
    let mut console = Console::board(80, 24);
    for n in 0..3 {
        put(&mut console, download(&format!("k{n}"), Consent::Given), Begin::AtOnce);
    }
    put(&mut console, delete("old/"), Begin::AfterPlan);
    // The plan does not wait for its turn.
    let begins: Vec<Begin> = starts(&console).into_iter().map(|(_, _, begin)| begin).collect();
    assert_eq!(begins, [Begin::AtOnce, Begin::AtOnce, Begin::AfterPlan]);
    console.send(Msg::Terminate);
    let kept = console.ever(|order| match order {
        Effect::KeepJob(Job::Download(job)) => Some(job.what.clone()),
        _ => None,
    });
    assert_eq!(kept, [Selection::Picked(vec![Pick::named(ObjectKey::new("k2".to_owned()))])]);
    let ends: Vec<Rein> = reins(&console).into_iter().map(|(_, rein)| rein).collect();
    assert_eq!(ends, [Rein::Stop, Rein::Stop, Rein::GiveUp]);
}

#[test]
fn leaving_can_give_everything_up() {
    let mut console = queue(80, 24, 1);
    console.keys("q");
    console.see();
    console.keys("g");
    assert_eq!(reins(&console), [(ticket(&console, 0), Rein::GiveUp)]);
    assert_eq!(quits(&console), 1);
}

#[test]
fn a_process_that_is_asked_to_end_stops_its_jobs_without_a_question() {
    let mut console = queue(80, 24, 2);
    console.send(Msg::Terminate);
    let stops: Vec<Rein> = reins(&console).into_iter().map(|(_, rein)| rein).collect();
    assert_eq!(stops, [Rein::Stop, Rein::Stop]);
    assert_eq!(quits(&console), 1);
}

#[test]
fn nothing_asks_when_every_job_has_ended() {
    let mut console = queue(80, 24, 1);
    end(&mut console, 0, Ending::Done);
    assert!(console.draw().contains("4 of 4 done"));
    console.keys("C");
    assert!(console.draw().contains("nothing is moved or removed"));
    console.keys("q");
    assert_eq!(quits(&console), 1);
}

/// Nothing was begun of a plan that was called off: whoever leaves while its last page is still on its way is not asked about it.
#[test]
fn nothing_asks_about_a_plan_that_was_called_off() {
    for counted in [false, true] {
        let mut console = super::acts::shelf(80, 24);
        console.keys("Gx");
        console.see();
        console.keys("y");
        assert!(console.draw().contains("Counting"), "{}", console.draw());
        if counted {
            console.counted(12, 34_000);
            assert!(console.see().contains("12 objects, 33.2 KiB"), "{}", console.draw());
        }
        console.press(KeyCode::Esc);
        assert_eq!(reins(&console), [(ticket(&console, 0), Rein::GiveUp)]);
        console.keys("q");
        assert_eq!(quits(&console), 1, "{}", console.draw());
    }
}

/// A question about what has ended meanwhile is none any more. Whoever was asked stays, and sees how it ended.
#[test]
fn the_question_goes_with_what_it_was_about() {
    let mut console = queue(80, 24, 2);
    console.keys("q");
    assert!(console.see().contains("2 transfers have not ended"));
    end(&mut console, 0, Ending::Done);
    assert!(console.draw().contains("1 transfer has not ended"), "{}", console.draw());
    end(&mut console, 1, Ending::Done);
    let screen = console.draw();
    assert!(!screen.contains("Leave while") && screen.contains("4 of 4 done"), "{screen}");
    // What is typed for the question finds none, and says nothing about leaving.
    assert_eq!(quits(&console), 0);
    console.keys("q");
    assert_eq!(quits(&console), 1);
}

/// What an earlier run has left stays left while its plan waits for a word: whoever keeps it keeps its parts.
#[test]
fn leaving_keeps_what_was_left_before_while_it_is_planned_again() {
    for (key, rein) in [("y", Rein::Stop), ("g", Rein::GiveUp)] {
        for counted in [false, true] {
            let mut console = with_jobs(80, 24, vec![delete("old/")]);
            console.keys("r");
            let plan = ticket(&console, 0);
            console.send(Msg::JobBegun(plan, JobId(1)));
            if counted {
                console.counted(12, 34_000);
                console.see();
                console.press(KeyCode::Enter);
            }
            console.keys("q");
            assert!(console.see().contains("1 transfer has not ended. "), "{}", console.draw());
            console.keys(key);
            assert_eq!(reins(&console), [(plan, rein)], "{key} {counted}");
        }
    }
    let mut console = with_jobs(80, 24, vec![delete("old/")]);
    console.keys("r");
    console.send(Msg::Terminate);
    assert_eq!(reins(&console), [(ticket(&console, 0), Rein::Stop)]);
}
