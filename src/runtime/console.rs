//! The console's loop: messages in, effects out, a frame when something changed.
//!
//! Comes in: what to start with. Goes out: the terminal as it was, and the reason if the console could not go on. The first
//! frame is drawn before the network, credentials or the database are touched. Everything that waits in the queue is heard before one
//! frame is drawn; frames are at least `FRAME` apart; while nothing changes nothing is drawn and no timer runs.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::desk::Desk;
use super::hands::Hands;
use super::startup::CliOverrides;
use super::terminal::{self, Depth, Ended, Look, Terminal};
use super::trace::Trace;
use super::{clock, config_file};
use crate::app::{Effect, Model, Msg, Start, update};
use crate::config::Theme;
use crate::demo;
use crate::domain::{Error, ErrorKind, Result, Spending, Target};
use crate::ui;

/// The shortest time between two frames: a terminal over ssh shows no more.
const FRAME: Duration = Duration::from_millis(16);

/// What the console starts with.
pub struct ConsoleOptions {
    /// The config, or the embedded store.
    pub start: Start,
    /// What the command line says against the config.
    pub overrides: CliOverrides,
    /// A bucket to go to.
    pub target: Option<Target>,
    /// How the embedded store is started, if it is.
    pub demo: demo::Options,
    /// What was asked at the terminal before the screen opened.
    pub desk: Arc<Desk>,
    /// Where every request is written, if somebody asked for that.
    pub trace: Option<Arc<Trace>>,
}

/// Runs the console until the user leaves.
///
/// # Errors
/// `Local` when there is no usable terminal; `Partial` when changes were still under way at the end.
///
/// `Some` says that the process was asked to end from outside; end with its exit code then.
pub fn run(options: ConsoleOptions) -> Result<Option<Ended>> {
    let (sender, mut receiver) = unbounded_channel();
    let mut terminal = Terminal::enter(sender.clone())?;
    let mut model = Model::new(options.start, TimeZone::UTC);
    if let Some(target) = options.target {
        model = model.opening(target);
    }
    let look = ui_terminal(terminal::look());
    let mut cache = ui::Cache::new(look);
    // The terminal's first message is its size.
    let first = receiver.try_recv().map_or_else(|_| Vec::new(), |message| update(&mut model, clock::now(), message));
    terminal.draw(|frame| ui::draw(&model, &mut cache, frame))?;
    // After the first frame: finding the zone reads the whole zone database, a fifth of the time to that frame.
    model.use_zone(TimeZone::system());
    let tasks = tasks()?;
    let hands = Hands::new(tasks.handle().clone(), sender.clone(), options.overrides, options.demo, options.desk).with_trace(options.trace);
    let console = Console {
        terminal,
        model,
        cache,
        look,
        theme: Theme::Auto,
        hands,
        receiver,
        sender,
        told: Spending::default(),
        last_frame: clock::now(),
    };
    let ended = tasks.block_on(console.run(first));
    tasks.shutdown_timeout(Duration::from_millis(200));
    ended
}

fn ui_terminal(look: Look) -> ui::Terminal {
    ui::Terminal {
        colours: match (look.colours, look.depth) {
            (false, _) => ui::Colours::None,
            (true, Depth::Sixteen) => ui::Colours::Sixteen,
            (true, Depth::Palette) => ui::Colours::Palette,
            (true, Depth::Full) => ui::Colours::Full,
        },
        glyphs: if look.unicode { ui::Glyphs::Unicode } else { ui::Glyphs::Ascii },
        background: if look.light_background { ui::Background::Light } else { ui::Background::Dark },
    }
}

fn tasks() -> Result<Runtime> {
    Builder::new_multi_thread().worker_threads(1).max_blocking_threads(4).thread_name("whopays").enable_all().build().map_err(|error| {
        Error::new(ErrorKind::Local, "no threads could be started").hint("Look at the limits of this session (`ulimit -u`).").source(error)
    })
}

struct Console {
    terminal: Terminal,
    model: Model,
    cache: ui::Cache,
    hands: Hands,
    receiver: UnboundedReceiver<Msg>,
    sender: UnboundedSender<Msg>,
    look: ui::Terminal,
    /// The theme whose file was read last.
    theme: Theme,
    /// What the model was told of requests, bytes and money.
    told: Spending,
    last_frame: Timestamp,
}

/// Whether the loop goes on.
#[derive(PartialEq, Eq)]
enum Flow {
    On,
    Leave,
}

impl Console {
    async fn run(mut self, first: Vec<Effect>) -> Result<Option<Ended>> {
        let mut flow = self.carry_out(first)?;
        while flow == Flow::On {
            let Some(message) = self.receiver.recv().await else { break };
            flow = self.hear(message)?;
            flow = self.hear_the_rest(flow).await?;
            if flow == Flow::On && self.model.dirty() {
                flow = self.draw()?;
            }
        }
        let Self { terminal, hands, .. } = self;
        let ended = terminal.leave();
        hands.farewell().await.map(|()| ended)
    }

    /// Hears everything that waits, and everything that comes before the next frame may be drawn.
    async fn hear_the_rest(&mut self, mut flow: Flow) -> Result<Flow> {
        loop {
            while flow == Flow::On {
                let Ok(message) = self.receiver.try_recv() else { break };
                flow = self.hear(message)?;
            }
            let since = clock::now().duration_since(self.last_frame).unsigned_abs();
            let Some(left) = FRAME.checked_sub(since).filter(|left| !left.is_zero() && flow == Flow::On) else { return Ok(flow) };
            tokio::select! {
                Some(message) = self.receiver.recv() => flow = self.hear(message)?,
                () = clock::sleep(left) => return Ok(flow),
            }
        }
    }

    fn hear(&mut self, message: Msg) -> Result<Flow> {
        let spent = self.hands.spent();
        if spent != self.told {
            self.told.clone_from(&spent);
            let effects = update(&mut self.model, clock::now(), Msg::Spent(spent));
            self.carry_out(effects)?;
        }
        let effects = update(&mut self.model, clock::now(), message);
        self.carry_out(effects)
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<Flow> {
        for effect in effects {
            if effect == Effect::Quit {
                return Ok(Flow::Leave);
            } else if effect == Effect::Suspend {
                self.terminal.suspend()?;
            } else if let Effect::Copy(text) = &effect {
                self.terminal.copy(text.expose())?;
            } else {
                self.hands.carry_out(effect);
            }
        }
        Ok(Flow::On)
    }

    /// Reads the theme's file when the settings name another one; a broken one is told, and the usual colours stay.
    fn follow_theme(&mut self) {
        if self.theme == *self.model.theme() {
            return;
        }
        self.theme = self.model.theme().clone();
        let Theme::File(path) = &self.theme else { return };
        match config_file::read_theme(path).and_then(|text| ui::Look::parse(&path.to_string_lossy(), &text, self.look)) {
            Ok(look) => self.cache.use_file(&self.theme, look),
            Err(error) => drop(self.sender.send(Msg::Notice(error))),
        }
    }

    /// Draws, and says so at once: confirmations and countdowns count only what was on screen before the next key is heard.
    fn draw(&mut self) -> Result<Flow> {
        self.last_frame = clock::now();
        self.follow_theme();
        let (model, cache) = (&self.model, &mut self.cache);
        self.terminal.draw(|frame| ui::draw(model, cache, frame))?;
        let effects = update(&mut self.model, clock::now(), Msg::Drawn);
        self.carry_out(effects)
    }
}
