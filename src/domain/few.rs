//! The order of a few things: headers, items of a query, currencies, what a plan found.
//!
//! The library's sorts are made for thousands, and each type that one of them sorts adds four to eleven kilobytes to the program. Below
//! twenty items they do what is done here. Forbidden here: rows, names in a bucket, whatever a person can have thousands of.

/// Puts a few items in their order. Equal ones stay as they stood.
pub fn sort_few<T: Ord>(items: &mut [T]) {
    sort_few_by(items, |a, b| a < b);
}

/// The same in the order of a key.
pub fn sort_few_by_key<T, Key: Ord>(items: &mut [T], key: impl Fn(&T) -> Key) {
    sort_few_by(items, |a, b| key(a) < key(b));
}

fn sort_few_by<T>(items: &mut [T], stands_before: impl Fn(&T, &T) -> bool) {
    for end in 1..items.len() {
        let mut place = end;
        while place > 0 && stands_before(&items[place], &items[place - 1]) {
            items.swap(place, place - 1);
            place -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_sorted_and_equal_ones_stay() {
        let sorted = |mut items: Vec<(u8, char)>| {
            sort_few_by_key(&mut items, |(key, _)| *key);
            items.iter().map(|(_, letter)| *letter).collect::<String>()
        };
        assert_eq!(sorted(vec![]), "");
        assert_eq!(sorted(vec![(3, 'a')]), "a");
        assert_eq!(sorted(vec![(3, 'a'), (1, 'b'), (2, 'c'), (1, 'd'), (3, 'e'), (0, 'f')]), "fbdcae");
        let mut words = ["x-amz-date", "host", "x-amz-content-sha256", "authorization"];
        sort_few(&mut words);
        assert_eq!(words, ["authorization", "host", "x-amz-content-sha256", "x-amz-date"]);
    }
}
