/// What a container of an image runs with, unless told otherwise: the `config` object of an image document.
/// See image-spec, config.md, and for the fields that only Docker knows its image specification v1.3.
package struct ImageConfig: Sendable, Hashable, Codable {
    package var hostname: String?
    package var domainname: String?
    package var user: String?
    package var attachStdin: Bool?
    package var attachStdout: Bool?
    package var attachStderr: Bool?
    package var tty: Bool?
    package var openStdin: Bool?
    package var stdinOnce: Bool?
    /// Ports such as `80/tcp`.
    package var exposedPorts: KeySet?
    /// `NAME=value`, in order.
    package var env: [String]?
    package var entrypoint: [String]?
    package var cmd: [String]?
    package var healthcheck: HealthConfig?
    /// Windows only; kept so that images pass through unchanged.
    package var argsEscaped: Bool?
    package var image: String?
    /// Paths where anonymous volumes go.
    package var volumes: KeySet?
    package var workingDir: String?
    package var networkDisabled: Bool?
    package var macAddress: String?
    package var onBuild: [String]?
    package var labels: [String: String]?
    package var stopSignal: String?
    package var stopTimeout: Int?
    /// What shell-form commands run in.
    package var shell: [String]?

    enum CodingKeys: String, CodingKey {
        case hostname = "Hostname"
        case domainname = "Domainname"
        case user = "User"
        case attachStdin = "AttachStdin"
        case attachStdout = "AttachStdout"
        case attachStderr = "AttachStderr"
        case tty = "Tty"
        case openStdin = "OpenStdin"
        case stdinOnce = "StdinOnce"
        case exposedPorts = "ExposedPorts"
        case env = "Env"
        case entrypoint = "Entrypoint"
        case cmd = "Cmd"
        case healthcheck = "Healthcheck"
        case argsEscaped = "ArgsEscaped"
        case image = "Image"
        case volumes = "Volumes"
        case workingDir = "WorkingDir"
        case networkDisabled = "NetworkDisabled"
        case macAddress = "MacAddress"
        case onBuild = "OnBuild"
        case labels = "Labels"
        case stopSignal = "StopSignal"
        case stopTimeout = "StopTimeout"
        case shell = "Shell"
    }

    package init() {}
}

/// How Docker finds out whether a container is well. Durations in nanoseconds; 0 means inherit or default.
package struct HealthConfig: Sendable, Hashable, Codable {
    /// Empty: inherit. `NONE`: off. `CMD` and arguments, or `CMD-SHELL` and one command line.
    package var test: [String]?
    package var interval: Int64?
    package var timeout: Int64?
    package var startPeriod: Int64?
    package var startInterval: Int64?
    package var retries: Int?

    enum CodingKeys: String, CodingKey {
        case test = "Test"
        case interval = "Interval"
        case timeout = "Timeout"
        case startPeriod = "StartPeriod"
        case startInterval = "StartInterval"
        case retries = "Retries"
    }

    package init(test: [String]? = nil) { self.test = test }
}

/// A set of words that JSON carries as the keys of an object whose values are empty: `{"80/tcp":{}}`.
package struct KeySet: Sendable, Hashable, Codable, ExpressibleByArrayLiteral {
    package var words: Set<String>

    package init(_ words: some Sequence<String> = []) { self.words = Set(words) }
    package init(arrayLiteral elements: String...) { words = Set(elements) }

    /// In byte order, for output that does not change from run to run.
    package var sorted: [String] { words.sorted() }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
    private struct Empty: Codable {}

    package init(from decoder: any Decoder) throws {
        words = Set(try decoder.container(keyedBy: Key.self).allKeys.map(\.stringValue))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for word in sorted { try container.encode(Empty(), forKey: Key(stringValue: word)) }
    }
}
