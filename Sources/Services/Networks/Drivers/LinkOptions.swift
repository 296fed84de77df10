internal import Diagnostics
internal import NetworkPlumbing

/// What `--opt` says of macvlan and ipvlan networks.
struct LinkOptions: Sendable, Hashable {
    /// An interface of the host; empty for a network without a way out.
    var parent: String
    /// macvlan: bridge, private, vepa, passthru. ipvlan: l2, l3, l3s.
    var mode: String
    /// ipvlan: bridge, private, vepa.
    var flag: String

    /// Throws Docker's errors for modes that there are not.
    init(_ driver: NetworkDriver, _ values: [String: String]) throws(Fault) {
        parent = values["parent"] ?? ""
        flag = ""
        if parent == "lo" { throw Fault(.internal, "loopback interface is not a valid \(driver.rawValue) parent link") }
        guard parent.isEmpty || DriverOptions.isInterfaceName(parent) else { throw Fault(.invalid, "invalid parent interface name: \(parent)") }
        if driver == .macvlan {
            mode = values["macvlan_mode"].flatMap { $0.isEmpty ? nil : $0 } ?? "bridge"
            guard ["bridge", "private", "passthru", "vepa"].contains(mode) else {
                throw Fault(.internal, "requested macvlan mode '\(mode)' is not valid, 'bridge' mode is the macvlan driver default")
            }
        } else {
            mode = values["ipvlan_mode"].flatMap { $0.isEmpty ? nil : $0 } ?? "l2"
            guard ["l2", "l3", "l3s"].contains(mode) else {
                throw Fault(.internal, "requested ipvlan mode '\(mode)' is not valid, 'l2' mode is the ipvlan driver default")
            }
            flag = values["ipvlan_flag"].flatMap { $0.isEmpty ? nil : $0 } ?? "bridge"
            guard ["bridge", "private", "vepa"].contains(flag) else {
                throw Fault(.internal, "requested ipvlan flag '\(flag)' is not valid, 'bridge' is the ipvlan driver default")
            }
        }
    }

    /// The host routes for the containers, which need no address of a router.
    var isRouted: Bool { mode == "l3" || mode == "l3s" }

    /// Whether two networks can stand on one interface. Throws Docker's errors.
    func check(_ driver: NetworkDriver, beside other: LinkOptions, _ otherDriver: NetworkDriver, _ otherNetwork: String) throws(Fault) {
        guard !parent.isEmpty, parent == other.parent else { return }
        if driver == .ipvlan, otherDriver == .ipvlan {
            throw Fault(.internal, "network dm-\(otherNetwork.prefix(12)) is already using parent interface \(parent)")
        }
        if driver == .macvlan, otherDriver == .macvlan {
            if mode == "passthru" {
                throw Fault(.internal, "cannot use mode passthru, macvlan network \(otherNetwork) is already using parent interface \(parent)")
            }
            if other.mode == "passthru" {
                throw Fault(.internal, "macvlan network \(otherNetwork) is already using parent interface \(parent) in mode passthru")
            }
        }
    }
}
