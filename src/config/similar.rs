//! `Did you mean …?`: the nearest of a few known words.

/// The known word that differs from the written one by few letters, if there is one.
pub fn closest<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    let written: Vec<char> = written.to_lowercase().replace('-', "_").chars().take(40).collect();
    let allowed = (written.len() / 3).clamp(1, 3);
    known.iter().map(|word| (distance(&written, word), *word)).filter(|(far, _)| *far <= allowed).min().map(|(_, word)| word)
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour.
fn distance(written: &[char], word: &str) -> usize {
    let word: Vec<char> = word.replace('-', "_").chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=word.len()).collect();
    for (row, letter) in written.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in word.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != other);
            let mut cost = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && *letter == word[column - 1] && written[row - 1] == *other {
                cost = cost.min(before_last[column - 1] + 1);
            }
            current.push(cost);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[word.len()]
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let known = ["region", "endpoint", "credentials", "access"];
        assert_eq!(closest("regoin", &known), Some("region"));
        assert_eq!(closest("Endpoint", &known), Some("endpoint"));
        assert_eq!(closest("credential", &known), Some("credentials"));
        assert_eq!(closest("wJalrXUtnFEMI", &known), None);
        assert_eq!(closest("", &known), None);
    }
}
