import Membership
import NetworkPlumbing
import Supervisor
import Values

/// What other hosts of an overlay network tell by an etcd, which anybody who can write there may have written.
enum MembershipFuzzing {
    /// Reads lines as keys and values in turn. What is taken in is about other hosts, of the same IP version, and names only what can be a
    /// place on disk.
    static func records(_ input: [UInt8]) throws {
        let lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let items = stride(from: 0, to: lines.count - 1, by: 2).map { (key: String(decoding: lines[$0], as: UTF8.self), value: Array(lines[$0 + 1])) }
        let own = IPAddress(.v4, 0x0a00_0001)
        let others = OtherHosts(items, own: own)
        precondition(others.hosts.allSatisfy { $0.family == .v4 && $0 != own && !$0.isLoopback && !$0.isUnspecified }, "no other host")
        precondition(Set(others.hosts).count == others.hosts.count && others.hosts.count <= 256, "too many hosts")
        for (id, record) in others.containers {
            precondition(Identifier(id) != nil && others.hosts.contains { $0.description == record.host }, "a container of nobody's")
            for name in record.names where NetworkNames.isValid(name) { precondition(!name.contains("/") && name != "..", "a name that leaves its place") }
        }
        for line in lines {
            guard let secret = OverlaySecret(Array(line)) else { continue }
            precondition(secret == OverlaySecret(Array(line) + [0x0a]) || line.count >= OverlaySecret.lengths.upperBound, "another secret")
        }
    }
}
