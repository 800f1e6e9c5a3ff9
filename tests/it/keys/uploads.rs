//! The list of a bucket's unfinished uploads: what it says is billed, and what aborting one asks.

use whopays::app::{Effect, KeyCode, Msg, Ticket};
use whopays::config::PayerToggle;
use whopays::domain::{Access, Error, ErrorKind, ObjectKey, UploadFound, UploadId, UploadRow};

use super::driver::{Console, noon};

fn uploads() -> Vec<UploadFound> {
    let found = |key: &str, parts: u32, bytes: u64| UploadFound {
        row: UploadRow {
            key: ObjectKey::new(key.to_owned()),
            id: UploadId::new(format!("id-{key}")),
            begun: Some(noon()),
            class: None,
            initiator: None,
        },
        parts: Some((parts, bytes)),
    };
    vec![found("a.tar", 20, 640 << 20), found("b.tar", 20, 640 << 20), found("c.tar", 1, 5 << 20)]
}

/// A board whose bucket's unfinished uploads are shown.
pub(crate) fn uploads_of(width: u16, height: u16) -> Console {
    let mut console = Console::board(width, height);
    list_uploads(&mut console);
    console
}

fn list_uploads(console: &mut Console) {
    console.go_to("colorpictures");
    console.keys("M");
    let ticket = console.pick(|order| match order {
        Effect::ListUploads(ticket, ..) => Some(*ticket),
        _ => None,
    });
    console.send(Msg::UploadsListed(ticket, Ok(uploads())));
}

#[test]
fn unfinished_uploads_are_counted_and_aborted_after_a_question() {
    let mut console = uploads_of(100, 30);
    let screen = console.see();
    assert!(screen.contains("3 uploads, 41 parts, 1.2 GiB, still billed."), "{screen}");
    assert!(screen.contains("research:colorpictures") && screen.contains("Who pays for these requests: you (research)."), "{screen}");
    // Two are marked; Enter and what is typed ahead abort nothing.
    console.keys("  xy");
    let aborts = |console: &Console| {
        console.ever(|order| match order {
            Effect::AbortUploads(ticket, _, uploads) => Some((*ticket, uploads.iter().map(|upload| upload.key.to_string()).collect())),
            _ => None,
        })
    };
    let none: Vec<(Ticket, Vec<String>)> = Vec::new();
    assert_eq!(aborts(&console), none);
    let screen = console.see();
    assert!(screen.contains("Abort 2 uploads in research:colorpictures? 40 parts, 1.2 GiB, are removed"), "{screen}");
    console.press(KeyCode::Enter);
    assert_eq!(aborts(&console), none);
    console.keys("x");
    console.see();
    console.keys("y");
    let asked = aborts(&console);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].1, ["a.tar", "b.tar"]);
    let refused = console.ever(|order| match order {
        Effect::AbortUploads(_, _, uploads) => Some(uploads[1].clone()),
        _ => None,
    });
    let error = Error::new(ErrorKind::Denied, "access denied").hint("Ask the owner.");
    console.send(Msg::UploadsAborted(asked[0].0, vec![(refused[0].clone(), error)]));
    let screen = console.draw();
    assert!(screen.contains("1 of 2 uploads aborted: access denied"), "{screen}");
    assert!(!screen.contains("a.tar") && screen.contains("b.tar") && screen.contains("c.tar"), "{screen}");
}

#[test]
fn uploads_of_guarded_accounts_are_aborted_by_name_or_not_at_all() {
    let aborted = |console: &Console| !console.ever(|order| matches!(order, Effect::AbortUploads(..)).then_some(())).is_empty();
    for access in [Access::Protected, Access::ReadOnly] {
        let mut console = super::change::with(access, PayerToggle::Grace);
        list_uploads(&mut console);
        console.keys("x");
        let screen = console.see();
        console.keys("y\n");
        assert!(!aborted(&console));
        if access == Access::ReadOnly {
            assert!(screen.contains("is read-only"), "{screen}");
            continue;
        }
        assert!(screen.contains("type `colorpictures`, then Enter: abort"), "{screen}");
        assert!(console.draw().contains("that is not the bucket's name"), "{}", console.draw());
        console.press(KeyCode::Backspace);
        console.keys("colorpictures\n");
        assert!(aborted(&console));
    }
}

#[test]
fn an_upload_can_be_copied_and_the_list_stays() {
    let mut console = uploads_of(100, 30);
    console.keys("jy");
    let screen = console.draw();
    assert!(screen.contains("command that aborts the upload"), "{screen}");
    console.keys("jj\n");
    let Some(Effect::Copy(text)) = console.log.last() else { panic!("{:?}", console.log.last()) };
    assert_eq!(
        text.expose(),
        "aws s3api abort-multipart-upload --bucket colorpictures --key=b.tar --upload-id=id-b.tar --region us-west-2 --profile research"
    );
    let screen = console.draw();
    assert!(screen.contains("3 uploads, 41 parts"), "{screen}");
    // In the question, the letter is its answer and copies nothing.
    console.keys("y");
    console.keys("\u{1b}");
    assert!(console.draw().contains("3 uploads, 41 parts"));
    let copies = console.ever(|effect| matches!(effect, Effect::Copy(_)).then_some(())).len();
    console.keys("xy");
    assert_eq!(console.ever(|effect| matches!(effect, Effect::Copy(_)).then_some(())).len(), copies);
}

#[test]
fn a_list_of_uploads_that_is_closed_is_not_waited_for() {
    let mut console = Console::board(80, 24);
    console.keys("M");
    let ticket = console.open(|order| match order {
        Effect::ListUploads(ticket, ..) => Some(*ticket),
        _ => None,
    })[0];
    console.keys("\u{1b}");
    assert_eq!(console.log.last(), Some(&Effect::Cancel(ticket)));
    assert!(console.send(Msg::UploadsListed(ticket, Ok(Vec::new()))).is_empty());
    assert!(!console.draw().contains("Unfinished uploads"));
}

#[test]
fn an_upload_without_parts_is_not_called_billed() {
    let row = || UploadRow { key: ObjectKey::new("a"), id: UploadId::new("i"), begun: Some(noon()), class: None, initiator: None };
    for (found, said, keys) in [
        (vec![(0, 0)], "1 upload, 0 parts, 0 B, nothing of it billed so far.", "x abort  Esc close"),
        (vec![(1, 5)], "1 upload, 1 part, 5 B, still billed.", "x abort  Esc close"),
        (vec![], "no unfinished uploads", "r refresh  Esc close"),
    ] {
        let mut console = Console::board(80, 24);
        console.keys("M");
        let ticket = console.pick(|order| match order {
            Effect::ListUploads(ticket, ..) => Some(*ticket),
            _ => None,
        });
        let found = found.into_iter().map(|parts| UploadFound { row: row(), parts: Some(parts) }).collect();
        console.send(Msg::UploadsListed(ticket, Ok(found)));
        let screen = console.draw();
        assert!(screen.contains(said) && screen.contains(keys), "{screen}");
    }
}
