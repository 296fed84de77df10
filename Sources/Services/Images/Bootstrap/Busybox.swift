internal import Archive
internal import Diagnostics
internal import Layers
internal import Linux
internal import OCI
internal import Values

extension Images {
    /// The host's static busybox under all its names, and the few files that programs expect.
    func bootstrapBusybox(_ reference: Reference, _ progress: (String) -> Void) throws -> Digest {
        guard let binary = Self.staticBusybox() else {
            throw Fault(.unavailable, "no static busybox on this machine: install the package busybox-static")
        }
        progress("Taking \(binary.path) (\(binary.bytes.count) bytes)")
        let applets = try Self.applets(of: binary.path)
        progress("Linking \(applets.count) commands to it")
        let pending = try layers.unpackAsOwn(MemorySource(BusyboxTree(binary: binary.bytes, modified: binary.modified, applets: applets).tar()))
        let layer = try commit(pending, over: nil)
        var config = ImageConfig()
        config.cmd = ["sh"]
        config.env = [defaultPath]
        let document = ImageDocument(
            platform: .host, created: binary.modified, config: config, diffIDs: [layer.diffID],
            history: [.init(created: binary.modified, createdBy: "davit image bootstrap busybox", comment: "from busybox-static")])
        return try record(document, layers: [layer], name: reference)
    }

    private static func staticBusybox() -> (path: String, bytes: [UInt8], modified: Timestamp)? {
        for path in ["/bin/busybox", "/usr/bin/busybox", "/usr/local/bin/busybox"] {
            // One that cannot be read is as good as none; the next may do.
            guard let status = try? FileSystem.status(path), status.kind == .regular, let bytes = try? FileSystem.read(path, limit: 64 << 20),
                isStatic(bytes)
            else { continue }
            return (path, bytes, Timestamp(seconds: status.modified.seconds))
        }
        return nil
    }

    /// A 64-bit ELF without an interpreter among its program headers. See elf(5).
    private static func isStatic(_ bytes: [UInt8]) -> Bool {
        func number(_ offset: Int, _ count: Int) -> Int? {
            guard offset >= 0, offset + count <= bytes.count else { return nil }
            return (0..<count).reduce(0) { $0 | Int(truncatingIfNeeded: UInt64(bytes[offset + $1]) << (8 * UInt64($1))) }
        }
        guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]), let table = number(32, 4), let size = number(54, 2), let count = number(56, 2)
        else { return false }
        let interpreter = 3
        return !(0..<count).contains { number(table + $0 * size, 4) == interpreter }
    }

    /// Paths such as `bin/sh`, as the program itself tells them.
    private static func applets(of path: String) throws -> [String] {
        let output = try ProcessOutput(Spawn(path, ["busybox", "--list-full"]), name: "busybox")
        let text = String(decoding: try BlockReader().bytes(of: output, limit: 1 << 20), as: UTF8.self)
        try output.finish()
        return Set(text.split(separator: "\n").map(String.init)).filter(BusyboxTree.isApplet).sorted()
    }
}

/// The files of a busybox image.
struct BusyboxTree {
    var binary: [UInt8]
    /// The time of every file, so that the same binary gives the same layer.
    var modified: Timestamp
    /// Relative paths.
    var applets: [String]

    static let directories: [(String, UInt32)] = [
        ("bin", 0o755), ("dev", 0o755), ("etc", 0o755), ("home", 0o755), ("lib", 0o755), ("proc", 0o755), ("root", 0o700), ("run", 0o755),
        ("sbin", 0o755), ("sys", 0o755), ("tmp", 0o1777), ("usr", 0o755), ("usr/bin", 0o755), ("usr/sbin", 0o755), ("usr/local", 0o755),
        ("usr/local/bin", 0o755), ("usr/local/sbin", 0o755), ("var", 0o755), ("var/spool", 0o755), ("var/spool/mail", 0o755), ("var/www", 0o755),
        ("var/tmp", 0o1777), ("var/log", 0o755),
    ]

    static let files: [(String, UInt32, String)] = [
        (
            "etc/passwd", 0o644,
            """
            root:x:0:0:root:/root:/bin/sh
            daemon:x:1:1:daemon:/usr/sbin:/bin/false
            bin:x:2:2:bin:/bin:/bin/false
            sys:x:3:3:sys:/dev:/bin/false
            sync:x:4:100:sync:/bin:/bin/sync
            mail:x:8:8:mail:/var/spool/mail:/bin/false
            www-data:x:33:33:www-data:/var/www:/bin/false
            operator:x:37:37:Operator:/var:/bin/false
            nobody:x:65534:65534:nobody:/home:/bin/false

            """
        ),
        (
            "etc/group", 0o644,
            """
            root:x:0:
            daemon:x:1:
            bin:x:2:
            sys:x:3:
            adm:x:4:
            tty:x:5:
            disk:x:6:
            wheel:x:10:root
            mail:x:8:
            www-data:x:33:
            operator:x:37:
            users:x:100:
            nogroup:x:65534:

            """
        ),
        (
            "etc/shadow", 0o600,
            """
            root:*::0:::::
            daemon:*::0:::::
            bin:*::0:::::
            sys:*::0:::::
            sync:*::0:::::
            mail:*::0:::::
            www-data:*::0:::::
            operator:*::0:::::
            nobody:*::0:::::

            """
        ),
        ("etc/nsswitch.conf", 0o644, "passwd: files\ngroup: files\nhosts: files dns\n"),
    ]

    /// Only into the directories that there are, and not over the program itself.
    static func isApplet(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, !name.isEmpty, name != ".", name != "..", path != "bin/busybox" else { return false }
        return ["bin", "sbin", "usr/bin", "usr/sbin"].contains(parts.dropLast().joined(separator: "/"))
    }

    func tar() throws -> [UInt8] {
        let sink = MemorySink()
        let writer = TarWriter(sink)
        func entry(_ path: String, _ kind: TarEntry.Kind, _ permissions: UInt32) -> TarEntry {
            var entry = TarEntry(path, kind: kind, permissions: permissions)
            entry.modified = modified
            return entry
        }
        for (path, permissions) in Self.directories { try writer.append(entry(path, .directory, permissions)) }
        for (path, permissions, text) in Self.files { try writer.append(entry(path, .regular, permissions), data: Array(text.utf8)) }
        try writer.append(entry("bin/busybox", .regular, 0o755), data: binary)
        for applet in applets {
            var link = entry(applet, .hardLink, 0o755)
            link.linkTarget = Array("bin/busybox".utf8)
            try writer.append(link)
        }
        try writer.finish()
        return sink.bytes
    }
}
