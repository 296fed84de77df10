/// Names of the drivers built in.
package struct PluginsInfo: Codable, Sendable, Hashable {
    package var volume: [String] = []
    package var network: [String] = []
    package var authorization: [String]?
    package var log: [String] = []

    package init(volume: [String] = [], network: [String] = [], authorization: [String]? = nil, log: [String] = []) {
        self.volume = volume
        self.network = network
        self.authorization = authorization
        self.log = log
    }

    private enum CodingKeys: String, CodingKey {
        case volume = "Volume"
        case network = "Network"
        case authorization = "Authorization"
        case log = "Log"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        volume = try fields.value(.volume)
        network = try fields.value(.network)
        authorization = try fields.optional(.authorization)
        log = try fields.value(.log)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(volume, .volume)
        try fields.put(network, .network)
        try fields.put(authorization, .authorization)
        try fields.put(log, .log)
    }
}

/// Which firewall the engine drives.
package struct FirewallInfo: Codable, Sendable, Hashable {
    package var driver: String = ""
    package var info: [[String]]?

    package init(driver: String = "", info: [[String]]? = nil) {
        self.driver = driver
        self.info = info
    }

    private enum CodingKeys: String, CodingKey {
        case driver = "Driver"
        case info = "Info"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        driver = try fields.value(.driver)
        info = try fields.optional(.info)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(driver, .driver)
        try fields.putUnlessEmpty(info, .info)
    }
}

/// What the engine knows of one registry.
package struct RegistryIndex: Codable, Sendable, Hashable {
    package var name: String = ""
    package var mirrors: [String] = []
    package var secure: Bool = false
    package var official: Bool = false

    package init(name: String = "", mirrors: [String] = [], secure: Bool = false, official: Bool = false) {
        self.name = name
        self.mirrors = mirrors
        self.secure = secure
        self.official = official
    }

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case mirrors = "Mirrors"
        case secure = "Secure"
        case official = "Official"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.value(.name)
        mirrors = try fields.value(.mirrors)
        secure = try fields.value(.secure)
        official = try fields.value(.official)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(name, .name)
        try fields.put(mirrors, .mirrors)
        try fields.put(secure, .secure)
        try fields.put(official, .official)
    }
}

/// What the engine knows of registries.
package struct RegistryServiceConfig: Codable, Sendable, Hashable {
    package var insecureRegistryCIDRs: [String] = []
    package var indexConfigs: [String: RegistryIndex] = [:]
    package var mirrors: [String]?

    package init(insecureRegistryCIDRs: [String] = [], indexConfigs: [String: RegistryIndex] = [:], mirrors: [String]? = nil) {
        self.insecureRegistryCIDRs = insecureRegistryCIDRs
        self.indexConfigs = indexConfigs
        self.mirrors = mirrors
    }

    private enum CodingKeys: String, CodingKey {
        case insecureRegistryCIDRs = "InsecureRegistryCIDRs"
        case indexConfigs = "IndexConfigs"
        case mirrors = "Mirrors"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        insecureRegistryCIDRs = try fields.value(.insecureRegistryCIDRs)
        indexConfigs = try fields.value(.indexConfigs)
        mirrors = try fields.optional(.mirrors)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(insecureRegistryCIDRs, .insecureRegistryCIDRs)
        try fields.put(indexConfigs, .indexConfigs)
        try fields.put(mirrors, .mirrors)
    }
}

/// An OCI runtime that containers can be run with.
package struct RuntimeInfo: Codable, Sendable, Hashable {
    package var path: String = ""
    package var runtimeArgs: [String]?

    package init(path: String = "", runtimeArgs: [String]? = nil) {
        self.path = path
        self.runtimeArgs = runtimeArgs
    }

    private enum CodingKeys: String, CodingKey {
        case path
        case runtimeArgs
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        path = try fields.value(.path)
        runtimeArgs = try fields.optional(.runtimeArgs)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(path, .path)
        try fields.putUnlessEmpty(runtimeArgs, .runtimeArgs)
    }
}

/// The version of a part, by its commit.
package struct Commit: Codable, Sendable, Hashable {
    package var id: String = ""

    package init(id: String = "") {
        self.id = id
    }

    private enum CodingKeys: String, CodingKey {
        case id = "ID"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.value(.id)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(id, .id)
    }
}

/// Always inactive: there is no swarm mode.
package struct SwarmInfo: Codable, Sendable, Hashable {
    package var nodeID: String = ""
    package var nodeAddr: String = ""
    package var localNodeState: String = "inactive"
    package var controlAvailable: Bool = false
    package var error: String = ""

    package init(nodeID: String = "", nodeAddr: String = "", localNodeState: String = "inactive", controlAvailable: Bool = false, error: String = "") {
        self.nodeID = nodeID
        self.nodeAddr = nodeAddr
        self.localNodeState = localNodeState
        self.controlAvailable = controlAvailable
        self.error = error
    }

    private enum CodingKeys: String, CodingKey {
        case nodeID = "NodeID"
        case nodeAddr = "NodeAddr"
        case localNodeState = "LocalNodeState"
        case controlAvailable = "ControlAvailable"
        case error = "Error"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        nodeID = try fields.value(.nodeID)
        nodeAddr = try fields.value(.nodeAddr)
        localNodeState = try fields.value(.localNodeState)
        controlAvailable = try fields.value(.controlAvailable)
        error = try fields.value(.error)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(nodeID, .nodeID)
        try fields.put(nodeAddr, .nodeAddr)
        try fields.put(localNodeState, .localNodeState)
        try fields.put(controlAvailable, .controlAvailable)
        try fields.put(error, .error)
    }
}

extension PluginsInfo: GoZero { package static var zero: Self { Self() } }
extension FirewallInfo: GoZero { package static var zero: Self { Self() } }
extension RegistryIndex: GoZero { package static var zero: Self { Self() } }
extension RegistryServiceConfig: GoZero { package static var zero: Self { Self() } }
extension RuntimeInfo: GoZero { package static var zero: Self { Self() } }
extension Commit: GoZero { package static var zero: Self { Self() } }
extension SwarmInfo: GoZero { package static var zero: Self { Self() } }
