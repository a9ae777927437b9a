//! Bytes that are appended a few at a time. A varint is made whole in a register and stored with one check of the room,
//! whatever its length: bytes pushed one by one took a third of the time of a tile.

/// Bytes at the start of a list that is longer, so that a whole register can be stored behind them.
#[derive(Debug, Default)]
pub struct Buffer {
    bytes: Vec<u8>,
    len: usize,
}

/// A register's bytes.
const WORD: usize = 8;

impl Buffer {
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Forgets everything but its memory.
    pub const fn clear(&mut self) {
        self.len = 0;
    }

    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Appends the first `len` bytes of a word, the lowest first.
    #[inline]
    pub fn word(&mut self, word: u64, len: usize) {
        let room = self.bytes.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut::<WORD>);
        match room {
            Some(room) => *room = word.to_le_bytes(),
            None => self.grow(&word.to_le_bytes()),
        }
        self.len += len;
    }

    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        match self.bytes.get_mut(self.len..self.len + bytes.len()) {
            Some(room) => room.copy_from_slice(bytes),
            None => self.grow(bytes),
        }
        self.len += bytes.len();
    }

    /// Puts the bytes where there was no room for them.
    #[cold]
    fn grow(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        self.bytes.resize(end.next_power_of_two(), 0);
        self.bytes[self.len..end].copy_from_slice(bytes);
    }

    /// Appends a number as a protocol buffer's varint.
    #[inline]
    pub fn varint(&mut self, it: u64) {
        if it < 1 << SHORT_BITS {
            let (word, len) = short(it);
            return self.word(word, len);
        }
        self.long(it);
    }

    #[cold]
    fn long(&mut self, mut it: u64) {
        while it >= 0x80 {
            self.word((it & 0x7f) | 0x80, 1);
            it >>= 7;
        }
        self.word(it, 1);
    }
}

/// Numbers of so many bits are made in one go.
pub const SHORT_BITS: u32 = 28;

/// The varint of a number below 2^[`SHORT_BITS`], and its length: seven bits a byte, and a mark on all but the last.
#[inline]
pub const fn short(it: u64) -> (u64, usize) {
    let spread = it & 0x7f | (it & 0x3f80) << 1 | (it & 0x1f_c000) << 2 | (it & 0xfe0_0000) << 3;
    let len = super::varint_len(it);
    let marks = 0x8080_8080 & ((1 << (8 * (len - 1))) - 1);
    (spread | marks, len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn varints_are_those_that_are_pushed_byte_by_byte(numbers in prop::collection::vec((any::<u64>(), 0_u32..64), 0..100)) {
            let (mut buffer, mut pushed) = (Buffer::default(), Vec::new());
            for (it, shift) in numbers {
                buffer.varint(it >> shift);
                super::super::varint(&mut pushed, it >> shift);
                buffer.bytes(&pushed[..pushed.len().min(3)]);
                pushed.extend_from_within(..pushed.len().min(3));
            }
            prop_assert_eq!(buffer.as_slice(), pushed.as_slice());
        }
    }
}
