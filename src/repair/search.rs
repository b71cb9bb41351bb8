//! stub
#![allow(missing_docs, clippy::all)]
use crate::backup::Id;
use zeroize::Zeroizing;
#[derive(Clone)]
pub struct Level {
    pub cost: f64,
    pub bits: Vec<u16>,
}
#[derive(Clone)]
pub struct Space {
    pub base: Zeroizing<Vec<u8>>,
    pub cost: f64,
    pub levels: Vec<Level>,
    pub unknown: Vec<u16>,
}
pub enum Target {
    Id(Vec<Id>),
    Checksum {
        sum: [u8; 32],
        mask: [u8; 32],
        distance: u32,
    },
}
pub trait Control: Sync {
    fn tried(&self, tried: u64);
    fn is_stopped(&self) -> bool;
}
pub struct Hit {
    pub space: usize,
    pub bytes: Zeroizing<Vec<u8>>,
    pub changed: Vec<u16>,
    pub rank: u64,
    pub target: usize,
}
pub struct Outcome {
    pub hit: Option<Hit>,
    pub tried: u64,
    pub exhausted: bool,
    pub stopped: bool,
}

#[derive(PartialEq)]
struct Item(f64, usize, Vec<usize>);
impl Eq for Item {}
impl PartialOrd for Item {
    fn partial_cmp(&self, o: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(o))
    }
}
impl Ord for Item {
    fn cmp(&self, o: &Self) -> std::cmp::Ordering {
        o.0.total_cmp(&self.0)
            .then(o.1.cmp(&self.1))
            .then(o.2.cmp(&self.2))
    }
}
pub fn search(
    spaces: &[Space],
    target: &Target,
    budget: u64,
    _skip: u64,
    _: &dyn Control,
) -> Outcome {
    use sha2::Digest;
    let bits: Vec<Vec<(f64, u16)>> = spaces
        .iter()
        .map(|s| {
            let mut b: Vec<(f64, u16)> = s
                .unknown
                .iter()
                .flat_map(|u| (0..8).map(move |i| (0.0, u * 8 + i)))
                .collect();
            for l in &s.levels {
                b.extend(l.bits.iter().map(|x| (l.cost, *x)));
            }
            b.sort_by(|a, b| a.0.total_cmp(&b.0));
            b
        })
        .collect();
    let mut heap: std::collections::BinaryHeap<Item> = (0..spaces.len())
        .map(|i| {
            Item(
                spaces[i].cost + 5.545 * spaces[i].unknown.len() as f64,
                i,
                vec![],
            )
        })
        .collect();
    let mut tried = 0;
    while let Some(Item(cost, i, set)) = heap.pop() {
        if tried >= budget.min(1 << 20) {
            break;
        }
        tried += 1;
        let mut m = spaces[i].base.clone();
        for b in &set {
            let b = bits[i][*b].1 as usize;
            m[b / 8] ^= 1 << (b % 8);
        }
        let hit = match target {
            Target::Id(ids) => {
                let s = crate::backup::Seed::new(m.as_slice().try_into().unwrap(), 32)
                    .unwrap()
                    .id();
                ids.iter().position(|x| *x == s)
            }
            Target::Checksum {
                sum,
                mask,
                distance,
            } => {
                let h = sha2::Sha256::digest(&*m);
                let d: u32 = (0..32)
                    .map(|j| ((h[j] ^ sum[j]) & mask[j]).count_ones())
                    .sum();
                (d <= *distance).then_some(0)
            }
        };
        if let Some(t) = hit {
            return Outcome {
                hit: Some(Hit {
                    space: i,
                    bytes: m,
                    changed: set.iter().map(|b| bits[i][*b].1).collect(),
                    rank: tried,
                    target: t,
                }),
                tried,
                exhausted: false,
                stopped: false,
            };
        }
        let last = set.last().copied();
        let next = last.map_or(0, |l| l + 1);
        if next < bits[i].len() {
            let mut a = set.clone();
            a.push(next);
            heap.push(Item(cost + bits[i][next].0, i, a));
            if let Some(l) = last {
                let mut a = set;
                *a.last_mut().unwrap() = next;
                heap.push(Item(cost + bits[i][next].0 - bits[i][l].0, i, a));
            }
        }
        if heap.len() > 4_000_000 {
            break;
        }
    }
    Outcome {
        hit: None,
        tried,
        exhausted: heap.is_empty(),
        stopped: false,
    }
}
