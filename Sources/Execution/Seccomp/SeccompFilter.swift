internal import CSeccomp
internal import Linux
internal import OCI
internal import Synchronization
internal import Values

/// A profile's program for the kernel, compiled once and kept in a directory.
package enum SeccompFilter {
    /// The path of a file with the raw instructions, eight bytes each, that `Credentials.loadSeccompFilter` takes; nil when the profile
    /// turns filtering off. The file is complete and checked, and stays as it is.
    ///
    /// Reading a kept filter takes well under 0.1 ms, compiling a new one a few ms. A file that is damaged, or that a crash left
    /// half-written, is made again. Safe from several processes at once: equal keys give equal bytes, put in place by rename.
    ///
    /// - Parameters:
    ///   - capabilities: the container's bounding set, as `CAP_…` names in any order.
    ///   - cacheDirectory: `StatePaths.seccompFilters`; made when missing, for its owner alone.
    /// - Throws: `SeccompError` for what is wrong with the profile, `SyscallError` for the directory.
    package static func path(profile: SeccompProfile, capabilities: [String], cacheDirectory: String) throws -> String? {
        try cached(profile, capabilities, cacheDirectory)?.path
    }

    /// The raw instructions themselves, kept in the same way.
    package static func bytes(profile: SeccompProfile, capabilities: [String], cacheDirectory: String) throws -> [UInt8]? {
        try cached(profile, capabilities, cacheDirectory)?.bytes
    }

    /// The raw instructions for any machine that libseccomp knows, compiled now.
    package static func compile(profile: SeccompProfile, capabilities: [String], host: SeccompHost) throws -> [UInt8]? {
        guard let filter = try profile.resolved(capabilities: capabilities, host: host) else { return nil }
        return sealed(try Compiler.program(filter, native: host.architecture))
    }

    private static func cached(
        _ profile: SeccompProfile, _ capabilities: [String], _ directory: String
    ) throws -> (path: String, bytes: [UInt8])? {
        let host = try SeccompHost.current()
        let path = "\(directory)/\(try key(profile, capabilities, host)).bpf"
        if let bytes = try kept(path) { return (path, bytes) }
        // One thread at a time: the others find its work done, and none renames what another is writing.
        return try compiling.withLock { _ -> (path: String, bytes: [UInt8])? in
            if let bytes = try kept(path) { return (path, bytes) }
            guard let bytes = try compile(profile: profile, capabilities: capabilities, host: host) else { return nil }
            if let slash = directory.lastIndex(of: "/"), slash > directory.startIndex {
                try FileSystem.makeDirectories(String(directory[..<slash]))
            }
            try FileSystem.makeDirectories(directory, mode: 0o700)
            try FileSystem.replace(path, with: bytes, mode: 0o600)
            return (path, bytes)
        }
    }

    private static let compiling = Mutex<Void>(())

    /// What an earlier call left; nil when there is nothing, or nothing sound.
    private static func kept(_ path: String) throws(SyscallError) -> [UInt8]? {
        do throws(SyscallError) {
            let bytes = try FileSystem.read(path, limit: Instruction.limit * Instruction.size)
            return isSealed(bytes) ? bytes : nil
        } catch  where error.errno == .noEntry || error.errno == .fileTooLarge { return nil }
    }

    /// Changes whenever equal input would give another program.
    private static let format = "davit seccomp 2"

    /// Names the program: everything that it depends on.
    private static func key(_ profile: SeccompProfile, _ capabilities: [String], _ host: SeccompHost) throws -> String {
        var hash = StableHash()
        hash.add(format)
        if let library = seccomp_version()?.pointee { hash.add("\(library.major).\(library.minor).\(library.micro)") }
        hash.add(host.release)
        hash.add(host.architecture.rawValue)
        for name in Set(capabilities).sorted() { hash.add(name) }
        switch profile {
        case .default:
            hash.add("default")
            DefaultProfile.add(to: &hash)
        case .json(let bytes):
            hash.add("json")
            hash.add(bytes)
        case .oci(let filter):
            hash.add("oci")
            hash.add(try Document.encode(filter))
        }
        return Hex.encode(withUnsafeBytes(of: hash.value.bigEndian, Array.init))
    }

    /// The checksum at a program's end, in instructions.
    static let checksumInstructions = 2

    /// Adds a checksum as the operands of two instructions that nothing reaches: so the file is the program and nothing else, and still
    /// tells damage, in one atomic write.
    private static func sealed(_ program: [UInt8]) -> [UInt8] {
        var bytes = program
        for word in checksum(program) { Instruction.return(word).append(to: &bytes) }
        return bytes
    }

    private static func isSealed(_ bytes: [UInt8]) -> Bool {
        let tail = checksumInstructions * Instruction.size
        guard bytes.count > tail, bytes.count % Instruction.size == 0 else { return false }
        return sealed(Array(bytes.dropLast(tail))) == bytes
    }

    private static func checksum(_ program: [UInt8]) -> [UInt32] {
        var hash = StableHash()
        hash.add(program)
        return [UInt32(truncatingIfNeeded: hash.value), UInt32(truncatingIfNeeded: hash.value >> 32)]
    }
}
