internal import Dockerfile
internal import Images
internal import OCI

/// The values of `ARG`s where an instruction stands: given by whoever builds, by defaults, or by the platforms.
struct BuildArguments: Sendable {
    /// Those that need not be declared, change no outcome, and appear in no history.
    private static let proxies = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"]

    private let given: [String: String?]
    /// What `ARG`s before the first `FROM` say, and the platforms.
    private var global: [String: String]
    /// Those declared in this stage, in order; without a value they are only allowed.
    private(set) var declared: [Argument] = []

    /// `target`: the stage to end with.
    init(_ given: [String: String?], platform: Platform, target: String = "default") {
        self.given = given
        global = Self.values(for: platform).merging(["TARGETSTAGE": target]) { $1 }
    }

    /// What is there by itself.
    static func values(for platform: Platform) -> [String: String] {
        var values: [String: String] = [:]
        for (prefix, platform) in [("TARGET", platform), ("BUILD", Platform.host)] {
            values["\(prefix)PLATFORM"] = "\(platform)"
            values["\(prefix)OS"] = platform.os
            values["\(prefix)ARCH"] = platform.architecture
            values["\(prefix)VARIANT"] = platform.variant ?? ""
        }
        return values
    }

    /// Whether an argument has a value whatever its default is.
    func isGiven(_ name: String) -> Bool { given[name] ?? nil != nil }

    /// An `ARG` before the first `FROM`.
    mutating func declareGlobal(_ argument: Argument) {
        if let value = (given[argument.name] ?? nil) ?? argument.value { global[argument.name] = value }
    }

    /// An `ARG` of a stage. Gives it with the value that it has.
    mutating func declare(_ argument: Argument) -> Argument {
        var argument = argument
        argument.value = (given[argument.name] ?? nil) ?? argument.value ?? global[argument.name] ?? self[argument.name]
        // One that is declared again stays where it was.
        if let place = declared.firstIndex(where: { $0.name == argument.name }) { declared[place] = argument } else { declared.append(argument) }
        return argument
    }

    subscript(_ name: String) -> String? { declared.last { $0.name == name }?.value }

    /// For a `FROM`.
    func global(_ name: String) -> String? { global[name] }

    /// `NAME=value` of those that a command sees and that its environment does not have.
    func environment(besides config: ImageConfig) -> [String] {
        declared.compactMap { argument in
            guard let value = argument.value, config.variable(argument.name) == nil else { return nil }
            return "\(argument.name)=\(value)"
        }
    }

    /// `NAME=value` of proxies that were given and are not declared; `asEither`: in upper and in lower case, as programs look for either.
    func proxies(besides config: ImageConfig, asEither: Bool) -> [String] {
        (Self.proxies + Self.proxies.map { $0.lowercased() }).compactMap { name in
            let other = !asEither ? name : name == name.lowercased() ? name.uppercased() : name.lowercased()
            guard let value = given[name] ?? given[other] ?? nil, self[name] == nil, config.variable(name) == nil else { return nil }
            return "\(name)=\(value)"
        }
    }

    /// Names that were given and that nothing declares.
    func unused(_ consumed: Set<String>) -> [String] {
        let free = Set(Self.proxies + Self.proxies.map { $0.lowercased() } + ["SOURCE_DATE_EPOCH"])
        return given.keys.filter { !consumed.contains($0) && !free.contains($0) && !$0.hasPrefix("BUILDKIT_") && global[$0] == nil }.sorted()
    }
}
