//! The console's loop: messages in, effects out, a frame when something changed.
//!
//! Comes in: what to start with. Goes out: the terminal as it was, and the reason if the console could not go on. The first
//! frame is drawn before the network, credentials or the database are touched. Everything that waits in the queue is heard before one
//! frame is drawn; frames are at least [`FRAME`] apart; while nothing changes nothing is drawn and no timer runs.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::clock;
use super::desk::Desk;
use super::hands::Hands;
use super::startup::CliOverrides;
use super::terminal::Terminal;
use crate::app::{self, Effect, Model, Msg, Start};
use crate::demo;
use crate::domain::{Error, ErrorKind, Result, Target};
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
}

/// Runs the console until the user leaves.
///
/// # Errors
/// `Local` when there is no usable terminal; `Partial` when changes were still under way at the end.
pub fn run(options: ConsoleOptions) -> Result<()> {
    let (sender, receiver) = unbounded_channel();
    let mut terminal = Terminal::enter(sender.clone())?;
    let mut model = Model::new(options.start, options.target);
    let mut cache = ui::Cache::default();
    let (width, height) = terminal.size()?;
    let first = app::update(&mut model, clock::now(), Msg::Resized { width, height });
    terminal.draw(|frame| ui::draw(&model, &mut cache, frame))?;
    let tasks = tasks()?;
    let hands = Hands::new(tasks.handle().clone(), sender.clone(), options.overrides, options.demo, options.desk);
    let console = Console { terminal, model, cache, hands, receiver, sender, drawn: 0, last_frame: clock::now() };
    let ended = tasks.block_on(console.run(first));
    tasks.shutdown_timeout(Duration::from_millis(200));
    ended
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
    /// The model's generation on screen.
    drawn: u64,
    last_frame: Timestamp,
}

/// Whether the loop goes on.
#[derive(PartialEq, Eq)]
enum Flow {
    On,
    Leave,
}

impl Console {
    async fn run(mut self, first: Vec<Effect>) -> Result<()> {
        let mut flow = self.carry_out(first)?;
        while flow == Flow::On {
            let Some(message) = self.receiver.recv().await else { break };
            flow = self.hear(message)?;
            flow = self.hear_the_rest(flow).await?;
            if flow == Flow::On && self.model.generation() != self.drawn {
                self.draw()?;
            }
        }
        let Self { terminal, hands, .. } = self;
        drop(terminal);
        hands.farewell().await
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
        self.model.set_requests(self.hands.requests());
        let effects = app::update(&mut self.model, clock::now(), message);
        self.carry_out(effects)
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<Flow> {
        for effect in effects {
            match effect {
                Effect::Copy(text) => self.terminal.copy(&text)?,
                Effect::Suspend => {
                    self.terminal.suspend()?;
                    self.drawn = 0;
                }
                Effect::Quit => return Ok(Flow::Leave),
                other => self.hands.carry_out(other),
            }
        }
        Ok(Flow::On)
    }

    fn draw(&mut self) -> Result<()> {
        self.drawn = self.model.generation();
        self.last_frame = clock::now();
        let (model, cache) = (&self.model, &mut self.cache);
        self.terminal.draw(|frame| ui::draw(model, cache, frame))?;
        // Confirmations count keys only after the frame that shows them has left.
        let _gone = self.sender.send(Msg::Drawn);
        Ok(())
    }
}
