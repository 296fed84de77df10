package import Values

/// Why waiting failed.
package struct ContainerWaitError: Codable, Sendable, Hashable {
    package var message: String = ""

    package init(message: String = "") {
        self.message = message
    }

    private enum CodingKeys: String, CodingKey {
        case message = "Message"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        message = try fields.value(.message)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(message, .message)
    }
}

/// The answer to POST /containers/{id}/wait.
package struct ContainerWaitResponse: Codable, Sendable, Hashable {
    package var statusCode: Int = 0
    package var error: ContainerWaitError?

    package init(statusCode: Int = 0, error: ContainerWaitError? = nil) {
        self.statusCode = statusCode
        self.error = error
    }

    private enum CodingKeys: String, CodingKey {
        case statusCode = "StatusCode"
        case error = "Error"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        statusCode = try fields.value(.statusCode)
        error = try fields.optional(.error)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(statusCode, .statusCode)
        try fields.putUnlessEmpty(error, .error)
    }
}

/// The answer to GET /containers/{id}/top: ps's columns.
package struct ContainerTopResponse: Codable, Sendable, Hashable {
    package var processes: [[String]] = []
    package var titles: [String] = []

    package init(processes: [[String]] = [], titles: [String] = []) {
        self.processes = processes
        self.titles = titles
    }

    private enum CodingKeys: String, CodingKey {
        case processes = "Processes"
        case titles = "Titles"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        processes = try fields.value(.processes)
        titles = try fields.value(.titles)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(processes, .processes)
        try fields.put(titles, .titles)
    }
}

/// One path of GET /containers/{id}/changes.
package struct FilesystemChange: Codable, Sendable, Hashable {
    package var path: String = ""
    package var kind: ChangeKind = .modified

    package init(path: String = "", kind: ChangeKind = .modified) {
        self.path = path
        self.kind = kind
    }

    private enum CodingKeys: String, CodingKey {
        case path = "Path"
        case kind = "Kind"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        path = try fields.value(.path)
        kind = try fields.value(.kind)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(path, .path)
        try fields.put(kind, .kind)
    }
}

/// The answer to POST /containers/prune.
package struct ContainersPruneReport: Codable, Sendable, Hashable {
    package var containersDeleted: [String]?
    package var spaceReclaimed: Int = 0

    package init(containersDeleted: [String]? = nil, spaceReclaimed: Int = 0) {
        self.containersDeleted = containersDeleted
        self.spaceReclaimed = spaceReclaimed
    }

    private enum CodingKeys: String, CodingKey {
        case containersDeleted = "ContainersDeleted"
        case spaceReclaimed = "SpaceReclaimed"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        containersDeleted = try fields.optional(.containersDeleted)
        spaceReclaimed = try fields.value(.spaceReclaimed)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(containersDeleted, .containersDeleted)
        try fields.put(spaceReclaimed, .spaceReclaimed)
    }
}

/// A file in a container, as the X-Docker-Container-Path-Stat header carries it (base64 of its JSON).
package struct PathStat: Codable, Sendable, Hashable {
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

    private enum CodingKeys: String, CodingKey {
        case name
        case size
        case mode
        case mtime
        case linkTarget
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.value(.name)
        size = try fields.value(.size)
        mode = try fields.value(.mode)
        mtime = try fields.value(.mtime)
        linkTarget = try fields.value(.linkTarget)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(name, .name)
        try fields.put(size, .size)
        try fields.put(mode, .mode)
        try fields.put(mtime, .mtime)
        try fields.put(linkTarget, .linkTarget)
    }
}

extension ContainerWaitError: GoZero { package static var zero: Self { Self() } }
extension ContainerWaitResponse: GoZero { package static var zero: Self { Self() } }
extension ContainerTopResponse: GoZero { package static var zero: Self { Self() } }
extension FilesystemChange: GoZero { package static var zero: Self { Self() } }
extension ContainersPruneReport: GoZero { package static var zero: Self { Self() } }
extension PathStat: GoZero { package static var zero: Self { Self() } }
