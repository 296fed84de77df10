internal import Database
internal import DockerAPI
package import NetworkPlumbing
package import Values

/// What the process needs to know that keeps an overlay network's hosts together by an etcd: see the module Membership.
package struct OverlayMembership: Sendable, Hashable {
    /// Most hosts of a network.
    package static let hostLimit = OverlayOptions.peerLimit
    /// Held by that process as long as it lives, in the network's run directory; says what is wrong, if something is.
    package static let lockName = "membership.lock"

    /// `…/networks/<id>`.
    package var directory: String
    package var overlay: BridgePlan.Overlay
    package var bridge: String
    /// nftables table that says from whom frames are taken.
    package var table: String
    /// Base URLs of the servers.
    package var etcd: [String]
    /// Files of PEM: the authority to believe, and who this host is.
    package var authority: String?
    package var certificate: String?
    package var key: String?

    package init(
        directory: String, overlay: BridgePlan.Overlay, bridge: String, table: String, etcd: [String], authority: String? = nil, certificate: String? = nil,
        key: String? = nil
    ) {
        self.directory = directory
        self.overlay = overlay
        self.bridge = bridge
        self.table = table
        self.etcd = etcd
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }

    /// Where the network's keys are: those who have the same number belong together.
    package var prefix: String { "/davit/overlay/\(overlay.identifier)/" }
}

extension Networks {
    /// nil for a network that needs no etcd. Throws `notFound` for one that is not there.
    package func membership(of network: Identifier) throws -> OverlayMembership? {
        let record = try database.read { t in try Self.find(network.description, in: t) }
        guard record.driver == .overlay else { return nil }
        let options = try OverlayOptions(record.options, name: record.network.name)
        if options.etcd.isEmpty { return nil }
        let bridge = try BridgeOptions(record.options, id: record.id, isInternal: record.network.internal)
        return OverlayMembership(
            directory: paths.network(network), overlay: options.plan, bridge: bridge.name, table: firewallTable, etcd: options.etcd,
            authority: options.authority, certificate: options.certificate, key: options.key)
    }
}
