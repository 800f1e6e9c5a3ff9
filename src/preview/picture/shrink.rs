//! Many pixels become few: each one of the grid is the mean of those that lie in it.

use super::{MOST_GRID_COLUMNS, MOST_GRID_ROWS};

/// Red, green, blue and how opaque.
pub(super) type Pixel = [u8; 4];

/// Two greys; so many cells of the grid make a square.
const CHEQUERS: [u32; 2] = [102, 153];
const CHEQUER: u32 = 4;

/// The sums of a grid.
pub(super) struct Grid {
    height: u32,
    pub(super) columns: u32,
    pub(super) rows: u32,
    /// In which column of the grid each column of the picture lies: a division for each pixel would be most of the work.
    column_of: Vec<u32>,
    /// Colours weighted by how opaque they are, that weight, and how many pixels.
    sums: Vec<[u64; 5]>,
}

impl Grid {
    /// The largest grid of the picture's proportions that is allowed, and never larger than the picture.
    pub(super) fn new(width: u32, height: u32) -> Self {
        let (columns, rows) = fitted(width.max(1), height.max(1));
        let (width, height) = (width.max(1), height.max(1));
        let column_of = (0..width).map(|x| scaled(x, width, columns)).collect();
        Self { height, columns, rows, column_of, sums: vec![[0; 5]; columns as usize * rows as usize] }
    }

    /// Adds a row of the picture that begins at a column of it; what lies outside is ignored.
    pub(super) fn add_row(&mut self, x: u32, y: u32, pixels: impl Iterator<Item = Pixel>) {
        if y >= self.height {
            return;
        }
        let row = scaled(y, self.height, self.rows) as usize * self.columns as usize;
        for (column, pixel) in self.column_of.iter().skip(x as usize).zip(pixels) {
            let Some(sum) = self.sums.get_mut(row + *column as usize) else { return };
            let weight = u64::from(pixel[3]);
            sum.iter_mut().zip(pixel).take(3).for_each(|(sum, colour)| *sum += u64::from(colour) * weight);
            sum[3] += weight;
            sum[4] += 1;
        }
    }

    /// The colours; where a cell is transparent, the chequerboard shines through.
    pub(super) fn pixels(&self) -> Vec<[u8; 3]> {
        let places = (0..self.rows).flat_map(|y| (0..self.columns).map(move |x| (x, y)));
        places.zip(&self.sums).map(|((x, y), sum)| mixed(sum, CHEQUERS[((x / CHEQUER + y / CHEQUER) % 2) as usize])).collect()
    }
}

fn mixed(sum: &[u64; 5], behind: u32) -> [u8; 3] {
    let whole = sum[4].max(1) * 255;
    let through = whole.saturating_sub(sum[3]) * u64::from(behind);
    [sum[0], sum[1], sum[2]].map(|colour| u8::try_from((colour + through + whole / 2) / whole).unwrap_or(u8::MAX))
}

fn scaled(place: u32, of: u32, to: u32) -> u32 {
    (u64::from(place) * u64::from(to) / u64::from(of)) as u32
}

fn fitted(width: u32, height: u32) -> (u32, u32) {
    let (wide, high) = (u64::from(width), u64::from(height));
    let (most_wide, most_high) = (u64::from(MOST_GRID_COLUMNS), u64::from(MOST_GRID_ROWS));
    let (columns, rows) = if wide <= most_wide && high <= most_high {
        (wide, high)
    } else if wide * most_high >= high * most_wide {
        (most_wide, (high * most_wide + wide / 2) / wide)
    } else {
        ((wide * most_high + high / 2) / high, most_high)
    };
    (columns.clamp(1, most_wide) as u32, rows.clamp(1, most_high) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_keeps_the_proportions() {
        assert_eq!(fitted(3, 2), (3, 2));
        assert_eq!(fitted(1600, 1200), (160, 120));
        assert_eq!(fitted(4000, 1000), (160, 40));
        assert_eq!(fitted(1000, 4000), (30, 120));
        assert_eq!(fitted(65_535, 1), (160, 1));
    }

    #[test]
    fn a_cell_is_the_mean_of_its_pixels() {
        let mut grid = Grid::new(320, 2);
        grid.add_row(0, 0, (0..320).map(|x| if x % 2 == 0 { [0, 10, 255, 255] } else { [100, 30, 255, 255] }));
        grid.add_row(0, 1, (0..320).map(|_| [200, 40, 255, 0]));
        assert_eq!((grid.columns, grid.rows), (160, 1));
        // Half is opaque; half shows the darker square behind it.
        assert_eq!(grid.pixels()[0], [76, 61, 179]);
    }
}
