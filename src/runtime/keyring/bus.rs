//! The session's bus: found, entered, asked.
//!
//! Comes in: questions. Goes out: answers, and signals that were waited for. A bus that says nothing is given up, a person who is
//! asked for a password is not.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use super::Trouble;
use super::message::{Asked, HEAD, Kind, Message, Writer, length, question};

/// How long an answer may take. Services that are started for the question need seconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest line of the greeting.
const LONGEST_LINE: usize = 4096;

/// A connection to the bus.
pub(super) struct Bus {
    stream: UnixStream,
    serial: u32,
    signals: VecDeque<Message>,
}

impl Bus {
    /// The bus of this session.
    pub(super) fn of_the_session() -> Result<Self, Trouble> {
        let mut connected = addresses().into_iter().find_map(|address| Some(Self::over(address.connect()?)));
        let bus = connected.as_mut().ok_or(Trouble::Nobody)?;
        bus.enter(rustix::process::geteuid().as_raw())?;
        connected.ok_or(Trouble::Nobody)
    }

    /// A bus at the other end.
    pub(super) fn over(stream: UnixStream) -> Self {
        Self { stream, serial: 0, signals: VecDeque::new() }
    }

    /// Says who is there: the kernel tells the bus whether that is true.
    pub(super) fn enter(&mut self, user: u32) -> Result<(), Trouble> {
        let hex: String = user.to_string().bytes().map(|digit| format!("{digit:02x}")).collect();
        self.send(format!("\0AUTH EXTERNAL {hex}\r\n").as_bytes())?;
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            self.receive(&mut byte)?;
            line.extend(byte);
            if line.len() > LONGEST_LINE {
                return Err(Trouble::Odd);
            }
        }
        if !line.starts_with(b"OK ") {
            return Err(Trouble::Nobody);
        }
        self.send(b"BEGIN\r\n")?;
        self.tell_the_bus("Hello", Writer::default(), "")
    }

    /// Asks to be told one signal of one object.
    pub(super) fn listen(&mut self, path: &str, interface: &str, member: &str) -> Result<(), Trouble> {
        let mut rule = Writer::default();
        rule.text(&format!("type='signal',path='{path}',interface='{interface}',member='{member}'"));
        self.tell_the_bus("AddMatch", rule, "s")
    }

    fn tell_the_bus(&mut self, method: &str, values: Writer, signature: &str) -> Result<(), Trouble> {
        let service = "org.freedesktop.DBus";
        let asked = Asked { service, path: "/org/freedesktop/DBus", interface: service, method, signature };
        self.ask(asked, values).map(drop)
    }

    /// Asks, and waits for the answer.
    pub(super) fn ask(&mut self, asked: Asked<'_>, values: Writer) -> Result<Message, Trouble> {
        self.serial += 1;
        let serial = self.serial;
        self.send(&question(serial, asked, values))?;
        loop {
            let message = self.next()?;
            match message.kind {
                Kind::Answer if message.answers == serial => return Ok(message),
                Kind::Refusal if message.answers == serial => return Err(refused(&message.error)),
                Kind::Signal => self.signals.push_back(message),
                Kind::Answer | Kind::Refusal | Kind::Other => {}
            }
        }
    }

    /// Waits for a signal of an object, as long as it takes.
    pub(super) fn wait(&mut self, path: &str, member: &str) -> Result<Message, Trouble> {
        let wanted = |message: &Message| message.kind == Kind::Signal && message.path == path && message.member == member;
        while let Some(message) = self.signals.pop_front() {
            if wanted(&message) {
                return Ok(message);
            }
        }
        self.stream.set_read_timeout(None).map_err(|_| Trouble::Odd)?;
        loop {
            let message = self.next()?;
            if wanted(&message) {
                self.stream.set_read_timeout(Some(PATIENCE)).map_err(|_| Trouble::Odd)?;
                return Ok(message);
            }
        }
    }

    fn next(&mut self) -> Result<Message, Trouble> {
        let mut bytes = zeroize::Zeroizing::new(vec![0; HEAD]);
        self.receive(&mut bytes)?;
        let whole = length(&bytes)?;
        // One allocation, so that no copy of a secret is left behind by growing.
        let mut message = zeroize::Zeroizing::new(vec![0; whole]);
        message[..HEAD].copy_from_slice(&bytes);
        self.receive(&mut message[HEAD..])?;
        Message::read(&message)
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        self.stream.write_all(bytes).map_err(|_| Trouble::Nobody)
    }

    fn receive(&mut self, bytes: &mut [u8]) -> Result<(), Trouble> {
        self.stream.read_exact(bytes).map_err(|_| Trouble::Nobody)
    }
}

