internal import Diagnostics

/// The drivers that there are. `host` and `null` have one network each.
package enum NetworkDriver: String, Sendable, Hashable, CaseIterable {
    case bridge, host, ipvlan, macvlan, null, overlay

    /// What GET /info names.
    package static let names = allCases.map(\.rawValue)

    /// Throws Docker's errors for a driver of which there can be no further network, and for a plugin: those are not run.
    static func creatable(_ name: String) throws(Fault) -> NetworkDriver {
        switch NetworkDriver(rawValue: name.isEmpty ? "bridge" : name) {
        case nil: throw Fault(.notFound, "plugin \"\(name)\" not found")
        case .host: throw Fault(.forbidden, "only one instance of \"host\" network is allowed")
        case .null: throw Fault(.forbidden, "only one instance of \"null\" network is allowed")
        case .some(let driver): return driver
        }
    }
}
