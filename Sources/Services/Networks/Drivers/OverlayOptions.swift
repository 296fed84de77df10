internal import Diagnostics
internal import NetworkPlumbing
internal import Values

/// What `--opt` says of overlay networks: bridges of several hosts, joined by VXLAN (RFC 7348). There is no swarm that would tell who
/// belongs together, so the user does, or an etcd that the user runs.
struct OverlayOptions: Sendable, Hashable {
    /// The other hosts, separated by commas: `peers=10.0.0.2,10.0.0.3`.
    var peers: [IPAddress]
    /// Where hosts find each other instead, and each other's containers by name: `etcd=http://10.0.0.9:2379`, several separated by commas.
    var etcd: [String]
    /// Files of PEM for an etcd that is spoken to by TLS: whom to believe, and who this host is. `etcd-ca=`, `etcd-cert=`, `etcd-key=`.
    var authority: String?
    var certificate: String?
    var key: String?
    /// The network's number, the same on all hosts: `vni=4097`. Without it one that follows from the network's name.
    var identifier: UInt32
    /// This host's address among them: `local=10.0.0.1`. Without it the route decides.
    var local: IPAddress?
    /// `port=4789`, UDP. Of a network that is encrypted: one that no other network of the host has, which follows from its number.
    var port: UInt16
    /// Docker's `encrypted`: whatever its value is.
    var isEncrypted: Bool
    /// A file that is the same on all hosts, of which the keys are made: `key-file=/etc/davit/blue.key`. Where an etcd is, it may know instead.
    var keyFile: String?
    var mtu: Int

    /// Most other hosts: each gets a copy of what is meant for all.
    static let peerLimit = 256
    /// Docker's words for the list of numbers, of which the first is taken.
    static let identifierOption = "com.docker.network.driver.overlay.vxlanid_list"

    init(_ values: [String: String], name: String) throws(Fault) {
        peers = []
        for text in (values["peers"] ?? "").split(separator: ",") {
            guard let address = IPAddress(text) else { throw Fault(.invalid, "invalid peer \(text): not an IP address") }
            guard !address.isUnspecified, !address.isLoopback else { throw Fault(.invalid, "invalid peer \(text): not an address of another host") }
            if !peers.contains(address) { peers.append(address) }
        }
        etcd = (values["etcd"] ?? "").split(separator: ",").map(String.init)
        for url in etcd where !url.hasPrefix("http://") && !url.hasPrefix("https://") { throw Fault(.invalid, "invalid etcd \(url): not an http or https URL") }
        (authority, certificate, key, keyFile) = (values["etcd-ca"], values["etcd-cert"], values["etcd-key"], values["key-file"])
        for path in [authority, certificate, key, keyFile].compactMap(\.self) where !path.hasPrefix("/") { throw Fault(.invalid, "invalid file \(path): not an absolute path") }
        if (certificate == nil) != (key == nil) { throw Fault(.invalid, "etcd-cert and etcd-key go together") }
        guard peers.isEmpty != etcd.isEmpty else {
            throw Fault(
                .invalid,
                "an overlay network needs the addresses of the other hosts, as there is no swarm to tell them: --opt peers=ADDRESS[,ADDRESS...] or, where an etcd knows them, --opt etcd=URL[,URL...]"
            )
        }
        guard peers.count <= Self.peerLimit else { throw Fault(.invalid, "too many peers: \(peers.count), the most are \(Self.peerLimit)") }
        let number = values["vni"] ?? values[Self.identifierOption].map { String($0.prefix { $0 != "," }) }
        if let number {
            guard let value = UInt32(number), (1...0xff_ffff).contains(value) else {
                throw Fault(.invalid, "invalid vxlan id \(number): it must be between 1 and 16777215")
            }
            identifier = value
        } else {
            // Above 4096, where Docker begins.
            identifier = 4097 + name.utf8.reduce(UInt32(0x811c_9dc5)) { ($0 ^ UInt32($1)) &* 0x0100_0193 } % 0xff_0000
        }
        local = nil
        if let text = values["local"] {
            guard let address = IPAddress(text) else { throw Fault(.invalid, "invalid local address \(text)") }
            local = address
        }
        isEncrypted = values["encrypted"] != nil
        if isEncrypted, keyFile == nil, etcd.isEmpty {
            throw Fault(.invalid, "an encrypted overlay network needs a key that all of its hosts know: --opt key-file=PATH")
        }
        // Above those that programs get for what they call from.
        port = isEncrypted ? 61000 + UInt16(identifier % 4500) : 4789
        if let text = values["port"] {
            guard let value = UInt16(text), value > 0 else { throw Fault(.invalid, "invalid port \(text)") }
            port = value
        }
        let families = Set((peers + [local].compactMap { $0 }).map(\.family))
        guard families.count == 1 || !etcd.isEmpty else { throw Fault(.invalid, "the peers of an overlay network must be of one IP version") }
        let asked = try DriverOptions(values: values).mtu()
        // What is left of 1500 bytes by Ethernet, IP, UDP and VXLAN headers, and by ESP's with AES-GCM.
        mtu = asked > 0 ? asked : (families == [.v6] ? 1430 : 1450) - (isEncrypted ? 34 : 0)
    }

    var plan: BridgePlan.Overlay {
        BridgePlan.Overlay(
            identifier: identifier, local: local, peers: etcd.isEmpty ? peers : nil, port: port, isEncrypted: isEncrypted, keyFile: keyFile)
    }
}
