package import JSON

/// Names of the drivers built in.
package struct PluginsInfo: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Volume", &volume)
        try m("Network", &network)
        try m("Authorization", &authorization)
        try m("Log", &log)
    }
}

/// Where subnets come from that nobody chose.
package struct AddressPoolInfo: JSONRecord, Sendable, Hashable {
    package var base: String = ""
    package var size: Int = 0

    package init(base: String = "", size: Int = 0) {
        self.base = base
        self.size = size
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Base", &base)
        try m("Size", &size)
    }
}

/// Which firewall the engine drives.
package struct FirewallInfo: JSONRecord, Sendable, Hashable {
    package var driver: String = ""
    package var info: [[String]]?

    package init(driver: String = "", info: [[String]]? = nil) {
        self.driver = driver
        self.info = info
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Driver", &driver)
        try m("Info", &info, .unlessEmpty)
    }
}

/// What the engine knows of one registry.
package struct RegistryIndex: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Name", &name)
        try m("Mirrors", &mirrors)
        try m("Secure", &secure)
        try m("Official", &official)
    }
}

/// What the engine knows of registries.
package struct RegistryServiceConfig: JSONRecord, Sendable, Hashable {
    package var insecureRegistryCIDRs: [String] = []
    package var indexConfigs: [String: RegistryIndex] = [:]
    package var mirrors: [String]?

    package init(insecureRegistryCIDRs: [String] = [], indexConfigs: [String: RegistryIndex] = [:], mirrors: [String]? = nil) {
        self.insecureRegistryCIDRs = insecureRegistryCIDRs
        self.indexConfigs = indexConfigs
        self.mirrors = mirrors
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("InsecureRegistryCIDRs", &insecureRegistryCIDRs)
        try m("IndexConfigs", &indexConfigs)
        try m("Mirrors", &mirrors)
    }
}

/// An OCI runtime that containers can be run with.
package struct RuntimeInfo: JSONRecord, Sendable, Hashable {
    package var path: String = ""
    package var runtimeArgs: [String]?

    package init(path: String = "", runtimeArgs: [String]? = nil) {
        self.path = path
        self.runtimeArgs = runtimeArgs
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("path", &path, .unlessEmpty)
        try m("runtimeArgs", &runtimeArgs, .unlessEmpty)
    }
}

/// The version of a part, by its commit.
package struct Commit: JSONRecord, Sendable, Hashable {
    package var id: String = ""

    package init(id: String = "") {
        self.id = id
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("ID", &id)
    }
}

/// Always inactive: there is no swarm mode.
package struct SwarmInfo: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("NodeID", &nodeID)
        try m("NodeAddr", &nodeAddr)
        try m("LocalNodeState", &localNodeState)
        try m("ControlAvailable", &controlAvailable)
        try m("Error", &error)
    }
}
