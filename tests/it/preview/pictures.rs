//! Pictures: drawn by hand-made and recorded files, refused where they are cut off, too large or broken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use whopays::preview::Picture;

use super::*;

/// Sixteen by eight, the left half red, the right half blue.
const RED_AND_BLUE: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/\
    2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAIABADAREAAhEBAxEB/8QA\
    FQABAQAAAAAAAAAAAAAAAAAABwj/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAACQf/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oA\
    DAMBAAIRAxEAPwCdEMKmAjjB0f/Z";
/// The same, progressive.
const PROGRESSIVE: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/\
    2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wgARCAAIABADAREAAhEBAxEB/8QA\
    FQABAQAAAAAAAAAAAAAAAAAABgf/xAAVAQEBAAAAAAAAAAAAAAAAAAAIBv/aAAwDAQACEAMQAAABnMKqQLjHX//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAI\
    AQEAAQUCP//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAIAQMBAT8BP//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAIAQIBAT8BP//EABQQAQAAAAAAAAAAAAAA\
    AAAAABD/2gAIAQEABj8CP//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAT8hP//aAAwDAQACAAMAAAAQ6//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAI\
    AQMBAT8QP//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAIAQIBAT8QP//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAT8QP//Z";
/// Eight by eight, all of it middle grey, one component.
const GREY: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/\
    wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z";
/// Eight by eight, red, in the four inks of print.
const CMYK: &str = "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUVFQwPFxgWFBgSFBUU/8AA\
    FAgACAAIBEMRAE0RAFkRAEsRAP/EABQAAQAAAAAAAAAAAAAAAAAAAAn/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oADgRDAE0AWQBLAAA/AFTFUKoqb//Z";
/// Two by two: green, and transparent at the lower right.
const GREEN: &str = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAFElEQVR4nGNk+M/wn4GBgYEBxgAAKfoD/q2l2koAAAAASUVORK5CYII=";
/// Three by two: red green blue, blue green red.
const STRIPES: &str = "R0lGODdhAwACAIEAAP8AAAD/AAAA/wAAACwAAAAAAwACAAAICQABBBAgIACAgAA7";

/// Every recorded file, in base64.
pub(super) fn recordings() -> [&'static str; 6] {
    [RED_AND_BLUE, PROGRESSIVE, GREY, CMYK, GREEN, STRIPES]
}

