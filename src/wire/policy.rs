//! A bucket's policy, as far as the payer matters: who is let in.
//!
//! Comes in: the JSON of either cloud, which may write one value or a list of them nearly everywhere. Goes out: a [`Fact`].
//! Forbidden here: deciding what a condition allows; a statement with conditions is said to have them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>,
//! <https://www.alibabacloud.com/help/en/oss/user-guide/use-bucket-policies>

use serde_json::Value;

use super::{Answer, Call, error};
use crate::domain::preflight::{Cdn, Fact};
use crate::domain::{Result, Site};

/// Reads a policy.
pub(super) fn decode(site: &Site, call: &Call, answer: &Answer) -> Result<Fact> {
    let parsed: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let statements = parsed.as_ref().and_then(|policy| policy.get("Statement"));
    let Some(statements) = statements.filter(|value| value.is_array() || value.is_object()) else {
        return Err(error::no_such_setting(site, call, answer));
    };
    let mut fact = Fact::default();
    for statement in each(statements).into_iter().filter(|statement| statement.get("Effect").and_then(Value::as_str) == Some("Allow")) {
        allowed(statement, &mut fact);
    }
    Ok(fact)
}

/// One value, or each of a list.
fn each(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |list| list.iter().collect())
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    value.map(each).unwrap_or_default().into_iter().filter_map(Value::as_str).collect()
}

fn allowed(statement: &Value, fact: &mut Fact) {
    let actions = texts(statement.get("Action"));
    let conditional = statement.get("Condition").and_then(Value::as_object).is_some_and(|conditions| !conditions.is_empty());
    // Everyone but a few is everyone who is not known.
    if statement.get("NotPrincipal").is_some() {
        fact.on = true;
    }
    let Some(principal) = statement.get("Principal") else { return };
    let (named, services) = match principal.as_object() {
        Some(kinds) => {
            let named = ["AWS", "CanonicalUser"].iter().flat_map(|kind| texts(kinds.get(*kind))).collect();
            (named, texts(kinds.get("Service")))
        }
        None => (texts(Some(principal)), Vec::new()),
    };
    for name in named {
        who(name, &actions, conditional, fact);
    }
    for service in services {
        match service {
            "cloudfront.amazonaws.com" => fact.cdn = Some(Cdn::Service),
            "logging.s3.amazonaws.com" => fact.takes_logs = true,
            _ => {}
        }
    }
}

fn who(name: &str, actions: &[&str], conditional: bool, fact: &mut Fact) {
    if name == "*" {
        return everyone(actions, conditional, fact);
    }
    if name.contains(":iam::cloudfront:user/") {
        fact.cdn.get_or_insert(Cdn::Identity);
        return;
    }
    let account = account_of(name).to_owned();
    fact.takes_replicas |= actions.iter().any(|action| action.starts_with("s3:Replicate"));
    if !fact.accounts.contains(&account) {
        fact.accounts.push(account);
    }
}

fn everyone(actions: &[&str], conditional: bool, fact: &mut Fact) {
    if conditional {
        fact.on = true;
        return;
    }
    for (right, verbs) in [("read", &["Get", "List", "Head"][..]), ("write", &["Put", "Delete", "Abort", "Append"][..])] {
        let known = fact.everyone.iter().any(|each| each == right);
        if !known && actions.iter().any(|action| does(action, verbs)) {
            fact.everyone.push(right.to_owned());
        }
    }
}

/// `*`, `s3:*` and `s3:Get*` read, as `s3:GetObject` does.
fn does(action: &str, verbs: &[&str]) -> bool {
    let verb = action.split_once(':').map_or(action, |(_, verb)| verb);
    verb == "*" || verbs.iter().any(|known| verb.starts_with(known))
}

/// The account of `arn:aws:iam::111122223333:user/ada`; anything else as it is written.
fn account_of(name: &str) -> &str {
    match name.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _, _, _, account, ..] if !account.is_empty() => account,
        _ => name,
    }
}
