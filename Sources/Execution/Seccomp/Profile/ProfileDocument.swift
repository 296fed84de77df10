internal import OCI

/// A profile as Docker reads it: the runtime spec's filter, with rules that hold only for some capabilities, architectures and kernels.
/// https://docs.docker.com/engine/security/seccomp/
struct ProfileDocument: Decodable, Sendable {
    var defaultAction: String?
    var defaultErrnoRet: UInt32?
    /// Taken as they are; or else `archMap`.
    var architectures: [String]?
    /// Which further architectures each machine also serves.
    var archMap: [ArchitectureMap]?
    var flags: [String]?
    var syscalls: [Rule]?

    /// A machine's own architecture and those that its kernel runs beside.
    struct ArchitectureMap: Decodable, Sendable {
        var architecture: String
        var subArchitectures: [String]?
    }

    /// What becomes of some calls, and when.
    struct Rule: Decodable, Sendable {
        /// The form before `names`.
        var name: String?
        var names: [String]?
        var action: String?
        var errnoRet: UInt32?
        var args: [Argument]?
        var includes: Condition?
        var excludes: Condition?
    }

    /// A condition on an argument. What is left out is 0, as in Go.
    struct Argument: Decodable, Sendable {
        var index: UInt32?
        var value: UInt64?
        var valueTwo: UInt64?
        var op: String?
    }

    /// Where a rule applies (`includes`) or does not (`excludes`).
    struct Condition: Decodable, Sendable {
        var caps: [String]?
        var arches: [String]?
        /// `4.8`.
        var minKernel: String?
    }

    /// The largest profile that we read, in bytes; Docker's own has 15 thousand.
    static let byteLimit = 1 << 20
}

extension ProfileDocument {
    init(json: [UInt8]) throws(SeccompError) {
        do { self = try Document.decode(from: json, what: "seccomp profile", limit: Self.byteLimit) } catch {
            throw SeccompError("Decoding seccomp profile failed: \(error.reason)")
        }
    }

    /// Decides the conditions. Every rule is checked, also those that do not apply here, so that a profile is good everywhere or nowhere.
    func resolved(capabilities: [String], host: SeccompHost) throws(SeccompError) -> LinuxSeccomp? {
        let rules = syscalls ?? []
        if defaultAction ?? "" == "", rules.isEmpty { return nil }
        var result = LinuxSeccomp(
            defaultAction: defaultAction ?? "", defaultErrnoRet: defaultErrnoRet, architectures: try resolvedArchitectures(host),
            flags: flags)
        let granted = Set(capabilities)
        var syscalls: [LinuxSyscall] = []
        for rule in rules {
            let call = try rule.call
            let excluded = try rule.excludes?.matchesAny(granted, host) ?? false
            let included = try rule.includes?.matchesAll(granted, host) ?? true
            if included, !excluded { syscalls.append(call) }
        }
        result.syscalls = syscalls
        return result
    }

    private func resolvedArchitectures(_ host: SeccompHost) throws(SeccompError) -> [String]? {
        let listed = architectures ?? [], maps = archMap ?? []
        if !listed.isEmpty, !maps.isEmpty {
            throw SeccompError(
                "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'")
        }
        for name in listed { _ = try SeccompArchitecture(name: name) }
        for map in maps {
            for name in [map.architecture] + (map.subArchitectures ?? []) { _ = try SeccompArchitecture(name: name) }
        }
        if !listed.isEmpty { return listed }
        guard let map = maps.first(where: { $0.architecture == host.architecture.rawValue }) else { return nil }
        return [map.architecture] + (map.subArchitectures ?? [])
    }
}

extension ProfileDocument.Rule {
    /// The runtime spec's form, checked.
    fileprivate var call: LinuxSyscall {
        get throws(SeccompError) {
            if let name, !name.isEmpty, !(names ?? []).isEmpty {
                throw SeccompError("both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'")
            }
            let names = (names ?? []) + (name.map { $0.isEmpty ? [] : [$0] } ?? [])
            let arguments = (args ?? []).map {
                LinuxSeccompArgument(index: $0.index ?? 0, value: $0.value ?? 0, valueTwo: $0.valueTwo, op: $0.op ?? "")
            }
            let call = LinuxSyscall(names: names, action: action ?? "", errnoRet: errnoRet, args: arguments.isEmpty ? nil : arguments)
            _ = try FilterRule(call)
            return call
        }
    }
}

extension ProfileDocument.Condition {
    /// `includes`: everything asked for is there.
    fileprivate func matchesAll(_ granted: Set<String>, _ host: SeccompHost) throws(SeccompError) -> Bool {
        let kernel = try leastKernel
        let architectures = arches ?? []
        return (caps ?? []).allSatisfy(granted.contains)
            && (architectures.isEmpty || architectures.contains(host.architecture.conditionName))
            && kernel.map { host.kernel >= $0 } ?? true
    }

    /// `excludes`: any of it is there.
    fileprivate func matchesAny(_ granted: Set<String>, _ host: SeccompHost) throws(SeccompError) -> Bool {
        let kernel = try leastKernel
        return (caps ?? []).contains(where: granted.contains) || (arches ?? []).contains(host.architecture.conditionName)
            || kernel.map { host.kernel >= $0 } ?? false
    }

    private var leastKernel: KernelVersion? {
        get throws(SeccompError) {
            guard let minKernel, !minKernel.isEmpty else { return nil }
            guard let version = KernelVersion(exactly: minKernel) else {
                throw SeccompError("invalid kernel version: \(minKernel), expected \"<kernel>.<major>\"")
            }
            return version
        }
    }
}
