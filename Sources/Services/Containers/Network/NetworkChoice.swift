import Diagnostics
import DockerAPI
import Values

/// What a request to create a container says of networks, checked and completed; nothing is looked up.
struct NetworkChoice {
    /// The networks to be on, as the user named them; empty for `container:` mode, whose networks are another's.
    private(set) var endpoints: [String: EndpointSettings] = [:]
    private(set) var warnings: [String] = []

    /// Throws `invalid` in Docker's words for what cannot be combined. To be called before the image's configuration is merged in: what
    /// an image exposes conflicts with nothing. `hasBridge` is false where the administrator wants no network `bridge`.
    init(_ config: inout ContainerConfig, _ host: inout HostConfig, _ networking: NetworkingConfig?, hasBridge: Bool = true) throws(Fault) {
        endpoints = networking?.endpointsConfig ?? [:]
        if !hasBridge, ["", "default", Self.standard].contains(host.networkMode) {
            config.networkDisabled = true
            endpoints = [:]
        }
        if config.networkDisabled { host.networkMode = "none" }
        if host.networkMode.isEmpty || host.networkMode == "default" {
            host.networkMode = Self.standard
            if let settings = endpoints.removeValue(forKey: "default") { endpoints[Self.standard] = settings }
        }
        let mode = NetworkMode(host.networkMode)
        try Self.checkSharing(mode, config, host)
        try Self.checkPorts(config, host)
        try takeMACAddress(&config, host)
        if case .container = mode {
            endpoints = [:]
        } else {
            if mode == .host || mode == .none, endpoints.keys.contains(where: { $0 != host.networkMode }) {
                throw Fault(.invalid, mode == .none ? Self.noneAndOthers : Self.sharedAndOthers)
            }
            if endpoints.isEmpty { endpoints[host.networkMode] = EndpointSettings() }
        }
        if mode == .host, host.portBindings?.isEmpty == false { warnings.append("Published ports are discarded when using host network mode") }
    }

    /// The network of those who name none.
    static let standard = "bridge"

    static let sharedAndOthers = "container sharing network namespace with another container or host cannot be connected to any other network"
    static let noneAndOthers = "container cannot be connected to multiple networks with one of the networks in private (none) mode"

    private static func checkSharing(_ mode: NetworkMode, _ config: ContainerConfig, _ host: HostConfig) throws(Fault) {
        if host.utsMode == "host", !config.hostname.isEmpty { throw Fault(.invalid, "conflicting options: hostname and the UTS mode") }
        let isLinked = host.links?.isEmpty == false
        if mode == .host, isLinked {
            throw Fault(.invalid, "conflicting options: host type networking can't be used with links. This would result in undefined behavior")
        }
        guard case .container(let other) = mode else { return }
        if other.isEmpty { throw Fault(.invalid, "invalid network mode: invalid container format container:<name|id>") }
        if !config.hostname.isEmpty { throw Fault(.invalid, "conflicting options: hostname and the network mode") }
        if isLinked { throw Fault(.invalid, "conflicting options: container type network can't be used with links. This would result in undefined behavior") }
        if host.dns?.isEmpty == false { throw Fault(.invalid, "conflicting options: dns and the network mode") }
        if host.extraHosts?.isEmpty == false { throw Fault(.invalid, "conflicting options: custom host-to-IP mapping and the network mode") }
        if host.portBindings?.isEmpty == false || host.publishAllPorts {
            throw Fault(.invalid, "conflicting options: port publishing and the container type network mode")
        }
        if config.exposedPorts?.isEmpty == false {
            throw Fault(.invalid, "conflicting options: port exposing and the container type network mode")
        }
    }

    private static func checkPorts(_ config: ContainerConfig, _ host: HostConfig) throws(Fault) {
        for name in (config.exposedPorts?.sorted ?? []) + (host.portBindings ?? [:]).keys.sorted() where ContainerPort(name) == nil {
            throw Fault(.invalid, "invalid port specification: \"\(name)\"")
        }
        for (_, bindings) in host.portBindings ?? [:] {
            for binding in bindings ?? [] {
                guard binding.hostPorts != nil else { throw Fault(.invalid, "invalid port specification: \"\(binding.hostPort)\"") }
                guard binding.hostIp.isEmpty || IPAddress(binding.hostIp) != nil else { throw Fault(.invalid, "invalid IP address: \(binding.hostIp)") }
            }
        }
        for name in host.dns ?? [] where IPAddress(name) == nil { throw Fault(.invalid, "bad nameserver address \(name)") }
        for entry in host.extraHosts ?? [] where ExtraHost(entry) == nil { throw Fault(.invalid, "bad format for add-host: \"\(entry)\"") }
    }

    /// The address that older clients give for the container moves to the network that its mode names.
    private mutating func takeMACAddress(_ config: inout ContainerConfig, _ host: HostConfig) throws(Fault) {
        guard !config.macAddress.isEmpty else { return }
        guard case .named(let name) = NetworkMode(host.networkMode) else {
            throw Fault(.invalid, "conflicting options: mac-address and the network mode")
        }
        guard var settings = endpoints.isEmpty ? EndpointSettings() : endpoints[name] else {
            throw Fault(
                .invalid,
                "unable to migrate container-wide MAC address to a specific network: HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks")
        }
        guard settings.macAddress.isEmpty || settings.macAddress == config.macAddress else {
            throw Fault(
                .invalid, "the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty")
        }
        settings.macAddress = config.macAddress
        endpoints[name] = settings
        config.macAddress = ""
        warnings.append("The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.")
    }
}

/// `HostConfig.NetworkMode`, taken apart.
enum NetworkMode: Equatable {
    case host
    case none
    /// The reference of the container whose namespace is shared.
    case container(String)
    /// A network by name or id: `bridge` or one that a user made.
    case named(String)

    /// The container has a network namespace of its own.
    var isPrivate: Bool {
        switch self {
        case .none, .named: true
        case .host, .container: false
        }
    }

    init(_ text: String) {
        switch text {
        case "host": self = .host
        case "none": self = .none
        case "container": self = .container("")
        case _ where text.hasPrefix("container:"): self = .container(String(text.dropFirst("container:".count)))
        default: self = .named(text)
        }
    }
}
