package import JSON

/// The body of POST /containers/create. Zero values are what clients send for "not set".
package struct ContainerCreateRequest: JSONRecord, Sendable, Hashable {
    /// The fields of `ContainerConfig`, which stand beside this type's own on the wire.
    package var config = ContainerConfig()
    package var hostConfig: HostConfig?
    package var networkingConfig: NetworkingConfig?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try config.members(&m)
        try m("HostConfig", &hostConfig)
        try m("NetworkingConfig", &networkingConfig)
    }
}

/// The answer to POST /containers/create.
package struct ContainerCreateResponse: JSONRecord, Sendable, Hashable {
    package var id: String = ""
    package var warnings: [String] = []

    package init(id: String = "", warnings: [String] = []) {
        self.id = id
        self.warnings = warnings
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Id", &id)
        try m("Warnings", &warnings)
    }
}

/// The body of POST /containers/{id}/update.
package struct ContainerUpdateRequest: JSONRecord, Sendable, Hashable {
    /// The fields of `Resources`, which stand beside this type's own on the wire.
    package var resources = Resources()
    package var restartPolicy: RestartPolicy?
    /// Davit's own: ports to publish beside those that are, and bindings to withdraw.
    package var publishAdd: PortMap?
    package var publishRemove: PortMap?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try resources.members(&m)
        try m("RestartPolicy", &restartPolicy)
        try m("PublishAdd", &publishAdd, .unlessEmpty)
        try m("PublishRemove", &publishRemove, .unlessEmpty)
    }
}

/// The answer to POST /containers/{id}/update.
package struct ContainerUpdateResponse: JSONRecord, Sendable, Hashable {
    package var warnings: [String]?

    package init(warnings: [String]? = nil) {
        self.warnings = warnings
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Warnings", &warnings)
    }
}
