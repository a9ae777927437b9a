//! Outlines in the order of their southern ends, of however many: sorted in pieces of a bounded size that wait in a temporary
//! file, and merged when they are read. A file of one piece never touches the disk.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::os::unix::fs::FileExt;

use geo::MultiPolygon;

use super::outline::Outline;
use super::outline::Whose;

/// Bytes that are sorted at a time; a parcel of sixteen corners takes some 350.
const PIECE: usize = 16 * 1024 * 1024;
/// Bytes of a sorted piece that are read at a time.
const READ: usize = 128 * 1024;

/// Outlines on their way in.
#[derive(Debug)]
pub struct Spool {
    piece: usize,
    bytes: Vec<u8>,
    /// Southern ends, and where in `bytes` the outline is.
    order: Vec<(f64, std::ops::Range<usize>)>,
    file: Option<File>,
    /// Where in the file each sorted piece is.
    pieces: Vec<std::ops::Range<u64>>,
}

impl Default for Spool {
    fn default() -> Self {
        Self::with_piece(PIECE)
    }
}

impl Spool {
    /// Sorts that many bytes at a time.
    pub fn with_piece(piece: usize) -> Self {
        Self { piece, bytes: Vec::new(), order: Vec::new(), file: None, pieces: Vec::new() }
    }

    /// Adds a parcel with its measured area in m².
    pub fn push(
        &mut self,
        whose: Whose,
        code: &str,
        area_m2: f64,
        polygons: &MultiPolygon<f64>,
    ) -> io::Result<()> {
        let from = self.bytes.len();
        if let Some(south) = Outline::write(&mut self.bytes, whose, code, area_m2, polygons) {
            self.order.push((south, from..self.bytes.len()));
        }
        if self.bytes.len() >= self.piece { self.put_aside() } else { Ok(()) }
    }

    fn sort(&mut self) {
        self.order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.start.cmp(&b.1.start)));
    }

    /// Sorts what is in memory and writes it behind the pieces that are in the file.
    fn put_aside(&mut self) -> io::Result<()> {
        self.sort();
        let file = match self.file.take() {
            Some(it) => it,
            None => tempfile::tempfile()?,
        };
        let from = self.pieces.last().map_or(0, |it| it.end);
        let mut to = from;
        let mut out = BufWriter::with_capacity(READ, file);
        for (south, range) in self.order.drain(..) {
            let record = &self.bytes[range];
            let length = u32::try_from(record.len()).map_err(io::Error::other)?;
            out.write_all(&south.to_le_bytes())?;
            out.write_all(&length.to_le_bytes())?;
            out.write_all(record)?;
            to += HEAD as u64 + u64::from(length);
        }
        self.file = Some(out.into_inner().map_err(io::IntoInnerError::into_error)?);
        self.pieces.push(from..to);
        self.bytes.clear();
        Ok(())
    }

    /// The outlines from south to north.
    pub fn sorted(mut self) -> io::Result<Sorted> {
        if self.file.is_none() {
            self.sort();
            return Ok(Sorted::Held { bytes: self.bytes, order: self.order.into_iter() });
        }
        if !self.order.is_empty() {
            self.put_aside()?;
        }
        let Some(file) = self.file.take() else { return Err(io::ErrorKind::NotFound.into()) };
        let mut heads = BinaryHeap::with_capacity(self.pieces.len());
        for range in self.pieces {
            let mut piece = Piece { range, bytes: Vec::new(), at: 0 };
            if let Some(south) = piece.head(&file)? {
                heads.push(Head { south, piece });
            }
        }
        Ok(Sorted::Merged { file, heads })
    }
}

/// Bytes before each outline in the file: its southern end and its length.
const HEAD: usize = 12;

/// Outlines on their way out.
pub enum Sorted {
    Held { bytes: Vec<u8>, order: std::vec::IntoIter<(f64, std::ops::Range<usize>)> },
    Merged { file: File, heads: BinaryHeap<Head> },
}

/// A sorted piece, by the southern end of its next outline.
pub struct Head {
    south: f64,
    piece: Piece,
}

impl Ord for Head {
    /// The southernmost is the greatest, as the heap gives that one.
    fn cmp(&self, other: &Self) -> Ordering {
        let south = other.south.total_cmp(&self.south);
        south.then_with(|| other.piece.range.start.cmp(&self.piece.range.start))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head {}

struct Piece {
    /// What of the file is still to be read.
    range: std::ops::Range<u64>,
    bytes: Vec<u8>,
    at: usize,
}

impl Piece {
    /// Makes at least so many bytes available, if there are so many.
    fn fill(&mut self, file: &File, wanted: usize) -> io::Result<bool> {
        if self.bytes.len() - self.at >= wanted {
            return Ok(true);
        }
        self.bytes.drain(..self.at);
        self.at = 0;
        let held = self.bytes.len();
        let left = usize::try_from(self.range.end - self.range.start).map_err(io::Error::other)?;
        let more = READ.max(wanted - held).min(left);
        self.bytes.resize(held + more, 0);
        file.read_exact_at(&mut self.bytes[held..], self.range.start)?;
        self.range.start += more as u64;
        Ok(self.bytes.len() >= wanted)
    }

    /// The southern end of the next outline; `None` at the end.
    fn head(&mut self, file: &File) -> io::Result<Option<f64>> {
        if !self.fill(file, HEAD)? {
            return Ok(None);
        }
        Ok(self.bytes[self.at..].first_chunk::<8>().map(|it| f64::from_le_bytes(*it)))
    }

    fn next(&mut self, file: &File) -> io::Result<Outline> {
        let length = self.bytes[self.at + 8..].first_chunk::<4>();
        let length = length.map_or(0, |it| u32::from_le_bytes(*it) as usize);
        let whole = self.fill(file, HEAD + length)?;
        let record = self.bytes.get(self.at + HEAD..self.at + HEAD + length);
        let found = record.filter(|_| whole).and_then(Outline::read);
        self.at += HEAD + length;
        found.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

impl Iterator for Sorted {
    type Item = io::Result<Outline>;

    fn next(&mut self) -> Option<io::Result<Outline>> {
        match self {
            Self::Held { bytes, order } => {
                let (_, range) = order.next()?;
                let found = bytes.get(range).and_then(Outline::read);
                Some(found.ok_or_else(|| io::ErrorKind::InvalidData.into()))
            }
            Self::Merged { file, heads } => {
                let Head { mut piece, .. } = heads.pop()?;
                let next = piece.next(file).and_then(|outline| {
                    if let Some(south) = piece.head(file)? {
                        heads.push(Head { south, piece });
                    }
                    Ok(outline)
                });
                Some(next)
            }
        }
    }
}
