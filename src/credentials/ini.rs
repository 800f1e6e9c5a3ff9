//! The INI dialect of the clouds' own files: sections, `key = value`, comments; nested settings are skipped.

/// One `[section]`, its keys in lower case, its values as written. It has no `Debug`: values may be secrets.
#[derive(Clone, Default)]
pub(crate) struct Section {
    /// The name between the brackets, without outer spaces.
    pub(crate) name: String,
    entries: Vec<(String, zeroize::Zeroizing<String>)>,
}

impl Section {
    /// The value of a key, if it is there and not empty.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// Every section of a file, in its order. Lines that mean nothing are skipped, as the clouds' own tools do.
pub(crate) fn parse(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.strip_prefix('\u{feff}').unwrap_or(text).lines() {
        let nested = line.starts_with([' ', '\t']);
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            let name = header.split(']').next().unwrap_or_default();
            sections.push(Section { name: name.split_whitespace().collect::<Vec<_>>().join(" "), entries: Vec::new() });
        } else if let (Some((key, value)), Some(section), false) = (line.split_once('='), sections.last_mut(), nested) {
            let value = without_comment(value).trim().to_owned();
            section.entries.push((key.trim().to_ascii_lowercase(), value.into()));
        }
    }
    sections
}

/// A comment begins at a `#` or `;` after a space; a secret has no spaces.
fn without_comment(value: &str) -> &str {
    let end = value.find(" #").into_iter().chain(value.find(" ;")).min();
    end.map_or(value, |end| &value[..end])
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sections_values_comments_and_nesting() {
        let sections = parse(
            "\u{feff}# top\n[default]\nAWS_Access_Key_Id = AKIA # mine\ns3 =\n  addressing_style = path\nregion=us-west-2\n\n[ profile  lab ]\r\nregion = \r\nnonsense\r\n",
        );
        assert_eq!(sections.len(), 2);
        assert_eq!((sections[0].name.as_str(), sections[1].name.as_str()), ("default", "profile lab"));
        assert_eq!(sections[0].get("aws_access_key_id"), Some("AKIA"));
        assert_eq!(sections[0].get("addressing_style"), None);
        assert_eq!(sections[0].get("region"), Some("us-west-2"));
        assert_eq!(sections[1].get("region"), None);
    }

    #[test]
    fn a_hash_inside_a_secret_stays() {
        assert_eq!(parse("[a]\nk = x#y;z/+=\n")[0].get("k"), Some("x#y;z/+="));
    }
}
