//! Arithmetic over lines of a summary.

use crate::domain::{Amount, By, Currency, Narrow, PayerSent, SaidCharged, Sent, Sum};

/// All lines together; amounts of different currencies stay apart.
pub(crate) fn total(sums: &[Sum]) -> Sum {
    sums.iter().fold(Sum::default(), |mut all, sum| {
        add(&mut all, sum);
        all
    })
}

fn add(all: &mut Sum, sum: &Sum) {
    let counts = [
        (&mut all.requests, sum.requests),
        (&mut all.retries, sum.retries),
        (&mut all.failed, sum.failed),
        (&mut all.up, sum.up),
        (&mut all.down, sum.down),
        (&mut all.payer, sum.payer),
        (&mut all.charged, sum.charged),
        (&mut all.uncharged, sum.uncharged),
        (&mut all.unpriced, sum.unpriced),
    ];
    for (count, more) in counts {
        *count = count.saturating_add(more);
    }
    for (currency, amount) in &sum.cost {
        add_amount(&mut all.cost, *currency, *amount);
    }
}

/// Puts an amount to those of its currency, in the currencies' order.
fn add_amount(cost: &mut Vec<(Currency, Amount)>, currency: Currency, amount: Amount) {
    match cost.binary_search_by_key(&currency, |(other, _)| *other) {
        Ok(at) => {
            if let Some((_, sum)) = cost.get_mut(at) {
                *sum = sum.plus(amount);
            }
        }
        Err(at) => cost.insert(at, (currency, amount)),
    }
}

/// The requests of one line of a summary: what the summary was narrowed to, and the line. A line of buckets without a bucket's
/// name are the requests that have none: an empty name.
pub(crate) fn narrow_to(narrow: &Narrow, by: By, name: &str) -> Narrow {
    let narrow = narrow.clone();
    match by {
        By::Day => {
            let day = name.parse().ok();
            Narrow { since: day.or(narrow.since), until: day.or(narrow.until), ..narrow }
        }
        By::Account => Narrow { account: Some(name.to_owned()), ..narrow },
        By::Bucket => {
            let (account, bucket) = name.split_once(':').unwrap_or((name, ""));
            Narrow { account: Some(account.to_owned()), bucket: Some(bucket.to_owned()), ..narrow }
        }
        By::Operation => Narrow { op: Some(name.to_owned()), ..narrow },
    }
}

/// Whether a request was sent as requester and done, while the answer, which would have said *charged*, did not.
pub(crate) fn is_uncharged(sent: &Sent) -> bool {
    sent.payer == PayerSent::Yes && sent.charged == SaidCharged::No && sent.status.is_some_and(|status| (200..300).contains(&status))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(text: &str) -> (Currency, Amount) {
        let (amount, currency) = text.split_once(' ').unwrap();
        (Currency::parse(currency).unwrap(), Amount::parse(amount).unwrap())
    }

    #[test]
    fn currencies_never_meet() {
        let sum = |costs: &[&str]| Sum { requests: 2, unpriced: 1, cost: costs.iter().copied().map(cost).collect(), ..Sum::default() };
        let all = total(&[sum(&["0.50 USD"]), sum(&["0.03 CNY"]), sum(&["0.01 CNY", "1.25 USD"]), sum(&[])]);
        assert_eq!(all.cost, [cost("0.04 CNY"), cost("1.75 USD")]);
        assert_eq!((all.requests, all.unpriced), (8, 4));
    }

    #[test]
    fn a_line_narrows_to_its_own_requests() {
        let month = Narrow { since: Some("2026-10-22".parse().unwrap()), ..Narrow::default() };
        let day = narrow_to(&month, By::Day, "2026-11-20");
        assert_eq!((day.since, day.until), (Some("2026-11-20".parse().unwrap()), Some("2026-11-20".parse().unwrap())));
        let bucket = narrow_to(&month, By::Bucket, "research:maps");
        assert_eq!((bucket.account.as_deref(), bucket.bucket.as_deref(), bucket.since), (Some("research"), Some("maps"), month.since));
        let none = narrow_to(&month, By::Bucket, "research");
        assert_eq!((none.account.as_deref(), none.bucket.as_deref()), (Some("research"), Some("")));
        assert_eq!(narrow_to(&month, By::Operation, "GetObject").op.as_deref(), Some("GetObject"));
        assert_eq!(narrow_to(&month, By::Account, "lab").account.as_deref(), Some("lab"));
    }
}
