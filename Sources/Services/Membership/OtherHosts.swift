import JSON
import Networks
package import Values

/// A container as hosts tell each other of it.
package struct MemberRecord: Codable, Hashable, Sendable {
    package var host: String
    package var names: [String]
    package var addresses: [String]
}

/// What other hosts tell, checked: anybody who can write to the etcd may have written it.
package struct OtherHosts: Sendable {
    /// Containers of others that are taken in at all.
    package static let limit = 4096

    package private(set) var hosts: [IPAddress] = []
    /// What each of them made up: see `OverlaySecret.lives`.
    package private(set) var lives: [IPAddress: [UInt8]] = [:]
    /// By id.
    package private(set) var containers: [String: MemberRecord] = [:]

    /// Of what stands in an etcd, by its key below the network's prefix. `own` is this host, and `local` are its containers, of which nobody else
    /// can tell.
    package init(_ items: [(key: String, value: [UInt8])], own: IPAddress, local: Set<String> = []) {
        for (key, value) in items {
            let parts = key.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            if parts[0] == "hosts", let address = IPAddress(parts[1]), address != own, address.family == own.family, !hosts.contains(address), !address.isUnspecified,
                !address.isLoopback, hosts.count < OverlayMembership.hostLimit
            {
                hosts.append(address)
                lives[address] = value
            } else if parts[0] == "containers", Identifier(parts[1]) != nil, !local.contains(parts[1]), containers.count < Self.limit,
                // What cannot be read tells of nobody.
                let record = try? JSON.decode(MemberRecord.self, from: value), record.host != own.description, record.names.count <= 64, record.addresses.count <= 8
            {
                containers[parts[1]] = record
            }
        }
        // Of a host that is gone, or was never told of, nothing is believed.
        let known = Set(hosts.map(\.description))
        containers = containers.filter { known.contains($0.value.host) }
        hosts.sort()
    }
}
