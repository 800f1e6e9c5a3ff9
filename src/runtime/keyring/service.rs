//! The conversation with the Secret Service: a session, the entry, its lock, its secret.
//!
//! <https://specifications.freedesktop.org/secret-service/latest/>

use zeroize::Zeroizing;

use super::Trouble;
use super::bus::Bus;
use super::message::{Asked, Message, Writer};
use super::session::{ALGORITHM, Key, Offer};
use crate::domain::Secret;

const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const ITEM: &str = "org.freedesktop.Secret.Item";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";

/// The secret of the one entry with these names.
pub(super) fn secret(bus: &mut Bus, service: &str, user: &str) -> Result<Secret, Trouble> {
    let (key, session) = opened(bus)?;
    let item = found(bus, service, user)?;
    let mut values = Writer::default();
    values.text(&session);
    let answer = ask(bus, &item, ITEM, "GetSecret", "o", values)?;
    let mut reader = answer.values("(oayays)")?;
    let _session = reader.text()?;
    let (start, value) = (reader.blob()?, reader.blob()?);
    let mut bytes = key.opened(start, value)?;
    let text = String::from_utf8(std::mem::take(&mut *bytes));
    text.map(Secret::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        Trouble::Odd
    })
}

/// A session in which secrets are encrypted: the key, and the session's path.
fn opened(bus: &mut Bus) -> Result<(Key, String), Trouble> {
    let offer = Offer::new()?;
    let mut values = Writer::default();
    values.text(ALGORITHM);
    values.signature("ay");
    values.blob(&offer.public());
    let answer = ask(bus, PATH, SERVICE, "OpenSession", "sv", values)?;
    let mut reader = answer.values("vo")?;
    if reader.signature()? != "ay" {
        return Err(Trouble::Odd);
    }
    Ok((offer.agreed(reader.blob()?), reader.text()?.to_owned()))
}

/// The path of the one entry with these names, unlocked.
fn found(bus: &mut Bus, service: &str, user: &str) -> Result<String, Trouble> {
    let mut values = Writer::default();
    values.array(8, |entries| {
        entries.entry("service", service);
        entries.entry("username", user);
    });
    let answer = ask(bus, PATH, SERVICE, "SearchItems", "a{ss}", values)?;
    let mut reader = answer.values("aoao")?;
    let (mut open, mut locked) = (reader.paths()?, reader.paths()?);
    match (open.pop(), locked.pop()) {
        (None, None) => Err(Trouble::Nothing),
        (Some(path), None) if open.is_empty() => Ok(path),
        (None, Some(path)) if locked.is_empty() => unlock(bus, &path).map(|()| path),
        (Some(_), _) | (None, Some(_)) => Err(Trouble::Several),
    }
}

/// Unlocks an entry. The keyring may ask a person; whether they answer is waited for.
fn unlock(bus: &mut Bus, path: &str) -> Result<(), Trouble> {
    let mut values = Writer::default();
    values.array(4, |paths| paths.text(path));
    let answer = ask(bus, PATH, SERVICE, "Unlock", "ao", values)?;
    let mut reader = answer.values("aoo")?;
    let (unlocked, prompt) = (reader.paths()?, reader.text()?);
    if !unlocked.is_empty() {
        return Ok(());
    }
    bus.listen(prompt, PROMPT, "Completed")?;
    let mut values = Writer::default();
    values.text("");
    // Without a screen there is nobody to ask.
    ask(bus, prompt, PROMPT, "Prompt", "s", values).map_err(|_| Trouble::Locked)?;
    let completed = bus.wait(prompt, "Completed")?;
    let dismissed = completed.values("bv")?.number()? != 0;
    if dismissed { Err(Trouble::Locked) } else { Ok(()) }
}

