//! Cyclic checksums: the four kinds that stores make, of a stream and of streams laid end to end.
//!
//! Comes in: bytes. Goes out: numbers; how a store spells them is said elsewhere. Three small crates make them, each with the
//! machine's own instructions where it has them; one crate for all of them would carry half a megabyte of tables for kinds that
//! no store knows. What is ours is the joining, the same for each kind.

use std::fmt;

/// Which checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Crc {
    /// CRC-32, as in gzip.
    Crc32,
    /// CRC-32C, Castagnoli's.
    Crc32c,
    /// CRC-64/NVME, S3's own.
    Crc64Nvme,
    /// CRC-64/XZ, which OSS calls `crc64ecma`.
    Crc64Xz,
}

impl Crc {
    /// The sum of some bytes.
    pub fn of(self, bytes: &[u8]) -> u64 {
        let mut running = Running::new(self);
        running.update(bytes);
        running.value()
    }

    /// The sum of two streams laid end to end, from the sums of both and the length of the second one.
    ///
    /// To append is to multiply the first sum by x to the power of the second one's bits and to add the second; what all these
    /// kinds put in front of a stream and behind it cancels out. <https://github.com/madler/zlib/blob/master/crc32.c>
    pub fn joined(self, first: u64, second: u64, second_length: u64) -> u64 {
        self.product(first, self.bytes_on(second_length)) ^ second
    }

    /// How many bits a value has.
    fn width(self) -> u32 {
        match self {
            Self::Crc32 | Self::Crc32c => 32,
            Self::Crc64Nvme | Self::Crc64Xz => 64,
        }
    }

    /// The polynomial without its highest power, the lowest bit for the next one, as
    /// <https://reveng.sourceforge.io/crc-catalogue/> has it from the other end.
    fn polynomial(self) -> u64 {
        match self {
            Self::Crc32 => 0xedb8_8320,
            Self::Crc32c => 0x82f6_3b78,
            Self::Crc64Nvme => 0x9a6c_9329_ac4b_c9b5,
            Self::Crc64Xz => 0xc96c_5795_d787_0f42,
        }
    }

    /// Two polynomials multiplied, modulo the kind's own.
    fn product(self, first: u64, second: u64) -> u64 {
        let mut shifted = second;
        let mut product = 0;
        for power in (0..self.width()).rev() {
            if first >> power & 1 == 1 {
                product ^= shifted;
            }
            shifted = if shifted & 1 == 1 { (shifted >> 1) ^ self.polynomial() } else { shifted >> 1 };
        }
        product
    }

    /// x to the power of that many bytes' bits, by squaring.
    fn bytes_on(self, mut length: u64) -> u64 {
        let one = 1 << (self.width() - 1);
        let (mut power, mut square) = (one, one >> 8);
        while length > 0 {
            if length & 1 == 1 {
                power = self.product(power, square);
            }
            square = self.product(square, square);
            length >>= 1;
        }
        power
    }
}

/// A sum that runs along with a stream.
#[derive(Clone)]
pub struct Running {
    state: State,
    length: u64,
}

#[derive(Clone)]
enum State {
    Crc32(crc32fast::Hasher),
    Crc32c(u32),
    Crc64Nvme(crc64fast_nvme::Digest),
    Crc64Xz(crc64fast::Digest),
}

impl Running {
    /// The sum of nothing yet.
    pub fn new(crc: Crc) -> Self {
        let state = match crc {
            Crc::Crc32 => State::Crc32(crc32fast::Hasher::new()),
            Crc::Crc32c => State::Crc32c(0),
            Crc::Crc64Nvme => State::Crc64Nvme(crc64fast_nvme::Digest::new()),
            Crc::Crc64Xz => State::Crc64Xz(crc64fast::Digest::new()),
        };
        Self { state, length: 0 }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        match &mut self.state {
            State::Crc32(hasher) => hasher.update(bytes),
            State::Crc32c(value) => *value = crc32c::crc32c_append(*value, bytes),
            State::Crc64Nvme(digest) => digest.write(bytes),
            State::Crc64Xz(digest) => digest.write(bytes),
        }
    }

    /// The sum of all bytes so far.
    pub fn value(&self) -> u64 {
        match &self.state {
            State::Crc32(hasher) => hasher.clone().finalize().into(),
            State::Crc32c(value) => (*value).into(),
            State::Crc64Nvme(digest) => digest.sum64(),
            State::Crc64Xz(digest) => digest.sum64(),
        }
    }

