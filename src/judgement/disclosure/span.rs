//! What can be found by adding and subtracting released sums: the row space of their cells over the atoms.
//!
//! Elimination is modulo the prime 2^61 - 1, so it neither rounds nor overflows. Whatever is a combination with rational
//! weights is one modulo the prime too, unless the weights' denominator is a multiple of it. That denominator divides a
//! minor of the cells' matrix, where every atom is in one cell of each of `k` tables; by Hadamard it stays below
//! `k^(rank/2)`, less than the prime up to some sixty cells of four tables, and beyond it would take a coincidence of one
//! in 2^61. The other way round a chance match only withholds more.

const PRIME: u64 = (1 << 61) - 1;

/// The space of all combinations of some vectors, in reduced row echelon form.
#[derive(Debug)]
pub(super) struct Span {
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    pivot: usize,
    vector: Vec<u64>,
    /// How it is made of the vectors that the span was made from.
    weights: Vec<u64>,
}

impl Span {
    pub fn new(vectors: impl ExactSizeIterator<Item = Vec<u64>>) -> Self {
        let many = vectors.len();
        let mut it = Self { rows: Vec::new() };
        for (nth, vector) in vectors.enumerate() {
            let mut weights = vec![0; many];
            weights[nth] = 1;
            it.insert(vector, weights);
        }
        it.rows.sort_by_key(|row| row.pivot);
        it
    }

    fn insert(&mut self, mut vector: Vec<u64>, mut weights: Vec<u64>) {
        for row in &self.rows {
            let factor = vector[row.pivot];
            subtract(&mut vector, &row.vector, factor);
            subtract(&mut weights, &row.weights, factor);
        }
        let Some(pivot) = vector.iter().position(|it| *it != 0) else { return };
        let scale = inverse(vector[pivot]);
        for it in vector.iter_mut().chain(&mut weights) {
            *it = times(*it, scale);
        }
        for row in &mut self.rows {
            let factor = row.vector[pivot];
            subtract(&mut row.vector, &vector, factor);
            subtract(&mut row.weights, &weights, factor);
        }
        self.rows.push(Row { pivot, vector, weights });
    }

    /// The vectors in echelon form.
    pub fn rows(&self) -> Vec<Vec<u64>> {
        self.rows.iter().map(|it| it.vector.clone()).collect()
    }

    /// Which of the original vectors combine to this one, if they do.
    pub fn derivation(&self, vector: &[u64]) -> Option<Vec<usize>> {
        let mut rest = vector.to_vec();
        let mut weights = vec![0; self.rows.first().map_or(0, |it| it.weights.len())];
        for row in &self.rows {
            let factor = rest[row.pivot];
            subtract(&mut rest, &row.vector, factor);
            // What was subtracted is what it is made of.
            subtract(&mut weights, &row.weights, PRIME - factor);
        }
        if rest.iter().any(|it| *it != 0) {
            return None;
        }
        Some((0..weights.len()).filter(|it| weights[*it] != 0).collect())
    }

    /// A basis, in reduced echelon form, of the weights by which `others` combine to something in the span.
    pub fn combinations(&self, others: &[Vec<u64>]) -> Vec<Vec<u64>> {
        let rests = others.iter().map(|it| {
            let mut rest = it.clone();
            for row in &self.rows {
                let factor = rest[row.pivot];
                subtract(&mut rest, &row.vector, factor);
            }
            rest
        });
        // Eliminate the rests, keeping how: a row that vanishes is a combination that lies in the span.
        let mut kept: Vec<(usize, Vec<u64>, Vec<u64>)> = Vec::new();
        let mut vanished = Vec::new();
        for (nth, mut rest) in rests.enumerate() {
            let mut weights = vec![0; others.len()];
            weights[nth] = 1;
            for (pivot, vector, made) in &kept {
                let factor = rest[*pivot];
                subtract(&mut rest, vector, factor);
                subtract(&mut weights, made, factor);
            }
            match rest.iter().position(|it| *it != 0) {
                None => vanished.push(weights),
                Some(pivot) => {
                    let scale = inverse(rest[pivot]);
                    for it in rest.iter_mut().chain(&mut weights) {
                        *it = times(*it, scale);
                    }
                    kept.push((pivot, rest, weights));
                }
            }
        }
        Self::new(vanished.into_iter()).rows()
    }
}

/// The sum of vectors with weights.
pub(super) fn combine(weights: &[u64], vectors: &[Vec<u64>]) -> Vec<u64> {
    let mut sum = vec![0; vectors.first().map_or(0, Vec::len)];
    for (weight, vector) in weights.iter().zip(vectors) {
        subtract(&mut sum, vector, (PRIME - weight) % PRIME);
    }
    sum
}

fn subtract(from: &mut [u64], vector: &[u64], factor: u64) {
    let factor = factor % PRIME;
    if factor == 0 {
        return;
    }
    for (it, other) in from.iter_mut().zip(vector).filter(|(_, other)| **other != 0) {
        *it = (*it + PRIME - times(*other, factor)) % PRIME;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the remainder is below 2^61")]
fn times(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(PRIME)) as u64
}

/// By Fermat: the power of the prime less two.
fn inverse(of: u64) -> u64 {
    let (mut result, mut base, mut exponent) = (1, of, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_derived_and_says_from_what() {
        let span = Span::new([vec![1, 1, 1], vec![1, 1, 0], vec![0, 1, 1]].into_iter());
        assert_eq!(span.derivation(&[0, 0, 1]), Some(vec![0, 1]));
        assert_eq!(span.derivation(&[0, 1, 0]), Some(vec![0, 1, 2]));
        let span = Span::new([vec![1, 1, 1], vec![1, 1, 0]].into_iter());
        assert_eq!(span.derivation(&[0, 1, 0]), None);
    }

    #[test]
    fn halves_are_exact() {
        // a+b, b+c, c+a give 2a.
        let span = Span::new([vec![1, 1, 0], vec![0, 1, 1], vec![1, 0, 1]].into_iter());
        assert_eq!(span.derivation(&[1, 0, 0]), Some(vec![0, 1, 2]));
        assert_eq!(times(inverse(3), 3), 1);
    }

    #[test]
    fn hidden_cells_combine_to_what_the_total_leaves() {
        let span = Span::new([vec![1, 1, 1, 1], vec![1, 0, 0, 0]].into_iter());
        let hidden = [vec![0, 1, 0, 0], vec![0, 0, 1, 0], vec![0, 0, 0, 1]];
        assert_eq!(span.combinations(&hidden), [vec![1, 1, 1]]);
        assert_eq!(combine(&[1, 1, 1], &hidden), [0, 1, 1, 1]);
        assert!(span.combinations(&hidden[..2]).is_empty());
    }
}
