//! What keeps a secret from others who listen on the bus: a key that both ends agree on.
//!
//! `dh-ietf1024-sha256-aes128-cbc-pkcs7`, the only one that the Secret Service has. A prime of 1024 bits keeps out who reads a
//! log of the bus, not who owns the machine. <https://specifications.freedesktop.org/secret-service/latest/transfer-secrets.html>

use aes::Aes128;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use num_bigint::BigUint;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Trouble;

/// The second group of <https://datatracker.ietf.org/doc/html/rfc2409#section-6.2>; its generator is 2.
const PRIME: &[u8] = b"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6\
49286651ECE65381FFFFFFFFFFFFFFFF";
/// Bytes of the prime.
const WIDTH: usize = 128;

/// Its name.
pub(super) const ALGORITHM: &str = "dh-ietf1024-sha256-aes128-cbc-pkcs7";

/// One end of an agreement that is not yet one.
pub(super) struct Offer {
    private: BigUint,
}

/// What both ends agreed on.
pub(super) struct Key(Zeroizing<[u8; 16]>);

impl Key {
    /// A secret, as it was before it was encrypted with this start.
    pub(super) fn opened(&self, start: &[u8], value: &[u8]) -> Result<Zeroizing<Vec<u8>>, Trouble> {
        let cipher = cbc::Decryptor::<Aes128>::new_from_slices(&*self.0, start).map_err(|_| Trouble::Odd)?;
        let mut bytes = Zeroizing::new(value.to_vec());
        let length = cipher.decrypt_padded::<Pkcs7>(&mut bytes).map_err(|_| Trouble::Odd)?.len();
        bytes.truncate(length);
        Ok(bytes)
    }
}

impl Offer {
    /// An offer that nobody can guess.
    pub(super) fn new() -> Result<Self, Trouble> {
        let mut random = Zeroizing::new([0; WIDTH]);
        getrandom::fill(&mut *random).map_err(|_| Trouble::Odd)?;
        Ok(Self { private: BigUint::from_bytes_be(&*random) })
    }

    /// What the other end is told.
    pub(super) fn public(&self) -> Vec<u8> {
        self.raised(&BigUint::from(2_u8)).to_vec()
    }

    /// With the other end's half, both have the same key.
    pub(super) fn agreed(&self, theirs: &[u8]) -> Key {
        Key(key_of(&*self.raised(&BigUint::from_bytes_be(theirs))))
    }

    /// A number to the power of the private one, modulo the prime.
    fn raised(&self, base: &BigUint) -> Zeroizing<[u8; WIDTH]> {
        let prime = BigUint::parse_bytes(PRIME, 16).unwrap_or_default();
        let digits = Zeroizing::new(base.modpow(&self.private, &prime).to_bytes_be());
        let mut bytes = Zeroizing::new([0; WIDTH]);
        bytes[WIDTH.saturating_sub(digits.len())..].copy_from_slice(&digits);
        bytes
    }
}

/// HKDF-SHA-256 without salt and info, cut to 16 bytes.
fn key_of(shared: &[u8]) -> Zeroizing<[u8; 16]> {
    let spread = mac(&[0; 32], shared);
    let whole = mac(&*spread, &[1]);
    let mut key = Zeroizing::new([0; 16]);
    key.copy_from_slice(&whole[..16]);
    key
}

fn mac(key: &[u8], message: &[u8]) -> Zeroizing<[u8; 32]> {
    let made = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(message).finalize().into_bytes().into());
    Zeroizing::new(made.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out with Python's integers, hashlib and openssl: the private numbers are 128 bytes of 0x11 and of 0x22.
    #[test]
    fn both_ends_have_the_key_that_another_program_has() {
        let [ours, theirs] = [0x11, 0x22].map(|byte| Offer { private: BigUint::from_bytes_be(&[byte; WIDTH]) });
        assert_eq!(ours.public()[..8], OUR_PUBLIC);
        let (key, other) = (ours.agreed(&theirs.public()), theirs.agreed(&ours.public()));
        assert_eq!(*key.0, KEY);
        assert_eq!(*other.0, KEY);
        assert_eq!(**key.opened(b"0123456789abcdef", &ENCRYPTED).unwrap(), *b"the secret of an entry");
    }

    #[test]
    fn what_cannot_be_opened_is_odd() {
        let key = Key(Zeroizing::new(KEY));
        for (start, value) in [(&b"0123456789abcdef"[..], &ENCRYPTED[..31]), (b"0123", &ENCRYPTED), (b"0123456789abcdef", &[0; 16])] {
            assert_eq!(key.opened(start, value).unwrap_err(), Trouble::Odd);
        }
    }

    #[test]
    fn no_offer_is_made_twice() {
        assert_ne!(Offer::new().unwrap().public(), Offer::new().unwrap().public());
    }

    const OUR_PUBLIC: [u8; 8] = [0x08, 0x01, 0x94, 0x3b, 0x23, 0xea, 0x3a, 0xf0];
    const KEY: [u8; 16] = [0x6f, 0x53, 0x9a, 0xc1, 0x73, 0x77, 0x30, 0x65, 0xcd, 0x8e, 0xb6, 0x29, 0xe4, 0x97, 0x9f, 0x02];
    const ENCRYPTED: [u8; 32] = [
        0x2d, 0x47, 0xe4, 0x10, 0x80, 0x32, 0x78, 0x4a, 0x8c, 0x9e, 0x57, 0xed, 0x70, 0xe9, 0x04, 0x0c, 0x71, 0x75, 0x32, 0x0c, 0x3d, 0x26,
        0x62, 0x4f, 0xf4, 0x69, 0x38, 0x5b, 0x86, 0x72, 0x8e, 0xc6,
    ];
}
