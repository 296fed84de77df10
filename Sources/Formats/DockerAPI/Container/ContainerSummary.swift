package import JSON

/// The part of a host configuration that a list shows.
package struct ContainerSummaryHostConfig: JSONRecord, Sendable, Hashable {
    package var networkMode: String = ""
    package var annotations: [String: String]?

    package init(networkMode: String = "", annotations: [String: String]? = nil) {
        self.networkMode = networkMode
        self.annotations = annotations
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("NetworkMode", &networkMode, .unlessEmpty)
        try m("Annotations", &annotations, .unlessEmpty)
    }
}

/// The networks of a container in a list.
package struct ContainerSummaryNetworks: JSONRecord, Sendable, Hashable {
    package var networks: [String: EndpointSettings]?

    package init(networks: [String: EndpointSettings]? = nil) {
        self.networks = networks
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Networks", &networks)
    }
}

/// The health of a container in a list.
package struct ContainerSummaryHealth: JSONRecord, Sendable, Hashable {
    package var status: String = ""
    package var failingStreak: Int = 0

    package init(status: String = "", failingStreak: Int = 0) {
        self.status = status
        self.failingStreak = failingStreak
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Status", &status, .unlessEmpty)
        try m("FailingStreak", &failingStreak, .unlessEmpty)
    }
}

/// One container of GET /containers/json.
package struct ContainerSummary: JSONRecord, Sendable, Hashable {
    package var id: String = ""
    /// With a leading slash each.
    package var names: [String] = []
    package var image: String = ""
    package var imageID: String = ""
    package var imageManifestDescriptor: OCIDescriptor?
    package var command: String = ""
    /// Seconds since 1970.
    package var created: Int = 0
    package var ports: [PortSummary] = []
    package var sizeRw: Int = 0
    package var sizeRootFs: Int = 0
    package var labels: [String: String] = [:]
    package var state: String = ""
    /// For people: `Up 5 minutes`.
    package var status: String = ""
    package var hostConfig: ContainerSummaryHostConfig = ContainerSummaryHostConfig()
    package var health: ContainerSummaryHealth?
    package var networkSettings: ContainerSummaryNetworks?
    package var mounts: [MountPoint] = []

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Id", &id)
        try m("Names", &names)
        try m("Image", &image)
        try m("ImageID", &imageID)
        try m("ImageManifestDescriptor", &imageManifestDescriptor, .unlessEmpty)
        try m("Command", &command)
        try m("Created", &created)
        try m("Ports", &ports)
        try m("SizeRw", &sizeRw, .unlessEmpty)
        try m("SizeRootFs", &sizeRootFs, .unlessEmpty)
        try m("Labels", &labels)
        try m("State", &state)
        try m("Status", &status)
        try m("HostConfig", &hostConfig)
        try m("Health", &health, .unlessEmpty)
        try m("NetworkSettings", &networkSettings)
        try m("Mounts", &mounts)
    }
}
