package import JSON

/// A device of the host that a service may use.
package struct ComposeDevice: JSONRecord, Sendable, Hashable {
    package var source: String = ""
    package var target: String = ""
    package var permissions: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("source", &source, .unlessEmpty)
        try m("target", &target, .unlessEmpty)
        try m("permissions", &permissions, .unlessEmpty)
    }
}

/// Devices asked of a driver.
package struct ComposeDeviceRequest: JSONRecord, Sendable, Hashable {
    package var capabilities: [String] = []
    package var driver: String = ""
    /// -1 for all.
    package var count: Int = 0
    package var deviceIds: [String] = []
    package var options: [String: String] = [:]

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("capabilities", &capabilities, .unlessEmpty)
        try m("driver", &driver, .unlessEmpty)
        try m("count", &count, .unlessEmpty)
        try m("device_ids", &deviceIds, .unlessEmpty)
        try m("options", &options, .unlessEmpty)
    }
}

/// A limit of setrlimit(2): one number, or two.
package struct ComposeUlimit: JSONCodable, Sendable, Hashable {
    package var single = 0
    package var soft = 0
    package var hard = 0

    package init(json: JSONValue) throws {
        single = json.int ?? json["single"]?.int ?? 0
        soft = json["soft"]?.int ?? 0
        hard = json["hard"]?.int ?? 0
    }

    package var json: JSONValue {
        if single != 0 { return JSONValue(single) }
        var object = JSONObject()
        if soft != 0 { object.append("soft", JSONValue(soft)) }
        if hard != 0 { object.append("hard", JSONValue(hard)) }
        return .object(object)
    }
}

/// The rate of a block device.
package struct ComposeThrottle: JSONRecord, Sendable, Hashable {
    package var path: String = ""
    package var rate: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("path", &path, .unlessEmpty)
        try m("rate", &rate, .unlessEmpty)
    }
}

/// The weight of a block device.
package struct ComposeWeight: JSONRecord, Sendable, Hashable {
    package var path: String = ""
    package var weight: Int = 0

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("path", &path, .unlessEmpty)
        try m("weight", &weight, .unlessEmpty)
    }
}

/// Limits of block devices.
package struct ComposeBlockIO: JSONRecord, Sendable, Hashable {
    package var weight: Int = 0
    package var weightDevice: [ComposeWeight] = []
    package var deviceReadBps: [ComposeThrottle] = []
    package var deviceReadIops: [ComposeThrottle] = []
    package var deviceWriteBps: [ComposeThrottle] = []
    package var deviceWriteIops: [ComposeThrottle] = []

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("weight", &weight, .unlessEmpty)
        try m("weight_device", &weightDevice, .unlessEmpty)
        try m("device_read_bps", &deviceReadBps, .unlessEmpty)
        try m("device_read_iops", &deviceReadIops, .unlessEmpty)
        try m("device_write_bps", &deviceWriteBps, .unlessEmpty)
        try m("device_write_iops", &deviceWriteIops, .unlessEmpty)
    }
}

/// Resources that a service may or shall have.
package struct ComposeResource: JSONRecord, Sendable, Hashable {
    package var cpus: Double = 0.0
    package var memory: String = ""
    package var pids: Int = 0
    package var devices: [ComposeDeviceRequest] = []
    package var genericResources: [JSONValue] = []

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("cpus", &cpus, .unlessEmpty)
        try m("memory", &memory, .unlessEmpty)
        try m("pids", &pids, .unlessEmpty)
        try m("devices", &devices, .unlessEmpty)
        try m("generic_resources", &genericResources, .unlessEmpty)
    }
}

/// Both of them.
package struct ComposeResources: JSONRecord, Sendable, Hashable {
    package var limits: ComposeResource?
    package var reservations: ComposeResource?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("limits", &limits, .unlessNil)
        try m("reservations", &reservations, .unlessNil)
    }
}

/// When a service's containers are started again.
package struct ComposeRestartPolicy: JSONRecord, Sendable, Hashable {
    package var condition: String = ""
    package var delay: String = ""
    package var maxAttempts: Int?
    package var window: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("condition", &condition, .unlessEmpty)
        try m("delay", &delay, .unlessEmpty)
        try m("max_attempts", &maxAttempts, .unlessNil)
        try m("window", &window, .unlessEmpty)
    }
}

/// On which hosts of a cluster a service may be.
package struct ComposePlacement: JSONRecord, Sendable, Hashable {
    package var constraints: [String] = []
    package var preferences: [JSONValue] = []
    package var maxReplicasPerNode: Int = 0

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("constraints", &constraints, .unlessEmpty)
        try m("preferences", &preferences, .unlessEmpty)
        try m("max_replicas_per_node", &maxReplicasPerNode, .unlessEmpty)
    }
}

/// How a service is deployed.
package struct ComposeDeploy: JSONRecord, Sendable, Hashable {
    package var mode: String = ""
    package var replicas: Int?
    package var labels: [String: String] = [:]
    package var updateConfig: JSONValue?
    package var rollbackConfig: JSONValue?
    package var resources: ComposeResources = ComposeResources()
    package var restartPolicy: ComposeRestartPolicy?
    package var placement: ComposePlacement = ComposePlacement()
    package var endpointMode: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("mode", &mode, .unlessEmpty)
        try m("replicas", &replicas, .unlessNil)
        try m("labels", &labels, .unlessEmpty)
        try m("update_config", &updateConfig, .unlessEmpty)
        try m("rollback_config", &rollbackConfig, .unlessEmpty)
        try m("resources", &resources)
        try m("restart_policy", &restartPolicy, .unlessNil)
        try m("placement", &placement)
        try m("endpoint_mode", &endpointMode, .unlessEmpty)
    }
}
