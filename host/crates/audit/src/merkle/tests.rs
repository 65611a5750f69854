use super::*;

/// The leaves of the reference implementation of RFC 6962, and the roots of
/// the trees of the first one to eight of them.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// MTH of RFC 9162 section 2.1.1, as it is written there.
fn naive(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [one] => *one,
        many => {
            let half = many.len().next_power_of_two() / 2;
            node(&naive(&many[..half]), &naive(&many[half..]))
        }
    }
}

#[test]
fn the_known_trees_have_their_known_roots() {
    let mut tree = Frontier::default();
    assert_eq!(tree.root().as_slice(), bytes("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    for (text, root) in LEAVES.into_iter().zip(ROOTS) {
        tree.push(leaf(&bytes(text)));
        assert_eq!(tree.root().as_slice(), bytes(root), "{}", tree.size());
    }
}

#[test]
fn a_frontier_is_the_naive_tree_at_every_size() {
    let leaves: Vec<Hash> = (0..600_u32).map(|n| leaf(&n.to_be_bytes())).collect();
    let mut tree = Frontier::default();
    for (size, next) in leaves.iter().enumerate() {
        assert_eq!(tree.root(), naive(&leaves[..size]), "{size}");
        let written = Frontier::from_parts(tree.size(), tree.peaks().to_vec());
        assert_eq!(written.as_ref(), Some(&tree), "reads back");
        assert_eq!(
            Frontier::from_parts(tree.size() + 1, tree.peaks().to_vec()).is_some(),
            tree.size() == u64::MAX || (tree.size() + 1).count_ones() == tree.size().count_ones()
        );
        tree.push(*next);
    }
}

/// The verification of RFC 9162 section 2.1.3.2, as it is written there.
pub(crate) fn root_of(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    let (mut at, mut last, mut root) = (index, size - 1, leaf);
    if index >= size {
        return None;
    }
    for hash in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            root = node(hash, &root);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            root = node(&root, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(root)
}

#[test]
fn a_leaf_is_no_node() {
    let (a, b) = (leaf(b"a"), leaf(b"b"));
    assert_ne!(leaf(&[a, b].concat()), node(&a, &b));
}