    /// How many bytes were taken.
    pub fn length(&self) -> u64 {
        self.length
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Running({:x} of {} bytes)", self.value(), self.length)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Crc; 4] = [Crc::Crc32, Crc::Crc32c, Crc::Crc64Nvme, Crc::Crc64Xz];

    /// Bit by bit, from the definition and the catalogue's own spelling of each polynomial: slow, and with nothing shared.
    fn by_the_book(crc: Crc, bytes: &[u8]) -> u64 {
        let (width, polynomial): (u32, u64) = match crc {
            Crc::Crc32 => (32, 0x04c1_1db7),
            Crc::Crc32c => (32, 0x1edc_6f41),
            Crc::Crc64Nvme => (64, 0xad93_d235_94c9_3659),
            Crc::Crc64Xz => (64, 0x42f0_e1eb_a9ea_3693),
        };
        let mut rest = u64::MAX << (64 - width);
        for bit in bytes.iter().flat_map(|byte| (0..8).map(move |at| u64::from(byte >> at & 1))) {
            let carry = (rest >> 63) ^ bit;
            rest = (rest << 1) ^ (carry * (polynomial << (64 - width)));
        }
        !(rest >> (64 - width)).reverse_bits() >> (64 - width)
    }

    /// The check values of <https://reveng.sourceforge.io/crc-catalogue/>.
    #[test]
    fn check_values_of_the_catalogue() {
        let check = [0xcbf4_3926, 0xe306_9283, 0xae8b_1486_0a79_9888, 0x995d_c9bb_df19_39fa];
        assert_eq!(ALL.map(|crc| crc.of(b"123456789")), check);
        assert_eq!(ALL.map(|crc| by_the_book(crc, b"123456789")), check);
        assert_eq!(ALL.map(|crc| crc.of(b"")), [0; 4]);
    }

    /// The sums of `1234` and `56789`, worked out apart from this code.
    #[test]
    fn halves_are_joined() {
        assert_eq!(Crc::Crc32.joined(0x9be3_e0a3, 0x131d_a070, 5), 0xcbf4_3926);
        assert_eq!(Crc::Crc32c.joined(0xf63a_f4ee, 0x83b5_65d8, 5), 0xe306_9283);
        assert_eq!(Crc::Crc64Nvme.joined(0x29f5_dbe7_e2ff_71d4, 0xf87d_c887_176c_e667, 5), 0xae8b_1486_0a79_9888);
        assert_eq!(Crc::Crc64Xz.joined(0xce4e_8793_66b8_c328, 0x6971_a807_c348_604b, 5), 0x995d_c9bb_df19_39fa);
        for crc in ALL {
            assert_eq!(crc.joined(crc.of(b"1234"), 0, 0), crc.of(b"1234"));
            assert_eq!(crc.joined(0, crc.of(b"56789"), 5), crc.of(b"56789"));
        }
    }

    /// Long enough for every way that the crates have of taking large blocks.
    #[test]
    fn large_blocks() {
        let bytes: Vec<u8> = (0..100_003_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for crc in ALL {
            assert_eq!(crc.of(&bytes), by_the_book(crc, &bytes), "{crc:?}");
        }
    }

    proptest! {
        /// All lengths and alignments that the machine's instructions treat in their own way.
        #[test]
        fn as_by_the_book(bytes in proptest::collection::vec(any::<u8>(), 0..1500), cut in 0..1500_usize) {
            let cut = cut.min(bytes.len());
            for crc in ALL {
                let mut running = Running::new(crc);
                running.update(&bytes[..cut]);
                running.update(&bytes[cut..]);
                let whole = by_the_book(crc, &bytes);
                prop_assert_eq!(running.value(), whole);
                prop_assert_eq!(running.length(), bytes.len() as u64);
                let (first, second) = (by_the_book(crc, &bytes[..cut]), by_the_book(crc, &bytes[cut..]));
                prop_assert_eq!(crc.joined(first, second, (bytes.len() - cut) as u64), whole);
            }
        }

        /// Joined in another order, parts of any length come to the same.
        #[test]
        fn joining_is_associative(sums in any::<[u32; 3]>(), second in any::<u64>(), third in any::<u32>()) {
            let [a, b, c] = sums.map(u64::from);
            let (second, third) = (second >> 1, u64::from(third));
            for crc in ALL {
                let one_by_one = crc.joined(crc.joined(a, b, second), c, third);
                prop_assert_eq!(crc.joined(a, crc.joined(b, c, third), second + third), one_by_one);
            }
        }
    }
}
