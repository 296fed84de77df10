package import JSON
package import Values

/// Why waiting failed.
package struct ContainerWaitError: JSONRecord, Sendable, Hashable {
    package var message: String = ""

    package init(message: String = "") {
        self.message = message
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Message", &message)
    }
}

/// The answer to POST /containers/{id}/wait.
package struct ContainerWaitResponse: JSONRecord, Sendable, Hashable {
    package var statusCode: Int = 0
    package var error: ContainerWaitError?

    package init(statusCode: Int = 0, error: ContainerWaitError? = nil) {
        self.statusCode = statusCode
        self.error = error
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("StatusCode", &statusCode)
        try m("Error", &error, .unlessEmpty)
    }
}

/// The answer to GET /containers/{id}/top: ps's columns.
package struct ContainerTopResponse: JSONRecord, Sendable, Hashable {
    package var processes: [[String]] = []
    package var titles: [String] = []

    package init(processes: [[String]] = [], titles: [String] = []) {
        self.processes = processes
        self.titles = titles
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Processes", &processes)
        try m("Titles", &titles)
    }
}

/// One path of GET /containers/{id}/changes.
package struct FilesystemChange: JSONRecord, Sendable, Hashable {
    package var path: String = ""
    package var kind: ChangeKind = .modified

    package init(path: String = "", kind: ChangeKind = .modified) {
        self.path = path
        self.kind = kind
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Path", &path)
        try m("Kind", &kind)
    }
}

/// The answer to POST /containers/prune.
package struct ContainersPruneReport: JSONRecord, Sendable, Hashable {
    package var containersDeleted: [String]?
    package var spaceReclaimed: Int = 0

    package init(containersDeleted: [String]? = nil, spaceReclaimed: Int = 0) {
        self.containersDeleted = containersDeleted
        self.spaceReclaimed = spaceReclaimed
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("ContainersDeleted", &containersDeleted)
        try m("SpaceReclaimed", &spaceReclaimed)
    }
}

/// A file in a container, as the X-Docker-Container-Path-Stat header carries it (base64 of its JSON).
package struct PathStat: JSONRecord, Sendable, Hashable {
    package var name: String = ""
    package var size: Int = 0
    /// Go's os.FileMode bits.
    package var mode: Int = 0
    package var mtime: Timestamp = .never
    package var linkTarget: String = ""

    package init(name: String = "", size: Int = 0, mode: Int = 0, mtime: Timestamp = .never, linkTarget: String = "") {
        self.name = name
        self.size = size
        self.mode = mode
        self.mtime = mtime
        self.linkTarget = linkTarget
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("name", &name)
        try m("size", &size)
        try m("mode", &mode)
        try m("mtime", &mtime)
        try m("linkTarget", &linkTarget)
    }
}
