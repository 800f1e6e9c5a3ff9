//! `c`

use whopays::domain::{Overwrite, Payer};
use whopays::transfer::{Copy, Job, Original, Pointer, Route};

use super::super::driver::{Console, Last};
use super::super::shelf::leaf;
use super::{foreign_shelf, shelf, shelf_of};
use whopays::app::KeyCode;
use whopays::domain::Access;

fn to(console: &mut Console, target: &str) {
    console.keys("c");
    console.control('u');
    console.keys(target);
}

fn copies(console: &Console) -> Vec<Copy> {
    let job = |job| match job {
        Job::Copy(copy) => copy,
        other => panic!("{other:?}"),
    };
    console.acting_jobs().into_iter().map(job).collect()
}

#[test]
fn inside_the_store() {
    let mut console = shelf(80, 24);
    console.keys("c");
    assert!(console.draw().contains("research:maps/a.txt"), "prefilled with itself");
    console.keys("\n");
    assert!(console.draw().contains("source and target are the same"));
    console.control('u');
    console.keys("research:climate-data/old/\n");
    let screen = console.see();
    for text in ["Copy?", "1 object, 5 B", "research:maps/a.txt", "research:climate-data/old/", "inside the store"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("y");
    let copy = copies(&console).pop().unwrap();
    assert_eq!((copy.key, copy.overwrite, copy.original), (Pointer::Below("old/".to_owned()), Overwrite::Refuse, Original::Stays));
    assert_eq!(copy.to.place.id.to_string(), "research:climate-data");
}

#[test]
fn a_move_to_another_provider_names_both_payers() {
    let mut console = shelf(80, 24);
    to(&mut console, "lab:lab-results/x.txt");
    console.press(KeyCode::Down);
    console.keys(" \n");
    let screen = console.see();
    for text in ["Move?", "through this machine", "research:maps: you (research); lab:lab-results: you (lab)", "y: move"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("y");
    let copy = copies(&console).pop().unwrap();
    assert_eq!(copy.original, Original::Goes);
    assert!(matches!(&copy.key, Pointer::Key(key) if key.as_str() == "x.txt"));
}

/// OSS copies inside of a region only: what goes further passes this machine, and costs a download.
#[test]
fn a_copy_on_oss_says_which_way_it_goes() {
    let mut console = Console::two_accounts(120, 40);
    console.list(0, &["maps"], "us-west-2");
    let record = |name, region| super::super::driver::record(name, region);
    console.page(1, vec![record("near", "cn-hangzhou"), record("also-near", "cn-hangzhou"), record("far", "cn-beijing")], Last::Yes);
    console.answer_reads(|_| Ok(Payer::BucketOwner));
    console.go_to("near");
    console.keys("\n");
    console.end_page(Ok(leaf(&["a.txt"], None)));
    let passes = "through this machine: the bytes are downloaded, and uploaded again";
    for (target, said) in [
        ("lab:near/b.txt", "inside the store, on its own network".to_owned()),
        ("lab:also-near/b.txt", "inside the store, on its own network".to_owned()),
        ("lab:far/b.txt", format!("{passes}; OSS copies inside of a region only, and this goes from cn-hangzhou to cn-beijing")),
        (
            "lab:unheard-of/b.txt",
            "inside the store if both buckets are in one region; else OSS refuses, and nothing is copied or downloaded".to_owned(),
        ),
        ("research:maps/b.txt", passes.to_owned()),
    ] {
        to(&mut console, target);
        console.keys("\n");
        let mut screen = console.see();
        if screen.contains("Who pays?") {
            console.keys("w");
            screen = console.see();
        }
        let words: String = screen.lines().filter_map(|line| line.split('│').nth(1)).map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        assert!(words.contains(&said), "{said}\n{screen}");
        console.keys("n");
    }
}

/// What a store does not copy by itself can pass this machine: that is chosen, and priced before.
#[test]
fn the_way_through_this_machine_is_chosen() {
    let mut console = shelf(80, 24);
    to(&mut console, "research:climate-data/old/");
    console.press(KeyCode::Up);
    let screen = console.draw();
    assert!(screen.contains("by the store, where it can") && screen.contains("the transfer out is billed"), "{screen}");
    console.keys(" ");
    assert!(console.draw().contains("‹ through this machine: downloaded and uploaded again ›"));
    console.keys("\n");
    let screen = console.see();
    for text in ["through this machine: the bytes are downloaded", "1 request billed as S3 GET and others", "y: copy"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    console.keys("y");
    assert_eq!(copies(&console).pop().unwrap().route, Route::Here);
}

#[test]
fn prefixes_keep_their_name_and_never_land_in_themselves() {
    let mut console = shelf(80, 24);
    console.keys("Gc\n");
    assert!(console.draw().contains("source and target are the same"));
    console.control('u');
    console.keys("research:maps/logs/deep/\n");
    assert!(console.draw().contains("source and target are the same"), "what is written would be read again");
    console.control('u');
    console.keys("research:maps/old\n");
    assert!(console.draw().contains("end the target with /"));
    console.keys("/\n");
    assert!(console.see().contains("research:maps/old/logs/"));
    console.keys("y");
    console.counted(3, 3);
    console.see();
    console.keys("y");
    assert_eq!(copies(&console)[0].key, Pointer::Below("old/logs/".to_owned()));
}

#[test]
fn targets_are_completed_and_judged() {
    let mut console = shelf(80, 24);
    to(&mut console, "la\t");
    assert!(console.draw().contains("lab:▏"));
    console.keys("\t");
    assert!(console.draw().contains("lab:lab-results/▏"));
    for (target, complaint) in [("nobody:x/", "there is no account nobody"), ("maps", "is not understood"), ("lab:A_B/", "bucket")] {
        console.control('u');
        console.keys(target);
        console.keys("\n");
        let screen = console.draw();
        assert!(screen.contains(complaint), "{complaint}\n{screen}");
    }
    assert!(console.ever(super::run_of).is_empty());
}

#[test]
fn someone_elses_target_is_asked_about_and_read_only_is_refused() {
    let mut console = shelf(80, 24);
    to(&mut console, "research:arxiv/in/\n");
    let screen = console.see();
    assert!(screen.contains("Who pays?") && screen.contains("research:arxiv is someone else's"), "{screen}");
    console.keys("s");
    assert!(console.see().contains("Copy?"));
    console.keys("y");
    let copy = copies(&console).pop().unwrap();
    assert_eq!((copy.from.consent, copy.to.consent), (whopays::domain::Consent::Silent, whopays::domain::Consent::Given));

    let mut console = shelf_of(Access::ReadOnly);
    to(&mut console, "research:maps/y.txt\n");
    assert!(console.draw().contains("account research is read-only"));
    let mut console = shelf_of(Access::Protected);
    to(&mut console, "research:maps/y.txt\n");
    assert!(console.see().contains("type `maps`"));
}

#[test]
fn both_buckets_of_someone_else_are_asked_about() {
    let mut console = foreign_shelf();
    to(&mut console, "research:other-bucket/in/\n");
    assert!(console.see().contains("research:arxiv is someone else's"));
    console.keys("s");
    assert!(console.see().contains("research:other-bucket is someone else's"), "a word is of one bucket");
    console.keys("\n");
    assert!(console.acting_jobs().is_empty());
}
