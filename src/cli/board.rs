//! What commands ask of accounts and stores. The engine answers in the program, a made-up board in tests.

use crate::alarms::Turned;
use crate::app::{Changed, Identified, Listing, PayerChange, PayerFact};
use crate::domain::{AccountName, Look, Place, Result};
use crate::runtime::engine::Engine;

/// Acts on stores. A clone is the same board; commands hand clones to what runs at the same time.
pub(super) trait Board: Clone + 'static {
    /// All pages of the account's own buckets.
    fn list_buckets(&self, account: &AccountName, page: impl FnMut(Listing) + Send) -> impl Future<Output = Result<()>>;

    /// Whose keys the account has.
    fn identify(&self, account: &AccountName) -> impl Future<Output = Result<Identified>>;

    /// The bucket's payer, as the store answers it now.
    fn read_payer(&self, place: &Place) -> impl Future<Output = Result<PayerFact>>;

    /// What a change of the payer would touch: the bucket's own settings, none of its objects.
    fn preflight(&self, place: &Place) -> impl Future<Output = Look>;

    /// Changes the payer and reads it back; `accepted` is called when the store has taken the change, and `enough` ends the reading.
    fn change_payer(
        &self,
        change: &PayerChange,
        accepted: impl FnOnce() + Send,
        enough: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = Changed>;

    /// Whether the payer that was read is another one than before, and nobody changed it from here.
    fn turned(&self, _place: &Place) -> Option<Turned> {
        None
    }
}

impl Board for Engine {
    fn list_buckets(&self, account: &AccountName, page: impl FnMut(Listing) + Send) -> impl Future<Output = Result<()>> {
        Self::list_buckets(self, account, page)
    }

    fn identify(&self, account: &AccountName) -> impl Future<Output = Result<Identified>> {
        Self::identify(self, account)
    }

    fn read_payer(&self, place: &Place) -> impl Future<Output = Result<PayerFact>> {
        Self::read_payer(self, place)
    }

    fn preflight(&self, place: &Place) -> impl Future<Output = Look> {
        Self::preflight(self, place, |_| ())
    }

    fn change_payer(
        &self,
        change: &PayerChange,
        accepted: impl FnOnce() + Send,
        enough: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = Changed> {
        self.change_payer_until(change, accepted, enough)
    }

    fn turned(&self, place: &Place) -> Option<Turned> {
        Self::turned(self, place)
    }
}
