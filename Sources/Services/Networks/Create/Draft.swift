internal import Database
internal import Diagnostics
internal import DockerAPI
internal import Values

/// A network as it was asked for, checked by itself: what other networks there are is not looked at yet.
struct Draft: Sendable {
    let id: Identifier
    var driver: NetworkDriver
    var network: Network
    var ranges: [IPAMConfig]
    private let configFrom: String

    /// Most subnets of one network: each is held against those of all others.
    private static let rangeLimit = 256
    /// Most addresses that a network keeps from containers one by one: each is a lease. `--ip-range` keeps any number.
    private static let auxiliaryLimit = 4096

    /// Of what is known to be right.
    init(id: Identifier, _ driver: NetworkDriver, _ network: Network, _ ranges: [IPAMConfig]) {
        self.id = id
        self.driver = driver
        self.network = network
        self.ranges = ranges
        configFrom = ""
    }

    /// Throws Docker's errors. `defaults` are options by driver, for those that the request leaves out; `time` is when it was asked for.
    init(_ request: NetworkCreateRequest, defaults: [String: [String: String]] = [:], at time: Timestamp) throws(Fault) {
        id = Identifier.random()
        if Networks.reserved.contains(request.name) { throw Fault(.forbidden, "operation is not permitted on predefined \(request.name) network ") }
        guard request.name.contains(where: { !$0.isWhitespace }) else { throw Fault(.invalid, "invalid name: name is empty") }
        configFrom = request.configFrom?.network ?? ""
        let isPlain = !request.configOnly && configFrom.isEmpty
        var values = isPlain ? defaults[request.driver.isEmpty ? "bridge" : request.driver] ?? [:] : [:]
        // What is said in so many words is not contradicted beside it.
        if request.enableIPv4 != nil { values["com.docker.network.enable_ipv4"] = nil }
        if request.enableIPv6 != nil { values["com.docker.network.enable_ipv6"] = nil }
        let options = DriverOptions(values: values.merging(request.options ?? [:]) { $1 })
        network = Network(name: request.name, id: id.description, created: time, scope: "local")
        network.enableIPv4 = try Self.flag(request.enableIPv4, "com.docker.network.enable_ipv4", options, default: true)
        network.enableIPv6 = try Self.flag(request.enableIPv6, "com.docker.network.enable_ipv6", options, default: false)
        network.internal = request.internal
        network.attachable = request.attachable
        network.configOnly = request.configOnly
        network.configFrom = ConfigReference(network: configFrom)
        network.options = options.values
        network.labels = request.labels ?? [:]
        ranges = request.ipam?.config ?? []
        guard ranges.count <= Self.rangeLimit else { throw Fault(.invalid, "too many subnets: \(ranges.count), the most are \(Self.rangeLimit)") }
        let kept = ranges.reduce(0) { $0 + ($1.auxiliaryAddresses?.count ?? 0) }
        guard kept <= Self.auxiliaryLimit else { throw Fault(.invalid, "too many auxiliary addresses: \(kept), the most are \(Self.auxiliaryLimit); see --ip-range") }
        network.ipam = IPAM(driver: request.ipam?.driver ?? "", options: request.ipam?.options, config: ranges)
        if network.ipam.driver.isEmpty { network.ipam.driver = "default" }
        guard ["default", "null"].contains(network.ipam.driver) else { throw Fault(.notFound, "plugin \"\(network.ipam.driver)\" not found") }
        try AddressRules.check(ranges, enableIPv6: network.enableIPv6)
        try Self.checkConfiguration(request)
        driver = .null
        if network.configOnly {
            network.driver = "null"
            return
        }
        driver = try NetworkDriver.creatable(request.driver)
        network.driver = driver.rawValue
        if request.scope == "swarm" { throw Fault(.forbidden, "cannot create a swarm scoped network when swarm is not active") }
        if request.ingress { throw Fault(.forbidden, "Ingress network can only be global scope network") }
    }

    private static func flag(_ asked: Bool?, _ name: String, _ options: DriverOptions, default standard: Bool) throws(Fault) -> Bool {
        if let asked { return asked }
        do { return try options.bool(name, default: standard) } catch { throw Fault(.invalid, "driver-opt \"\(name)\" is not a valid bool") }
    }

    /// `--config-only` and `--config-from` go with little else.
    private static func checkConfiguration(_ request: NetworkCreateRequest) throws(Fault) {
        if request.configOnly, request.ingress || request.internal || request.attachable || !request.scope.isEmpty {
            throw Fault(
                .forbidden,
                "configuration network can only contain network specific fields. Network operator fields like "
                    + "[ ingress | internal | attachable | scope ] are not supported.")
        }
        guard let from = request.configFrom?.network, !from.isEmpty else { return }
        if request.configOnly { throw Fault(.forbidden, "a configuration network cannot depend on another configuration network") }
        let ipam = request.ipam ?? IPAM()
        if !["", "default"].contains(ipam.driver) || request.enableIPv4 == false || request.enableIPv6 == true || !(request.labels ?? [:]).isEmpty
            || !(ipam.options ?? [:]).isEmpty || !(ipam.config ?? []).isEmpty
        {
            throw Fault(.forbidden, "user specified configurations are not supported if the network depends on a configuration network")
        }
        if !(request.options ?? [:]).isEmpty {
            throw Fault(.forbidden, "network driver options are not supported if the network depends on a configuration network")
        }
    }

    /// Takes over what the network of `--config-from` says. Throws Docker's error when there is none.
    mutating func inherit(in t: borrowing Transaction) throws {
        if configFrom.isEmpty { return }
        let row = try t.first("SELECT * FROM networks WHERE name = ?", .text(configFrom))
        guard let source = try row.map({ try NetworkRecord($0, in: t) })?.network, source.configOnly else {
            throw Fault(.notFound, "configuration network \"\(configFrom)\" does not exist")
        }
        network.enableIPv4 = source.enableIPv4
        network.enableIPv6 = source.enableIPv6
        network.labels = source.labels
        network.options = source.options
        network.ipam = source.ipam
        ranges = source.ipam.config ?? []
    }

    /// Reads all options once, so that a wrong one is an error now and not when the first container comes.
    func checkOptions() throws(Fault) {
        switch driver {
        case .bridge: _ = try BridgeOptions(network.options, id: id, isInternal: network.internal)
        case .overlay:
            _ = try BridgeOptions(network.options, id: id, isInternal: network.internal)
            _ = try OverlayOptions(network.options, name: network.name)
        case .macvlan, .ipvlan: _ = try LinkOptions(driver, network.options)
        case .host, .null: return
        }
        _ = try DriverOptions(values: network.options).announces()
        guard network.enableIPv4 || network.enableIPv6 || driver != .bridge else { throw Fault(.invalid, "IPv4 or IPv6 must be enabled") }
        if network.ipam.driver == "null", driver != .ipvlan, driver != .macvlan || network.enableIPv4 || network.enableIPv6 {
            throw Fault(.invalid, "ipv4 pool is empty")
        }
    }

    /// Whether the network keeps an address for the host or a router.
    func needsGateway(_ family: IPAddress.Family) throws(Fault) -> Bool {
        switch driver {
        case .bridge:
            return try BridgeOptions(network.options, id: id, isInternal: network.internal).needsGateway(family, isInternal: network.internal)
        // A router on the LAN has its address whether or not anybody says so here.
        case .macvlan, .ipvlan: return false
        // All hosts would have the same: each has one only when it is told which.
        case .overlay, .host, .null: return false
        }
    }
}
