use super::AddressClass::*;
use super::*;

const TABLE: &[(&str, AddressClass)] = &[
    ("1.1.1.1", Public),
    ("8.8.8.8", Public),
    ("9.255.255.255", Public),
    ("11.0.0.0", Public),
    ("100.63.255.255", Public),
    ("100.128.0.0", Public),
    ("126.255.255.255", Public),
    ("128.0.0.1", Public),
    ("169.253.255.255", Public),
    ("169.255.0.0", Public),
    ("172.15.255.255", Public),
    ("172.32.0.0", Public),
    ("192.0.1.1", Public),
    ("192.167.255.255", Public),
    ("192.169.0.0", Public),
    ("198.17.255.255", Public),
    ("198.20.0.0", Public),
    ("223.255.255.255", Public),
    ("0.0.0.0", Unspecified),
    ("0.1.2.3", Unspecified),
    ("10.0.0.1", Private),
    ("10.255.255.255", Private),
    ("172.16.0.1", Private),
    ("172.31.255.255", Private),
    ("192.168.0.1", Private),
    ("100.64.0.1", SharedNat),
    ("100.127.255.255", SharedNat),
    ("100.100.100.200", Metadata),
    ("127.0.0.1", Loopback),
    ("127.255.255.254", Loopback),
    ("169.254.0.1", LinkLocal),
    ("169.254.169.254", Metadata),
    ("169.254.170.2", Metadata),
    ("168.63.129.16", Metadata),
    ("192.0.0.192", Reserved),
    ("192.88.99.1", Reserved),
    ("192.0.2.1", Documentation),
    ("198.51.100.7", Documentation),
    ("203.0.113.9", Documentation),
    ("198.18.0.1", Benchmarking),
    ("198.19.255.255", Benchmarking),
    ("224.0.0.1", Multicast),
    ("239.255.255.255", Multicast),
    ("240.0.0.1", Reserved),
    ("255.255.255.254", Reserved),
    ("255.255.255.255", Broadcast),
    ("2606:4700:4700::1111", Public),
    ("2a00:1450:4001:81b::200e", Public),
    ("2001:4860:4860::8888", Public),
    ("::", Unspecified),
    ("::1", Loopback),
    ("::2", Unspecified),
    ("::7f00:1", Loopback),
    ("::a9fe:a9fe", Metadata),
    ("::808:808", Embedded),
    ("::ffff:127.0.0.1", Loopback),
    ("::ffff:10.0.0.1", Private),
    ("::ffff:169.254.169.254", Metadata),
    ("::ffff:0.0.0.0", Unspecified),
    ("::ffff:8.8.8.8", Embedded),
    ("::ffff:0:127.0.0.1", Loopback),
    ("64:ff9b::127.0.0.1", Loopback),
    ("64:ff9b::8.8.8.8", Embedded),
    ("64:ff9b:1::a00:1", Embedded),
    ("64:ff9b:1:ffff:ffff:ffff:ffff:ffff", Embedded),
    ("64:ff9b:2::1", Reserved),
    ("2002:7f00:1::", Loopback),
    ("2002:a9fe:a9fe::1", Metadata),
    ("2002:808:808::1", Embedded),
    ("2001:0:808:808::f5ff:fffe", Private),
    ("2001:0:a00:1::f7f7:f7f7", Private),
    ("2001:0:808:808::f7f7:f7f7", Embedded),
    ("2001:db8::1", Documentation),
    ("3fff::1", Documentation),
    ("3fff:1000::1", Public),
    ("2001:2::1", Benchmarking),
    ("2001:10::1", Reserved),
    ("2001:20::1", Reserved),
    ("2001:200::1", Public),
    ("2600::200:5efe:7f00:1", Loopback),
    ("2600::5efe:808:808", Embedded),
    ("fe80::1", LinkLocal),
    ("febf::1", LinkLocal),
    ("fec0::1", Private),
    ("fc00::1", Private),
    ("fd12:3456::1", Private),
    ("fd00:ec2::254", Metadata),
    ("fd20:ce::254", Metadata),
    ("ff02::1", Multicast),
    ("100::1", Reserved),
    ("5f00::1", Reserved),
    ("4000::1", Reserved),
    ("1fff::1", Reserved),
];

#[test]
fn every_range_and_its_edges_have_their_class() {
    for (text, class) in TABLE {
        assert_eq!(classify(text.parse().unwrap()), *class, "{text}");
    }
}

#[test]
fn only_public_addresses_are_open_without_a_grant() {
    for (text, class) in TABLE {
        assert_eq!(Reach::default().admits(text.parse().unwrap()), *class == Public, "{text}");
    }
}

#[test]
fn no_grant_opens_what_nobody_answers_on() {
    for (text, class) in TABLE {
        let address = text.parse().unwrap();
        let private = matches!(class, Public | Loopback | Private | SharedNat | LinkLocal | Benchmarking | Embedded);
        assert_eq!(Reach::PRIVATE.admits(address), private, "{text}");
        assert_eq!(Reach::literal(address).admits(address), !class.is_never_dialled(), "{text}");
    }
}

#[test]
fn a_metadata_service_is_opened_by_its_own_address_alone() {
    let [granted, other] = ["169.254.169.254", "168.63.129.16"].map(|text| text.parse().unwrap());
    assert!(Reach::literal(granted).admits(granted));
    assert!(!Reach::literal(granted).admits(other));
    assert!(!Reach::PRIVATE.admits(granted));
}