/// What an error's name says.
fn refused(error: &str) -> Trouble {
    match error {
        "org.freedesktop.Secret.Error.IsLocked" => Trouble::Locked,
        "org.freedesktop.Secret.Error.NoSuchObject" => Trouble::Nothing,
        "org.freedesktop.DBus.Error.ServiceUnknown" | "org.freedesktop.DBus.Error.NameHasNoOwner" => Trouble::Nobody,
        started if started.starts_with("org.freedesktop.DBus.Error.Spawn.") => Trouble::Nobody,
        _ => Trouble::Odd,
    }
}

/// Where a bus may be.
#[derive(Debug, PartialEq, Eq)]
enum Address {
    Path(PathBuf),
    Abstract(Vec<u8>),
}

impl Address {
    fn connect(&self) -> Option<UnixStream> {
        let stream = match self {
            Self::Path(path) => UnixStream::connect(path).ok()?,
            #[cfg(target_os = "linux")]
            Self::Abstract(name) => {
                use std::os::linux::net::SocketAddrExt;
                UnixStream::connect_addr(&std::os::unix::net::SocketAddr::from_abstract_name(name).ok()?).ok()?
            }
            #[cfg(not(target_os = "linux"))]
            Self::Abstract(_) => return None,
        };
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.set_write_timeout(Some(PATIENCE)).ok()?;
        Some(stream)
    }
}

#[expect(clippy::disallowed_methods, reason = "where the bus is stands in the environment")]
fn addresses() -> Vec<Address> {
    let said = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").map(OsStringExt::into_vec).unwrap_or_default();
    if !said.is_empty() {
        return read_addresses(&String::from_utf8_lossy(&said));
    }
    let folder = std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let usual = || format!("/run/user/{}", rustix::process::geteuid().as_raw()).into();
    vec![Address::Path(folder.unwrap_or_else(usual).join("bus"))]
}

/// `unix:path=/run/user/1000/bus,guid=…;unix:abstract=…`; other kinds of buses are passed over.
fn read_addresses(text: &str) -> Vec<Address> {
    let one = |address: &str| {
        address.strip_prefix("unix:")?.split(',').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let value: Vec<u8> = percent_encoding::percent_decode_str(value).collect();
            match name {
                "path" => Some(Address::Path(std::ffi::OsString::from_vec(value).into())),
                "abstract" => Some(Address::Abstract(value)),
                _ => None,
            }
        })
    };
    text.split(';').filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_buses_say_them() {
        let path = |text: &str| Address::Path(text.into());
        assert_eq!(read_addresses("unix:path=/run/user/1000/bus"), [path("/run/user/1000/bus")]);
        assert_eq!(
            read_addresses("tcp:host=a,port=1;unix:guid=01,abstract=/tmp/dbus-x%2cy;unix:path=/a%20b,guid=2;"),
            [Address::Abstract(b"/tmp/dbus-x,y".to_vec()), path("/a b")]
        );
        assert_eq!(read_addresses("autolaunch:"), []);
    }

    #[test]
    fn a_bus_that_does_not_know_us_is_none() {
        let greeted = |answer: &[u8]| {
            let (ours, mut theirs) = UnixStream::pair().unwrap();
            theirs.write_all(answer).unwrap();
            theirs.shutdown(std::net::Shutdown::Write).unwrap();
            let entered = Bus::over(ours).enter(1000);
            let mut heard = vec![0; 25];
            theirs.read_exact(&mut heard).unwrap();
            assert_eq!(heard, b"\0AUTH EXTERNAL 31303030\r\n");
            entered
        };
        assert_eq!(greeted(b"REJECTED EXTERNAL\r\n"), Err(Trouble::Nobody));
        assert_eq!(greeted(b""), Err(Trouble::Nobody));
        assert_eq!(greeted(&b"OK".repeat(3000)), Err(Trouble::Odd));
    }
}
