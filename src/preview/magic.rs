//! Formats that are known by their first bytes and not drawn: their name says more than a page of digits.

use super::material::Material;

/// Where the bytes stand, which ones, whose they are.
const FORMATS: &[(usize, &[u8], &str)] = &[
    (0, b"%PDF-", "PDF document"),
    (0, b"PK\x03\x04", "ZIP archive, or a document made of one"),
    (0, b"PAR1", "Parquet table"),
    (0, b"Obj\x01", "Avro records"),
    (0, b"ORC", "ORC table"),
    (0, b"ARROW1\0\0", "Arrow table"),
    (0, b"SQLite format 3\0", "SQLite database"),
    (0, b"\x89HDF\r\n\x1a\n", "HDF5 data"),
    (0, b"CDF\x01", "NetCDF data"),
    (0, b"CDF\x02", "NetCDF data"),
    (0, b"GRIB", "GRIB weather data"),
    (0, b"LASF", "LAS point cloud"),
    (0, b"II*\0", "TIFF picture"),
    (0, b"MM\0*", "TIFF picture"),
    (0, b"II+\0", "BigTIFF picture"),
    (0, b"MM\0+", "BigTIFF picture"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000 picture"),
    (8, b"WEBP", "WebP picture"),
    (4, b"ftypavif", "AVIF picture"),
    (4, b"ftypheic", "HEIC picture"),
    (4, b"ftyp", "MP4 or QuickTime film"),
    (0, b"BAM\x01", "BAM alignments"),
    (0, b"CRAM", "CRAM alignments"),
    (0, b"\x1f\x8b", "gzip data"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (0, b"BZh", "bzip2 data"),
    (0, b"\xfd7zXZ\0", "xz data"),
    (0, b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (257, b"ustar", "tar archive"),
    (0, b"\x7fELF", "ELF program"),
    (0, b"MZ\x90\0", "Windows program"),
    (0, b"\0asm", "WebAssembly module"),
    (0, b"OggS", "Ogg sound"),
    (0, b"ID3", "MP3 sound"),
    (0, b"fLaC", "FLAC sound"),
];

/// Words that a text may begin with as well: they count only where something beside them is no text.
const WORDS: [&[u8]; 5] = [b"ORC", b"GRIB", b"CRAM", b"BZh", b"ID3"];

/// The name of the format, if it is one of these.
pub(super) fn name(material: &Material<'_>) -> Option<&'static str> {
    if !material.begins() {
        return None;
    }
    let is_here = |(place, magic, _): &&(usize, &[u8], &str)| {
        material.bytes.get(*place..).is_some_and(|rest| rest.starts_with(magic))
            && (!WORDS.contains(magic) || has_controls(&material.bytes))
    };
    FORMATS.iter().find(is_here).map(|(_, _, name)| *name)
}

fn has_controls(bytes: &[u8]) -> bool {
    bytes.iter().take(64).any(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'))
}
