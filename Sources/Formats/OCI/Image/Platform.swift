/// What an image runs on. See image-spec, image-index.md, "platform"; the words are those of Go's GOOS and GOARCH.
package struct Platform: Sendable, Hashable, Codable, CustomStringConvertible {
    package var os: String
    package var architecture: String
    package var variant: String?
    package var osVersion: String?
    package var osFeatures: [String]?

    enum CodingKeys: String, CodingKey {
        case os, architecture, variant
        case osVersion = "os.version"
        case osFeatures = "os.features"
    }

    /// Takes the words as given; `normalised` brings them to their usual form.
    package init(os: String, architecture: String, variant: String? = nil) {
        self.os = os
        self.architecture = architecture
        self.variant = variant.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Reads `os`, `arch`, `os/arch` or `os/arch/variant`, as `--platform` takes it. What is missing is the host's.
    package init(_ text: String) throws(PlatformError) {
        var parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init), version: String?
        // Such as `windows(10.0.20348)`.
        if let open = parts.first?.firstIndex(of: "("), parts[0].hasSuffix(")"), open > parts[0].startIndex {
            let inside = parts[0][parts[0].index(after: open)...].dropLast()
            if inside.utf8.allSatisfy(Self.isSpecifierByte) { (parts[0], version) = (String(parts[0][..<open]), inside.isEmpty ? nil : String(inside)) }
        }
        guard (1...3).contains(parts.count), text.utf8.count <= 128 else {
            throw PlatformError(description: "\"\(text.prefix(128))\": cannot parse platform specifier: invalid argument")
        }
        // The words are containerd's, patterns included.
        for (place, part) in parts.enumerated() where part.isEmpty || !part.utf8.allSatisfy(Self.isSpecifierByte) {
            let reason =
                place == 0
                ? #"is an invalid OS component of "\#(text)": OSAndVersion specifier component must match "^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.-]*)\\))?$""#
                : #"is an invalid component of "\#(text)": platform specifier component must match "^[A-Za-z0-9_.-]+$""#
            throw PlatformError(description: "\"\(part)\" \(reason): invalid argument")
        }
        if parts.count == 1 {
            let word = parts[0].lowercased()
            if Self.systems.contains(Self.normalisedSystem(word)) {
                self = Platform(os: word, architecture: Self.host.architecture, variant: Self.host.variant).normalised
                osVersion = version
                return
            }
            let guess = Platform(os: Self.host.os, architecture: word).normalised
            guard Self.architectures.contains(guess.architecture) else {
                throw PlatformError(description: "\"\(text)\": unknown operating system or architecture: invalid argument")
            }
            self = guess
        } else {
            self = Platform(os: parts[0], architecture: parts[1], variant: parts.count == 3 ? parts[2] : nil).normalised
        }
        osVersion = version
    }

    /// How files of several platforms are kept apart: `linux_arm_v7`.
    package var directoryName: String { String(description.map { $0 == "/" ? "_" : $0 }) }

    /// The machine that this program was built for.
    package static var host: Platform {
        #if arch(x86_64)
            Platform(os: "linux", architecture: "amd64")
        #elseif arch(arm64)
            Platform(os: "linux", architecture: "arm64")
        #elseif arch(riscv64)
            Platform(os: "linux", architecture: "riscv64")
        #elseif arch(arm)
            Platform(os: "linux", architecture: "arm", variant: "v7")
        #else
            Platform(os: "linux", architecture: "unknown")
        #endif
    }

    /// The kernel's and Debian's words as Go's: `x86_64` → `amd64`, `aarch64` → `arm64`, `armhf` → `arm/v7`. A variant that is implied is dropped.
    package var normalised: Platform {
        var result = self
        result.os = Self.normalisedSystem(os.lowercased())
        var variant = (variant ?? "").lowercased()
        switch architecture.lowercased() {
        case "x86_64", "x86-64", "amd64":
            result.architecture = "amd64"
            if variant == "v1" { variant = "" }
        case "i386", "i486", "i586", "i686", "386":
            result.architecture = "386"
            variant = ""
        case "aarch64", "arm64":
            result.architecture = "arm64"
            if variant == "8" || variant == "v8" || variant == "v8.0" { variant = "" }
        case "armhf": (result.architecture, variant) = ("arm", "v7")
        case "armel": (result.architecture, variant) = ("arm", "v6")
        case "arm":
            result.architecture = "arm"
            if variant.isEmpty || variant == "7" { variant = "v7" }
            if variant == "5" || variant == "6" || variant == "8" { variant = "v\(variant)" }
        case let other: result.architecture = other
        }
        result.variant = variant.isEmpty ? nil : variant
        return result
    }

    /// Whether an image made for `self` runs where `wanted` is asked for: a 32-bit ARM of a lower version runs on a higher one.
    package func satisfies(_ wanted: Platform) -> Bool {
        let have = normalised, want = wanted.normalised
        guard have.os == want.os, have.architecture == want.architecture else { return false }
        if have.variant == want.variant { return true }
        switch have.architecture {
        case "arm": return (have.variant ?? "v7") <= (want.variant ?? "v7")
        case "amd64", "arm64": return have.variant == nil || want.variant == nil || (have.variant ?? "") <= (want.variant ?? "")
        default: return want.variant == nil
        }
    }

    /// The place of the platform that fits `wanted` best: the same one, or else the highest that runs there. Nil when none does.
    package static func best(of platforms: [Platform], for wanted: Platform) -> Int? {
        let wanted = wanted.normalised
        let fitting = platforms.enumerated().filter { $0.element.satisfies(wanted) }
        if let same = fitting.first(where: { $0.element.normalised.variant == wanted.variant }) { return same.offset }
        // Of equals the first, as Docker has it.
        return fitting.max { ($0.element.normalised.variant ?? "", -$0.offset) < ($1.element.normalised.variant ?? "", -$1.offset) }?.offset
    }

    /// `linux/arm/v7`.
    package var description: String { variant.map { "\(os)/\(architecture)/\($0)" } ?? "\(os)/\(architecture)" }

    /// Whether Go's list of systems has this one, and its list of architectures that.
    package var isKnown: Bool { Self.systems.contains(os) && Self.architectures.contains(architecture) }

    private static func normalisedSystem(_ word: String) -> String { word == "macos" ? "darwin" : word }

    private static let systems: Set<String> = [
        "aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "js", "linux", "netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows",
    ]
    private static let architectures: Set<String> = [
        "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64", "s390x", "sparc64", "wasm",
    ]

    private static func isSpecifierByte(_ byte: UInt8) -> Bool {
        (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || "_.-".utf8.contains(byte)
    }
}

/// Why a text names no platform.
package struct PlatformError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
}