fn ask(bus: &mut Bus, path: &str, interface: &str, method: &str, signature: &str, values: Writer) -> Result<Message, Trouble> {
    bus.ask(Asked { service: NAME, path, interface, method, signature }, values)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    use super::super::message::{HEAD, length};
    use super::*;

    /// What the bus and the service say to one question after the other: kind, name of the signal or error, types, values.
    type Script = Vec<(u8, &'static str, &'static str, Vec<u8>)>;

    /// A message as the specification lays it out, written apart from the code that is tested.
    fn said(kind: u8, name: &str, answers: u8, types: &str, body: &[u8]) -> Vec<u8> {
        let mut fields = vec![5, 1, b'u', 0, answers, 0, 0, 0];
        let mut field = |code, kind, text: &str| {
            fields.resize(fields.len().next_multiple_of(8), 0);
            fields.extend([code, 1, kind, 0]);
            fields.extend(u8::try_from(text.len()).unwrap().to_le_bytes());
            if kind != b'g' {
                fields.extend([0; 3]);
            }
            fields.extend(text.bytes().chain([0]));
        };
        if !types.is_empty() {
            field(8, b'g', types);
        }
        match kind {
            3 => field(4, b's', name),
            4 => {
                field(1, b'o', "/prompt");
                field(3, b's', name);
            }
            _ => {}
        }
        let mut message = vec![b'l', kind, 0, 1];
        message.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
        message.extend([9, 0, 0, 0]);
        message.extend(u32::try_from(fields.len()).unwrap().to_le_bytes());
        message.extend(fields);
        message.resize(message.len().next_multiple_of(8), 0);
        message.extend(body);
        message
    }

    /// The outcome against a service that opens a session with a key of 1 and goes on by the script; and the methods it heard.
    #[expect(clippy::disallowed_methods, reason = "the other end of the bus is a thread")]
    fn told(script: Script) -> (Result<String, Trouble>, usize) {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let service = std::thread::spawn(move || {
            let mut serial = 0;
            let session = [b"\x02ay\0\x01\0\0\0\x01\0\0\0\x02\0\0\0/s\0".to_vec()];
            let mut script = session.into_iter().map(|body| (2, "", "vo", body)).chain(script).peekable();
            while script.peek().is_some() {
                let mut head = [0; HEAD];
                if theirs.read_exact(&mut head).is_err() {
                    break;
                }
                theirs.read_exact(&mut vec![0; length(&head).unwrap() - HEAD]).unwrap();
                serial += 1;
                // Signals come before the answer to what set them off.
                for (kind, name, types, body) in script.by_ref() {
                    theirs.write_all(&said(kind, name, serial, types, &body)).unwrap();
                    if kind != 4 {
                        break;
                    }
                }
            }
            usize::from(serial)
        });
        let outcome = secret(&mut Bus::over(ours), "whopays", "research");
        (outcome.map(|secret| secret.expose().to_owned()), service.join().unwrap())
    }

    /// Two arrays of paths, each `/a`, as often as said.
    fn found_paths(open: usize, locked: usize) -> (u8, &'static str, &'static str, Vec<u8>) {
        let paths = |count: usize| {
            let mut one = u32::try_from(count * 8 - usize::from(count > 0)).unwrap().to_le_bytes().to_vec();
            one.extend(b"\x02\0\0\0/a\0\0".repeat(count));
            one
        };
        (2, "", "aoao", [paths(open), paths(locked)].concat())
    }

    fn unlock_by_prompt() -> (u8, &'static str, &'static str, Vec<u8>) {
        (2, "", "aoo", b"\0\0\0\0\x07\0\0\0/prompt\0".to_vec())
    }

    fn completed(dismissed: u8) -> (u8, &'static str, &'static str, Vec<u8>) {
        (4, "Completed", "bv", vec![dismissed, 0, 0, 0, 1, b's', 0, 0, 0, 0, 0, 0, 0])
    }

    /// `the secret of an entry`, encrypted with openssl and the key that comes of a shared 1.
    fn the_secret() -> (u8, &'static str, &'static str, Vec<u8>) {
        let head = b"\x02\0\0\0/s\0\0\x10\0\0\x000123456789abcdef\x20\0\0\0";
        (2, "", "(oayays)", [&head[..], &ENCRYPTED, b"\x04\0\0\0text\0"].concat())
    }

    fn done() -> (u8, &'static str, &'static str, Vec<u8>) {
        (2, "", "", Vec::new())
    }

    #[test]
    fn an_open_entry() {
        assert_eq!(told(vec![found_paths(1, 0), the_secret()]), (Ok("the secret of an entry".to_owned()), 3));
    }

    #[test]
    fn a_locked_entry_is_unlocked_by_a_person() {
        let asked = [found_paths(0, 1), unlock_by_prompt(), done()];
        let early = asked.iter().cloned().chain([completed(0), done(), the_secret()]).collect();
        assert_eq!(told(early), (Ok("the secret of an entry".to_owned()), 6));
        let dismissed = asked.into_iter().chain([completed(1), done()]).collect();
        assert_eq!(told(dismissed), (Err(Trouble::Locked), 5));
    }

    #[test]
    fn what_stands_in_the_way() {
        let refusal = |name| vec![found_paths(1, 0), (3, name, "", Vec::new())];
        for (script, trouble) in [
            (vec![found_paths(0, 0)], Trouble::Nothing),
            (vec![found_paths(2, 0)], Trouble::Several),
            (vec![found_paths(1, 1)], Trouble::Several),
            (vec![found_paths(0, 2)], Trouble::Several),
            (refusal("org.freedesktop.Secret.Error.IsLocked"), Trouble::Locked),
            (refusal("org.freedesktop.Secret.Error.NoSuchObject"), Trouble::Nothing),
            (refusal("org.freedesktop.DBus.Error.ServiceUnknown"), Trouble::Nobody),
            (refusal("org.freedesktop.DBus.Error.Spawn.ExecFailed"), Trouble::Nobody),
            (refusal("org.freedesktop.DBus.Error.AccessDenied"), Trouble::Odd),
            (vec![found_paths(1, 0), done()], Trouble::Odd),
            (Vec::new(), Trouble::Nobody),
        ] {
            assert_eq!(told(script.clone()).0, Err(trouble), "{script:?}");
        }
    }

    const ENCRYPTED: [u8; 32] = [
        0xf5, 0x0a, 0x41, 0xe6, 0x46, 0x26, 0x60, 0x7c, 0xbe, 0xa6, 0x01, 0xdb, 0x41, 0xa5, 0xde, 0x6c, 0x70, 0x0b, 0xdc, 0x24, 0xd5, 0xc1,
        0x98, 0x2c, 0xa3, 0x5f, 0x27, 0x92, 0x40, 0x81, 0x67, 0x19,
    ];
}
