/// The body of POST /containers/create. Zero values are what clients send for "not set".
package struct ContainerCreateRequest: Codable, Sendable, Hashable {
    /// The fields of `ContainerConfig`, which stand beside this type's own on the wire.
    package var config = ContainerConfig()
    package var hostConfig: HostConfig?
    package var networkingConfig: NetworkingConfig?

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case hostConfig = "HostConfig"
        case networkingConfig = "NetworkingConfig"
    }

    package init(from decoder: any Decoder) throws {
        config = try ContainerConfig(from: decoder)
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        hostConfig = try fields.optional(.hostConfig)
        networkingConfig = try fields.optional(.networkingConfig)
    }

    package func encode(to encoder: any Encoder) throws {
        try config.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(hostConfig, .hostConfig)
        try fields.put(networkingConfig, .networkingConfig)
    }
}

/// The answer to POST /containers/create.
package struct ContainerCreateResponse: Codable, Sendable, Hashable {
    package var id: String = ""
    package var warnings: [String] = []

    package init(id: String = "", warnings: [String] = []) {
        self.id = id
        self.warnings = warnings
    }

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case warnings = "Warnings"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.value(.id)
        warnings = try fields.value(.warnings)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(id, .id)
        try fields.put(warnings, .warnings)
    }
}

/// The body of POST /containers/{id}/update.
package struct ContainerUpdateRequest: Codable, Sendable, Hashable {
    /// The fields of `Resources`, which stand beside this type's own on the wire.
    package var resources = Resources()
    package var restartPolicy: RestartPolicy?
    /// Davit's own: ports to publish beside those that are, and bindings to withdraw.
    package var publishAdd: PortMap?
    package var publishRemove: PortMap?

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case restartPolicy = "RestartPolicy"
        case publishAdd = "PublishAdd"
        case publishRemove = "PublishRemove"
    }

    package init(from decoder: any Decoder) throws {
        resources = try Resources(from: decoder)
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        restartPolicy = try fields.optional(.restartPolicy)
        publishAdd = try fields.optional(.publishAdd)
        publishRemove = try fields.optional(.publishRemove)
    }

    package func encode(to encoder: any Encoder) throws {
        try resources.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(restartPolicy, .restartPolicy)
        try fields.putUnlessEmpty(publishAdd, .publishAdd)
        try fields.putUnlessEmpty(publishRemove, .publishRemove)
    }
}

/// The answer to POST /containers/{id}/update.
package struct ContainerUpdateResponse: Codable, Sendable, Hashable {
    package var warnings: [String]?

    package init(warnings: [String]? = nil) {
        self.warnings = warnings
    }

    private enum CodingKeys: String, CodingKey {
        case warnings = "Warnings"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        warnings = try fields.optional(.warnings)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(warnings, .warnings)
    }
}

extension ContainerCreateRequest: GoZero { package static var zero: Self { Self() } }
extension ContainerCreateResponse: GoZero { package static var zero: Self { Self() } }
extension ContainerUpdateRequest: GoZero { package static var zero: Self { Self() } }
extension ContainerUpdateResponse: GoZero { package static var zero: Self { Self() } }
