/// The part of a host configuration that a list shows.
package struct ContainerSummaryHostConfig: Codable, Sendable, Hashable {
    package var networkMode: String = ""
    package var annotations: [String: String]?

    package init(networkMode: String = "", annotations: [String: String]? = nil) {
        self.networkMode = networkMode
        self.annotations = annotations
    }

    private enum CodingKeys: String, CodingKey {
        case networkMode = "NetworkMode"
        case annotations = "Annotations"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        networkMode = try fields.value(.networkMode)
        annotations = try fields.optional(.annotations)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(networkMode, .networkMode)
        try fields.putUnlessEmpty(annotations, .annotations)
    }
}

/// The networks of a container in a list.
package struct ContainerSummaryNetworks: Codable, Sendable, Hashable {
    package var networks: [String: EndpointSettings]?

    package init(networks: [String: EndpointSettings]? = nil) {
        self.networks = networks
    }

    private enum CodingKeys: String, CodingKey {
        case networks = "Networks"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        networks = try fields.optional(.networks)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(networks, .networks)
    }
}

/// The health of a container in a list.
package struct ContainerSummaryHealth: Codable, Sendable, Hashable {
    package var status: String = ""
    package var failingStreak: Int = 0

    package init(status: String = "", failingStreak: Int = 0) {
        self.status = status
        self.failingStreak = failingStreak
    }

    private enum CodingKeys: String, CodingKey {
        case status = "Status"
        case failingStreak = "FailingStreak"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        status = try fields.value(.status)
        failingStreak = try fields.value(.failingStreak)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(status, .status)
        try fields.putUnlessZero(failingStreak, .failingStreak)
    }
}

/// One container of GET /containers/json.
package struct ContainerSummary: Codable, Sendable, Hashable {
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

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case names = "Names"
        case image = "Image"
        case imageID = "ImageID"
        case imageManifestDescriptor = "ImageManifestDescriptor"
        case command = "Command"
        case created = "Created"
        case ports = "Ports"
        case sizeRw = "SizeRw"
        case sizeRootFs = "SizeRootFs"
        case labels = "Labels"
        case state = "State"
        case status = "Status"
        case hostConfig = "HostConfig"
        case health = "Health"
        case networkSettings = "NetworkSettings"
        case mounts = "Mounts"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.value(.id)
        names = try fields.value(.names)
        image = try fields.value(.image)
        imageID = try fields.value(.imageID)
        imageManifestDescriptor = try fields.optional(.imageManifestDescriptor)
        command = try fields.value(.command)
        created = try fields.value(.created)
        ports = try fields.value(.ports)
        sizeRw = try fields.value(.sizeRw)
        sizeRootFs = try fields.value(.sizeRootFs)
        labels = try fields.value(.labels)
        state = try fields.value(.state)
        status = try fields.value(.status)
        hostConfig = try fields.value(.hostConfig)
        health = try fields.optional(.health)
        networkSettings = try fields.optional(.networkSettings)
        mounts = try fields.value(.mounts)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(id, .id)
        try fields.put(names, .names)
        try fields.put(image, .image)
        try fields.put(imageID, .imageID)
        try fields.putUnlessEmpty(imageManifestDescriptor, .imageManifestDescriptor)
        try fields.put(command, .command)
        try fields.put(created, .created)
        try fields.put(ports, .ports)
        try fields.putUnlessZero(sizeRw, .sizeRw)
        try fields.putUnlessZero(sizeRootFs, .sizeRootFs)
        try fields.put(labels, .labels)
        try fields.put(state, .state)
        try fields.put(status, .status)
        try fields.put(hostConfig, .hostConfig)
        try fields.putUnlessEmpty(health, .health)
        try fields.put(networkSettings, .networkSettings)
        try fields.put(mounts, .mounts)
    }
}

extension ContainerSummaryHostConfig: GoZero { package static var zero: Self { Self() } }
extension ContainerSummaryNetworks: GoZero { package static var zero: Self { Self() } }
extension ContainerSummaryHealth: GoZero { package static var zero: Self { Self() } }
extension ContainerSummary: GoZero { package static var zero: Self { Self() } }
