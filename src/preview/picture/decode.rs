//! The three decoders, each with its limit; whatever they say becomes text.

use std::io::Cursor;
use std::num::NonZeroU64;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::header::{Format, Header};
use super::shrink::{Grid, Pixel};
use super::{MOST_BESIDE, MOST_MEMORY, Picture};

/// Progressive pictures of more scans than this are made to keep a machine busy.
const MOST_SCANS: usize = 64;

/// Decodes and shrinks.
pub(super) fn shrunk(header: &Header, bytes: &[u8]) -> Result<Picture, String> {
    let mut grid = Grid::new(header.width, header.height);
    match header.format {
        Format::Png => fill_from_png(&mut grid, bytes),
        Format::Jpeg => fill_from_jpeg(&mut grid, header, bytes),
        Format::Gif => fill_from_gif(&mut grid, bytes),
    }?;
    let (columns, rows) = (grid.columns, grid.rows);
    Ok(Picture { width: header.width, height: header.height, format: header.format.name(), pixels: grid.pixels(), columns, rows })
}

fn fill_from_png(grid: &mut Grid, bytes: &[u8]) -> Result<(), String> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: MOST_BESIDE });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(said)?;
    let size = reader.output_buffer_size().filter(|size| *size as u64 <= MOST_MEMORY).ok_or("too large to be drawn here")?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(said)?;
    let samples = frame.color_type.samples();
    let row = |line: &[u8]| -> Vec<Pixel> { line.chunks_exact(samples).map(|samples| png_pixel(frame.color_type, samples)).collect() };
    for (y, line) in pixels.chunks_exact(frame.line_size.max(1)).enumerate() {
        grid.add_row(0, u32::try_from(y).unwrap_or(u32::MAX), row(line).into_iter());
    }
    Ok(())
}

fn png_pixel(kind: png::ColorType, samples: &[u8]) -> Pixel {
    let sample = |place: usize| samples.get(place).copied().unwrap_or(u8::MAX);
    match kind {
        // Indexed ones were expanded.
        png::ColorType::Grayscale | png::ColorType::Indexed => [sample(0), sample(0), sample(0), u8::MAX],
        png::ColorType::GrayscaleAlpha => [sample(0), sample(0), sample(0), sample(1)],
        png::ColorType::Rgb => [sample(0), sample(1), sample(2), u8::MAX],
        png::ColorType::Rgba => [sample(0), sample(1), sample(2), sample(3)],
    }
}

fn fill_from_jpeg(grid: &mut Grid, header: &Header, bytes: &[u8]) -> Result<(), String> {
    let options = DecoderOptions::default()
        .set_max_width(header.width as usize)
        .set_max_height(header.height as usize)
        .jpeg_set_max_scans(MOST_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let pixels = decoder.decode().map_err(said)?;
    // A second frame header may name another size than the one that was judged.
    if pixels.len() as u64 != u64::from(header.width) * u64::from(header.height) * 3 {
        return Err("it names two sizes".to_owned());
    }
    for (y, line) in pixels.chunks_exact(header.width as usize * 3).enumerate() {
        let row = line.chunks_exact(3).map(|colours| [colours[0], colours[1], colours[2], u8::MAX]);
        grid.add_row(0, u32::try_from(y).unwrap_or(u32::MAX), row);
    }
    Ok(())
}

fn fill_from_gif(grid: &mut Grid, bytes: &[u8]) -> Result<(), String> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    options.set_memory_limit(gif::MemoryLimit::Bytes(NonZeroU64::MIN.saturating_add(MOST_MEMORY)));
    options.check_frame_consistency(true);
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(said)?;
    let frame = decoder.read_next_frame().map_err(said)?.ok_or("there is no frame in it")?;
    let (left, top, width) = (u32::from(frame.left), u32::from(frame.top), usize::from(frame.width).max(1));
    for (y, line) in frame.buffer.chunks_exact(width * 4).enumerate() {
        let row = line.chunks_exact(4).map(|samples| [samples[0], samples[1], samples[2], samples[3]]);
        grid.add_row(left, top.saturating_add(u32::try_from(y).unwrap_or(u32::MAX)), row);
    }
    Ok(())
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
