import Diagnostics
import DockerAPI
package import Layers
package import Linux
import Values

/// A path in a container as a client gives it: absolute, or from the root; a slash or `/.` at the end asks for the directory itself.
struct FilePath {
    private let given: String
    private let container: String
    /// Without `.` and `..`.
    let absolute: String
    /// Ends with a slash or `/.`: a link is followed.
    private let isDirectory: Bool

    init(_ path: String, container: String) {
        given = path
        self.container = container
        absolute = MountResolution.clean(path)
        isDirectory = path.hasSuffix("/") || path.hasSuffix("/.") || path == "."
    }

    /// The last part.
    var base: String { absolute.split(separator: "/").last.map(String.init) ?? "." }

    /// What the first member of an archive is called.
    var name: String {
        if given.hasSuffix("/.") || given == "." || absolute == "/" && given.hasSuffix("./") { return "." }
        return absolute == "/" ? "/" : base
    }

    private var parent: String { "/" + absolute.split(separator: "/").dropLast().joined(separator: "/") }

    private var missing: Fault { Fault(.notFound, "Could not find the file \(given) in container \(container)") }

    func openParent(in root: borrowing FileDescriptor) throws -> OpenFile { try open(parent, [.path, .directory], in: root) }

    /// The file itself; a link as a link unless `following`.
    func open(in root: borrowing FileDescriptor, following: Bool = false) throws -> OpenFile {
        if isDirectory || following || absolute == "/" { return try open(absolute, isDirectory ? [.path, .directory] : [.path], in: root) }
        let parent = try openParent(in: root)
        do throws(SyscallError) {
            return OpenFile(try parent.descriptor.open(base, [.path, .noFollow]))
        } catch { throw fault(error) }
    }

    private func open(_ path: String, _ flags: OpenFlags, in root: borrowing FileDescriptor) throws -> OpenFile {
        do throws(SyscallError) {
            return OpenFile(try root.open(path, flags, resolve: [.inRoot, .noMagicLinks]))
        } catch { throw fault(error) }
    }

    private func fault(_ error: SyscallError) -> Fault {
        if error.errno == .notDirectory, isDirectory, !given.hasSuffix(".") { return Fault(.invalid, "\(given): not a directory") }
        return error.errno == .noEntry || error.errno == .notDirectory ? missing : Fault(.invalid, "\(given)", cause: error)
    }

    /// What the header `X-Docker-Container-Path-Stat` tells.
    func status(in root: borrowing FileDescriptor) throws -> PathStat {
        let file = try open(in: root)
        let status = try file.descriptor.status()
        var result = PathStat(
            name: name, size: Int(clamping: status.size), mode: GoFileMode(status).value,
            mtime: Timestamp(seconds: status.modified.seconds, nanoseconds: status.modified.nanoseconds % 1_000_000_000))
        if status.kind == .symbolicLink { result.linkTarget = try linkTarget(in: root) }
        return result
    }

    /// Where the link ends, from the container's root; one that leads nowhere as it is written.
    private func linkTarget(in root: borrowing FileDescriptor) throws -> String {
        let written = try openParent(in: root).descriptor.readLink(base)
        let textual = MountResolution.clean(written.hasPrefix("/") ? written : "\(parent)/\(written)")
        // Nowhere, or out of reach.
        guard let end = try? root.open(absolute, [.path], resolve: [.inRoot, .noMagicLinks]) else { return textual }
        let here = try FileDescriptor.currentDirectory()
        let (whole, prefix) = (try here.readLink(end.procPath), try here.readLink(root.procPath))
        guard whole.hasPrefix(prefix), whole.hasPrefix("/") else { return textual }
        return "/" + whole.dropFirst(prefix.count).drop { $0 == "/" }
    }
}

/// The numbers that a container's user has, by its own files.
package enum FileOwner {
    package static func resolve(_ user: String, in root: borrowing FileDescriptor) throws -> TreeExtraction.Owner {
        let parts = user.split(separator: ":", maxSplits: 1).map(String.init)
        let name = parts.first ?? "0"
        let line = try lines("/etc/passwd", in: root).first { $0.first == name || ($0.count > 2 && $0[2] == name) }
        guard let number = line.flatMap({ $0.count > 3 ? UInt32($0[2]) : nil }) ?? UInt32(name) else {
            throw Fault(.invalid, "unable to find user \(name): no matching entries in passwd file")
        }
        guard parts.count > 1 else { return .fixed(user: number, group: line.flatMap { $0.count > 3 ? UInt32($0[3]) : nil } ?? 0) }
        let group = try lines("/etc/group", in: root).first { $0.first == parts[1] }.flatMap { $0.count > 2 ? UInt32($0[2]) : nil }
        guard let group = group ?? UInt32(parts[1]) else { throw Fault(.invalid, "unable to find group \(parts[1]): no matching entries in group file") }
        return .fixed(user: number, group: group)
    }

    private static func lines(_ path: String, in root: borrowing FileDescriptor) throws -> [[String]] {
        // Without the file there are only numbers.
        guard let file = try? root.open(path, [.readOnly, .nonBlocking], resolve: [.inRoot, .noMagicLinks]), try file.status().kind == .regular else { return [] }
        return String(decoding: try file.readToEnd(limit: 1 << 20), as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
