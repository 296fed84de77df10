package import JSON

/// What a service waits for before it starts.
package struct ComposeDependency: JSONRecord, Sendable, Hashable {
    package var condition: String = ""
    package var restart: Bool = false
    package var required: Bool = false

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("condition", &condition, .unlessEmpty)
        try m("restart", &restart, .unlessEmpty)
        try m("required", &required)
    }
}

/// A program that stands in for a service.
package struct ComposeProvider: JSONRecord, Sendable, Hashable {
    package var type: String = ""
    package var options: JSONValue?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("type", &type, .unlessEmpty)
        try m("options", &options, .unlessEmpty)
    }
}

/// A file with variables for a service.
package struct ComposeEnvironmentFile: JSONRecord, Sendable, Hashable {
    package var path: String = ""
    package var required: Bool = false
    package var format: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("path", &path, .unlessEmpty)
        try m("required", &required, .unlessEmpty)
        try m("format", &format, .unlessEmpty)
    }
}

/// How a service's health is checked.
package struct ComposeHealthcheck: JSONRecord, Sendable, Hashable {
    package var test: [String] = []
    package var timeout: String = ""
    package var interval: String = ""
    package var retries: Int?
    package var startPeriod: String = ""
    package var startInterval: String = ""
    package var disable: Bool = false

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("test", &test, .unlessEmpty)
        try m("timeout", &timeout, .unlessEmpty)
        try m("interval", &interval, .unlessEmpty)
        try m("retries", &retries, .unlessNil)
        try m("start_period", &startPeriod, .unlessEmpty)
        try m("start_interval", &startInterval, .unlessEmpty)
        try m("disable", &disable, .unlessEmpty)
    }
}

/// Where a service's output goes.
package struct ComposeLogging: JSONRecord, Sendable, Hashable {
    package var driver: String = ""
    package var options: [String: String] = [:]

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("driver", &driver, .unlessEmpty)
        try m("options", &options, .unlessEmpty)
    }
}

/// A command that is run in or beside a service's container at a moment of its life.
package struct ComposeHook: JSONRecord, Sendable, Hashable {
    package var command: [String]?
    package var image: String = ""
    package var user: String = ""
    package var privileged: Bool = false
    package var workingDir: String = ""
    package var environment: [String: String?] = [:]
    package var perReplica: Bool = false

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("command", &command)
        try m("image", &image, .unlessEmpty)
        try m("user", &user, .unlessEmpty)
        try m("privileged", &privileged, .unlessEmpty)
        try m("working_dir", &workingDir, .unlessEmpty)
        try m("environment", &environment, .unlessEmpty)
        try m("per_replica", &perReplica, .unlessEmpty)
    }
}

/// How a service learns of a model.
package struct ComposeModelUse: JSONRecord, Sendable, Hashable {
    package var endpointVar: String = ""
    package var modelVar: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("endpoint_var", &endpointVar, .unlessEmpty)
        try m("model_var", &modelVar, .unlessEmpty)
    }
}
