//! The content type of a file, guessed from its extension.
//!
//! A table of our own: the crate for it knows more than a thousand extensions, most of them of formats that nobody stores, and
//! takes room to match. Texts get no charset: the name does not say it, and a wrong one is worse than none.

/// The content type that the extension of a name stands for, `None` if it stands for none: then no type is sent, and the store
/// takes its own default.
pub fn content_type(name: &str) -> Option<&'static str> {
    let file = name.rsplit('/').next()?;
    let (stem, extension) = file.rsplit_once('.')?;
    // `.json` is a hidden file without an extension.
    if stem.is_empty() || extension.len() > LONGEST {
        return None;
    }
    let extension = extension.to_ascii_lowercase();
    let row = TABLE.binary_search_by_key(&extension.as_str(), |(extension, _)| extension).ok()?;
    Some(TABLE[row].1)
}

/// The longest extension of the table.
const LONGEST: usize = 11;

/// Extensions in alphabetical order, which the search relies on. Types are those that IANA has registered, where it has.
/// <https://www.iana.org/assignments/media-types>
const TABLE: &[(&str, &str)] = &[
    ("7z", "application/x-7z-compressed"),
    ("aac", "audio/aac"),
    ("apk", "application/vnd.android.package-archive"),
    ("arrow", "application/vnd.apache.arrow.file"),
    ("avi", "video/x-msvideo"),
    ("avif", "image/avif"),
    ("bin", "application/octet-stream"),
    ("bmp", "image/bmp"),
    ("br", "application/x-brotli"),
    ("bz2", "application/x-bzip2"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("deb", "application/vnd.debian.binary-package"),
    ("dmg", "application/x-apple-diskimage"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("eot", "application/vnd.ms-fontobject"),
    ("epub", "application/epub+zip"),
    ("exe", "application/vnd.microsoft.portable-executable"),
    ("flac", "audio/flac"),
    ("geojson", "application/geo+json"),
    ("gif", "image/gif"),
    ("gpx", "application/gpx+xml"),
    ("gz", "application/gzip"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ico", "image/vnd.microsoft.icon"),
    ("ics", "text/calendar"),
    ("ini", "text/plain"),
    ("ipynb", "application/x-ipynb+json"),
    ("iso", "application/vnd.efi.iso"),
    ("jar", "application/java-archive"),
    ("jp2", "image/jp2"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("jsonl", "application/jsonl"),
    ("jxl", "image/jxl"),
    ("kml", "application/vnd.google-earth.kml+xml"),
    ("log", "text/plain"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("m4a", "audio/mp4"),
    ("map", "application/json"),
    ("markdown", "text/markdown"),
    ("md", "text/markdown"),
    ("mjs", "text/javascript"),
    ("mkv", "video/matroska"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpeg"),
    ("ndjson", "application/x-ndjson"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ogg", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("otf", "font/otf"),
    ("parquet", "application/vnd.apache.parquet"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("ps", "application/postscript"),
    ("py", "text/x-python"),
    ("rar", "application/vnd.rar"),
    ("rpm", "application/x-rpm"),
    ("rtf", "application/rtf"),
    ("sh", "application/x-sh"),
    ("sql", "application/sql"),
    ("sqlite", "application/vnd.sqlite3"),
    ("srt", "application/x-subrip"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tgz", "application/gzip"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("toml", "application/toml"),
    ("tsv", "text/tab-separated-values"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain"),
    ("vtt", "text/vtt"),
    ("wasm", "application/wasm"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xhtml", "application/xhtml+xml"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "application/xml"),
    ("xz", "application/x-xz"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("zip", "application/zip"),
    ("zst", "application/zstd"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_extension() {
        for (name, kind) in [
            ("photo.JPG", "image/jpeg"),
            ("a/b.c/index.html", "text/html"),
            ("backup.tar.gz", "application/gzip"),
            ("events.jsonl", "application/jsonl"),
            ("app.webmanifest", "application/manifest+json"),
            (".well-known.json", "application/json"),
            ("7z.7z", "application/x-7z-compressed"),
            ("x.zst", "application/zstd"),
        ] {
            assert_eq!(content_type(name), Some(kind), "{name}");
        }
        for name in ["", "README", ".json", "a/.json", "dir.txt/", "dir.txt/file", "a.", "a.unknown", "a.ｔｘｔ", "a.jpg ", "json"] {
            assert_eq!(content_type(name), None, "{name}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_well_formed() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0), "the search needs the order");
        for (extension, kind) in TABLE {
            assert!(extension.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{extension}");
            assert_eq!(kind.split('/').count(), 2, "{kind}");
            assert!(kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/+-.".contains(&b)), "{kind}");
        }
        assert_eq!(TABLE.iter().map(|(extension, _)| extension.len()).max(), Some(LONGEST));
    }
}
