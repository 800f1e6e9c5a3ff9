//! Requests whose price nobody knows: neither an estimate nor a budget counts them.

use std::sync::Arc;

use crate::domain::escape::visible;
use crate::domain::few::sort_few;
use crate::domain::op::{PayerHeader, PriceClass};
use crate::domain::{Provider, Sent};
use crate::prices::{is_billed, is_listed, words};

/// A class of requests in a region.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unpriced {
    /// Whose store.
    pub provider: Provider,
    /// Where.
    pub region: Arc<str>,
    /// The class without a price.
    pub class: PriceClass,
}

impl Unpriced {
    /// What a request has no price for. `None`: it has one, or is on nobody's bill, or its store is not the vendor's, whose prices no
    /// list can have. Requests that never say who pays, such as those of settings, are few and the owner's: they raise no alarm.
    pub fn of(sent: &Sent) -> Option<Self> {
        let about_objects = sent.kind.op.cell(sent.kind.provider).is_some_and(|cell| cell.payer == PayerHeader::Takes);
        let billed = about_objects && is_billed(sent.kind.provider, sent.status) && sent.kind.class != PriceClass::Free;
        let is_it = sent.unpriced() && billed && is_listed(sent.kind.provider, &sent.kind.host);
        is_it.then(|| Self { provider: sent.kind.provider, region: Arc::clone(&sent.kind.region), class: sent.kind.class })
    }

    /// Under which it is remembered as told.
    pub fn name(&self) -> String {
        format!("unpriced {} {} {}", self.provider, self.region, words::class_code(self.class))
    }
}

/// What is missing in one region, and what to do: one sentence for all its classes.
pub fn sentence(provider: Provider, region: &str, classes: &[PriceClass]) -> String {
    let mut names: Vec<&str> = classes.iter().map(|class| words::class(*class)).collect();
    sort_few(&mut names);
    names.dedup();
    format!(
        "no price known for {} requests in {provider} {}: estimates and budgets leave them out; write their price into `prices.toml` beside the config file",
        names.join(" and "),
        visible(region)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_classes_of_a_region_in_one_sentence() {
        let rest = "estimates and budgets leave them out; write their price into `prices.toml` beside the config file";
        let text = sentence(Provider::Oss, "cn-zhangjiakou", &[PriceClass::PutType, PriceClass::GetType, PriceClass::PutType]);
        assert_eq!(text, format!("no price known for Get-type and Put-type requests in oss cn-zhangjiakou: {rest}"));
        let text = sentence(Provider::S3, "eu-\u{1b}west-1", &[PriceClass::Tier2]);
        assert!(text.starts_with("no price known for GET/other (Tier 2) requests in s3 eu-") && !text.contains('\u{1b}'), "{text}");
    }
}
