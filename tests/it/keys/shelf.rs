//! What the objects' tests share: pages, and how a console asks for them.

use std::sync::Arc;

use whopays::app::{Effect, Msg, PageFact, Ticket};
use whopays::domain::leaf::Facts;
use whopays::domain::{Acting, Charged, Error, Leaf, LeafBuilder, PageAsk};

use super::driver::{Console, noon};

/// An order for pages.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) ticket: Ticket,
    pub(crate) acting: Acting,
    pub(crate) ask: PageAsk,
    pub(crate) most: u64,
}

pub(crate) fn order_of(effect: &Effect) -> Option<Order> {
    match effect {
        Effect::ListObjects(ticket, acting, ask, most) => {
            Some(Order { ticket: *ticket, acting: acting.clone(), ask: ask.clone(), most: *most })
        }
        _ => None,
    }
}

/// A page: keys that end in `/` are prefixes; behind a `!` they are objects. The size of an object is the length of its key.
pub(crate) fn leaf(keys: &[&str], next: Option<&str>) -> Arc<Leaf> {
    let mut page = LeafBuilder::default();
    for key in keys {
        let facts = Facts {
            modified: Some("2024-05-01T10:00:00Z".parse().unwrap()),
            etag: Some("\"d41d8cd98f00b204e9800998ecf8427e\""),
            class: Some("STANDARD"),
            size: key.len() as u64,
        };
        let done = match key.strip_prefix('!') {
            Some(object) => page.object(object, facts),
            None if key.ends_with('/') => page.prefix(key),
            None => page.object(key, facts),
        };
        assert!(done);
    }
    Arc::new(page.finish(next, Vec::new()))
}

/// A thousand objects `000000` and so on, from a number on.
pub(crate) fn thousand(from: u32, next: Option<&str>) -> Arc<Leaf> {
    let mut page = LeafBuilder::default();
    for number in from..from + 1000 {
        page.object(&format!("{number:07}"), Facts { size: u64::from(number % 10), ..Facts::default() });
    }
    Arc::new(page.finish(next, Vec::new()))
}

impl Console {
    /// Orders for pages that nobody has answered.
    pub(crate) fn pages(&self) -> Vec<Order> {
        self.open(order_of)
    }

    /// How many orders for pages there ever were.
    pub(crate) fn listings(&self) -> usize {
        self.ever(order_of).len()
    }

    /// Answers the open order: it stays open if more pages were ordered and there are any.
    pub(crate) fn answer_page(&mut self, leaf: Arc<Leaf>, charged: Charged) {
        let order = self.pages().first().expect("a page was ordered").clone();
        let at = self.now;
        self.send(Msg::PageListed(order.ticket, Ok(PageFact { leaf, charged, at })));
    }

    /// Answers an order that is closed thereby.
    pub(crate) fn end_page(&mut self, answer: Result<Arc<Leaf>, Error>) {
        let order = self.pages().first().expect("a page was ordered").clone();
        self.orders.retain(|effect| super::driver::ticket_of(effect) != Some(order.ticket));
        self.send(Msg::PageListed(order.ticket, answer.map(|leaf| PageFact { leaf, charged: Charged::No, at: noon() })));
    }

    /// A board, with the cursor on a bucket that is then opened.
    pub(crate) fn inside(bucket: &str, width: u16, height: u16) -> Self {
        let mut console = Self::board(width, height);
        console.go_to(bucket);
        console.keys("\n");
        console
    }

    /// Carries out the arranging that is open, as the hands do.
    pub(crate) fn arrange(&mut self) {
        let (ticket, leaves, first, wish) = self.pick(|effect| match effect {
            Effect::Arrange(ticket, leaves, first, wish) => Some((*ticket, leaves.clone(), *first, wish.clone())),
            _ => None,
        });
        let rows = whopays::transfer::arrange(&leaves, first, &wish, &std::sync::atomic::AtomicBool::new(false)).unwrap();
        self.send(Msg::Arranged(ticket, rows));
    }

    pub(crate) fn arrangings(&self) -> usize {
        self.open(|effect| matches!(effect, Effect::Arrange(..)).then_some(())).len()
    }

    /// The names on screen, from the first line of the list.
    pub(crate) fn names(&mut self) -> Vec<String> {
        let screen = self.draw();
        let body = screen.lines().skip(3).take_while(|line| !line.starts_with('─'));
        body.map(|line| line.chars().skip(2).collect::<String>().split("  ").next().unwrap_or_default().trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect()
    }
}