fn recorded(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

fn picture(bytes: &[u8]) -> Picture {
    let shown = look(&whole("no-ending", bytes), Mode::Auto);
    match shown.view {
        View::Picture(picture) => picture,
        other => panic!("no picture: {other:?}, {:?}", shown.notes),
    }
}

/// Each channel within a few steps: JPEG is not exact.
fn close(pixel: [u8; 3], wanted: [u8; 3]) -> bool {
    pixel.iter().zip(wanted).all(|(is, wanted)| is.abs_diff(wanted) <= 6)
}

#[test]
fn a_png_is_drawn_and_its_holes_show_the_board() {
    let green = picture(&recorded(GREEN));
    assert_eq!((green.format, green.width, green.height, green.columns, green.rows), ("PNG", 2, 2, 2, 2));
    assert_eq!(green.pixels, [[0, 255, 0], [0, 255, 0], [0, 255, 0], [102, 102, 102]]);
}

#[test]
fn a_gif_is_drawn() {
    let stripes = picture(&recorded(STRIPES));
    let (red, green, blue) = ([255, 0, 0], [0, 255, 0], [0, 0, 255]);
    assert_eq!((stripes.format, stripes.columns, stripes.rows), ("GIF", 3, 2));
    assert_eq!(stripes.pixels, [red, green, blue, blue, green, red]);
}

#[test]
fn jpegs_of_every_kind_are_drawn() {
    for text in [RED_AND_BLUE, PROGRESSIVE] {
        let drawn = picture(&recorded(text));
        assert_eq!((drawn.format, drawn.width, drawn.height, drawn.pixels.len()), ("JPEG", 16, 8, 128));
        assert!(close(drawn.pixels[0], [255, 0, 0]) && close(drawn.pixels[15], [0, 0, 255]), "{:?}", &drawn.pixels[..16]);
    }
    assert!(picture(&recorded(GREY)).pixels.iter().all(|pixel| close(*pixel, [128, 128, 128])));
    assert!(picture(&recorded(CMYK)).pixels.iter().all(|pixel| close(*pixel, [255, 0, 0])));
}

#[test]
fn a_large_picture_becomes_a_small_grid() {
    let pixels: Vec<u8> = (0..1000_u32 * 500).flat_map(|place| if place % 1000 < 500 { [255, 0, 0] } else { [0, 0, 255] }).collect();
    let drawn = picture(&png_of(1000, 500, png::ColorType::Rgb, &pixels));
    assert_eq!((drawn.width, drawn.height, drawn.columns, drawn.rows), (1000, 500, 160, 80));
    assert_eq!((drawn.pixels[0], drawn.pixels[79], drawn.pixels[80]), ([255, 0, 0], [255, 0, 0], [0, 0, 255]));
}

fn png_of(width: u32, height: u32, color: png::ColorType, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.write_header().unwrap().write_image_data(pixels).unwrap();
    bytes
}

#[test]
fn a_part_of_a_picture_is_told_and_shown_as_bytes() {
    let bytes = recorded(RED_AND_BLUE);
    let shown = look(&first_of("a.jpg", &bytes[..250], 291), Mode::Auto);
    assert_eq!(shown.notes, ["first 250 bytes of 291 bytes", "JPEG picture, 16 × 8 pixels: drawn only if it is here as a whole"]);
    assert!(is_hex(&shown));
    let unknown = look(&Sample { total: None, ..whole("a.jpg", &bytes[..285]) }, Mode::Auto);
    assert_eq!(unknown.notes, ["JPEG picture, 16 × 8 pixels: drawn only if it is here as a whole"]);
    assert!(matches!(look(&Sample { total: None, ..whole("a.jpg", &bytes) }, Mode::Auto).view, View::Picture(_)));
    let short = look(&first_of("a.png", b"\x89PNG\r\n\x1a\n\0\0", 291), Mode::Auto);
    assert_eq!(short.notes[1], "PNG picture: its header is not complete");
}

#[test]
fn bombs_are_refused_by_their_header() {
    // 62 KB that unpack to 64 million pixels.
    let bomb = png_of(8_000, 8_000, png::ColorType::Grayscale, &vec![0; 64_000_000]);
    assert!(bomb.len() < 100_000);
    let shown = look(&whole("bomb.png", &bomb), Mode::Auto);
    assert_eq!(shown.notes, ["PNG picture, 8000 × 8000 pixels: too large to be drawn here"]);
    let mut gif = recorded(STRIPES);
    gif[6..10].fill(0xff);
    let shown = look(&whole("bomb.gif", &gif), Mode::Auto);
    assert_eq!(shown.notes, ["GIF picture, 65535 × 65535 pixels: too large to be drawn here"]);
    let none = [&recorded(STRIPES)[..6], &[0, 0, 5, 0], &recorded(STRIPES)[10..]].concat();
    assert_eq!(look(&whole("a.gif", &none), Mode::Auto).notes, ["GIF picture, 0 × 5 pixels: there is nothing to draw"]);
}

#[test]
fn what_a_decoder_says_of_broken_bytes_is_a_note() {
    let mut png = recorded(GREEN);
    png[45] ^= 0x40;
    let shown = look(&whole("a.png", &png), Mode::Auto);
    assert!(shown.notes[0].starts_with("PNG picture, 2 × 2 pixels: ") && shown.notes.len() == 1, "{:?}", shown.notes);
    assert!(is_hex(&shown));
    let gif = recorded(STRIPES);
    let shown = look(&whole("a.gif", &gif[..gif.len() - 8]), Mode::Auto);
    assert!(shown.notes[0].starts_with("GIF picture, 3 × 2 pixels: "), "{:?}", shown.notes);
}
