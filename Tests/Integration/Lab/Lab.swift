import Linux

/// A little network for tests: a host on which containers run, and a computer beside it on the LAN.
///
/// | | host | peer |
/// |---|---|---|
/// | eth0 | 192.0.2.1/24, 2001:db8::1/64 | 192.0.2.2/24, 2001:db8::2/64 |
///
/// Neither has a default route: what is not on the LAN goes nowhere.
struct Lab {
    let host: NetworkSpace
    let peer: NetworkSpace

    static let hostAddress = "192.0.2.1"
    static let peerAddress = "192.0.2.2"
    static let hostAddress6 = "2001:db8::1"
    static let peerAddress6 = "2001:db8::2"

    /// Whether the kernel can encrypt what hosts send each other.
    static let hasESP: Bool = {
        let state = "ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 256 mode transport aead 'rfc4106(gcm(aes))' 0x\(String(repeating: "0", count: 40)) 128"
        // Where not even a namespace can be made, the tests themselves say so.
        return (try? NetworkSpace().shell(state).code) == 0
    }()

    init() throws {
        host = try NetworkSpace()
        peer = try NetworkSpace()
        try NetworkSpace.connect(host, ["\(Self.hostAddress)/24", "\(Self.hostAddress6)/64"], peer, ["\(Self.peerAddress)/24", "\(Self.peerAddress6)/64"])
    }
}
