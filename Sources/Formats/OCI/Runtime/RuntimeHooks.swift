package import JSON

/// Programs to run at points of a container's life; each gets the container's state on its standard input.
/// https://github.com/opencontainers/runtime-spec/blob/main/config.md#posix-platform-hooks
package struct RuntimeHooks: JSONRecord, Sendable, Hashable {
    /// Of old, and where `createRuntime` is.
    package var prestart: [RuntimeHook]?
    /// When the namespaces are there, in the runtime's own.
    package var createRuntime: [RuntimeHook]?
    /// The same in the container's namespaces, before pivot_root(2).
    package var createContainer: [RuntimeHook]?
    /// In the container, right before its program.
    package var startContainer: [RuntimeHook]?
    /// When the program has begun, in the runtime's namespaces.
    package var poststart: [RuntimeHook]?
    /// When the container has been deleted.
    package var poststop: [RuntimeHook]?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("prestart", &prestart, .unlessNil)
        try m("createRuntime", &createRuntime, .unlessNil)
        try m("createContainer", &createContainer, .unlessNil)
        try m("startContainer", &startContainer, .unlessNil)
        try m("poststart", &poststart, .unlessNil)
        try m("poststop", &poststop, .unlessNil)
    }
}

/// One program of `hooks`.
package struct RuntimeHook: JSONRecord, Sendable, Hashable {
    /// Absolute.
    package var path: String = ""
    /// With the program's name first.
    package var args: [String]?
    package var env: [String]?
    /// Seconds until it is killed.
    package var timeout: Int?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("path", &path, .required)
        try m("args", &args, .unlessNil)
        try m("env", &env, .unlessNil)
        try m("timeout", &timeout, .unlessNil)
    }
}

/// What a runtime tells of a container: to `state`, and to hooks.
/// https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#state
package struct RuntimeState: JSONRecord, Sendable, Hashable {
    package enum Status: String, JSONCodable, Sendable, Hashable { case creating, created, running, paused, stopped }

    package var ociVersion: String = ""
    package var id: String = ""
    package var status: Status = .creating
    /// As the host numbers it; 0 when there is none.
    package var pid: Int32 = 0
    package var bundle: String = ""
    package var annotations: [String: String]?

    package init() {}

    package init(ociVersion: String, id: String, status: Status, pid: Int32, bundle: String, annotations: [String: String]?) {
        self.ociVersion = ociVersion
        self.id = id
        self.status = status
        self.pid = pid
        self.bundle = bundle
        self.annotations = annotations
    }

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("ociVersion", &ociVersion, .required)
        try m("id", &id, .required)
        try m("status", &status, .required)
        try m("pid", &pid)
        try m("bundle", &bundle, .required)
        try m("annotations", &annotations, .unlessEmpty)
    }
}
