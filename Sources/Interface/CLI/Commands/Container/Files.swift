internal import Arguments
internal import AsyncIO
internal import Content
internal import DockerAPI
internal import DockerClient
internal import HTTPTransport
internal import Layers
internal import Linux
internal import Templates
internal import Terminal
internal import Values

// Commands about what a container has in it: files, processes, ports.
extension Root {
    static func diff() -> AnyCommand {
        AnyCommand(
            "diff", synonyms: ["container diff", "diff"], "Inspect changes to files or directories on a container's filesystem",
            usage: "CONTAINER", arity: .exactly(1), subject: .containers,
            action: { session in
                let changes = try await session.client().changes(session.arguments[0])
                Console.output(changes.map { "\($0.kind.letter) \($0.path)\n" }.joined())
                return 0
            })
    }

    static func export() -> AnyCommand {
        AnyCommand(
            "export", synonyms: ["container export", "export"], "Export a container's filesystem as a tar archive", usage: "[OPTIONS] CONTAINER",
            arity: .exactly(1), subject: .containers, flags: { [.value("output", short: "o", "Write to a file, instead of STDOUT")] },
            action: { session in
                let path = try ArchiveOutput.check(session.flags.string("output"), "export")
                try await ArchiveOutput.write(try await session.client().exportContainer(session.arguments[0]), to: path)
                return 0
            })
    }

    static func commit() -> AnyCommand {
        AnyCommand(
            "commit", synonyms: ["container commit", "commit"], "Create a new image from a container's changes",
            usage: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]", arity: .between(1, 2), subject: .containers,
            flags: {
                [
                    .value("author", short: "a", "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")"),
                    .list("change", short: "c", "Apply a Dockerfile instruction to the image"), .value("message", short: "m", "Commit message"),
                    .bool("no-pause", "Do not pause the container meanwhile"),
                    .bool("pause", short: "p", default: true, "Pause the container meanwhile (deprecated: use --no-pause)").hidden(),
                ]
            },
            action: { session in
                let flags = session.flags
                let (repository, tag) = try ImageNames.split(session.arguments.count > 1 ? session.arguments[1] : "")
                let id = try await session.client().commit(
                    session.arguments[0], repository: repository, tag: tag, comment: flags.optional("message"), author: flags.optional("author"),
                    pause: flags.bool("pause") && !flags.bool("no-pause"), changes: flags.list("change"))
                session.print(id)
                return 0
            })
    }

    static func top() -> AnyCommand {
        AnyCommand(
            "top", synonyms: ["container top", "top"], "Display the running processes of a container", usage: "CONTAINER [ps OPTIONS]",
            arity: .atLeast(1), interspersed: false, subject: .runningContainers,
            action: { session in
                let options = session.arguments.dropFirst().joined(separator: " ")
                let result = try await session.client().top(session.arguments[0], psArguments: options.isEmpty ? nil : options)
                let lines = ([result.titles] + result.processes).map { $0.joined(separator: "\t") + "\n" }
                Console.output(Table.aligned(lines.joined(), minimumWidth: 20))
                return 0
            })
    }

    static func port() -> AnyCommand {
        AnyCommand(
            "port", synonyms: ["container port", "port"], "List port mappings or a specific mapping for the container",
            usage: "CONTAINER [PRIVATE_PORT[/PROTO]]", arity: .between(1, 2), subject: .containers,
            action: { session in
                let name = session.arguments[0]
                let ports = try await session.client().inspectContainer(name).networkSettings.ports
                func address(_ binding: PortBinding) -> String { Ports.joined(binding.hostIp, binding.hostPort) }
                var lines: [String] = []
                if session.arguments.count > 1 {
                    let wanted = session.arguments[1]
                    let (port, transport) = wanted.cut("/") ?? (wanted, "")
                    guard UInt16(port) != nil else {
                        let isNumber = !port.isEmpty && port.utf8.allSatisfy { (48...57).contains($0) }
                        let problem = isNumber ? "value out of range" : "invalid syntax"
                        throw Invalid("Error: invalid port (\(port)): strconv.ParseUint: parsing \(Syntax.quoted(port)): \(problem)")
                    }
                    lines = (ports["\(port)/\(transport.isEmpty ? "tcp" : transport)"] ?? nil)?.map(address) ?? []
                    if lines.isEmpty { throw Invalid("Error: No public port '\(wanted)' published for \(name)") }
                } else {
                    for (port, bindings) in ports { lines += (bindings ?? []).map { "\(port) -> \(address($0))" } }
                }
                for line in Ports.naturallySorted(lines) { session.print(line) }
                return 0
            })
    }
}

/// Where archives go: a file, or standard output when that is no terminal.
enum ArchiveOutput {
    static func check(_ path: String, _ command: String) throws -> String {
        if path.isEmpty, TerminalDevice.outputIsTerminal {
            throw Invalid("cowardly refusing to save to a terminal. Use the -o flag or redirect")
        }
        if !path.isEmpty, let status = try FileSystem.status(path), status.kind == .directory {
            throw Invalid("failed to \(command): invalid output path: \"\(path)\" must not be a directory")
        }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex, !FileSystem.exists(String(path[..<slash])) {
            throw Invalid("failed to \(command): invalid output path: stat \(path[..<slash]): no such file or directory")
        }
        return path
    }

    /// The file appears under its name when it is whole.
    static func write(_ response: Response, to path: String) async throws {
        guard !path.isEmpty else {
            let output = try AsyncConnection.standard(1)
            return try await response.forEachPiece { try await output.writeAll($0) }
        }
        let partial = path + ".partial"
        let file = DescriptorBox(try FileDescriptor.open(partial, [.writeOnly, .create, .truncate]))
        let output = try AsyncConnection(inherited: file.take())
        do {
            try await response.forEachPiece { try await output.writeAll($0) }
            output.close()
            try FileSystem.rename(partial, to: path)
        } catch {
            _ = try? FileSystem.removeFile(partial)  // The first error is the one to tell.
            throw error
        }
    }

    /// Unpacks an archive in a directory, the files owned by whoever does that.
    static func unpack(_ response: Response, into directory: String) async throws {
        let file = OpenFile(try FileDescriptor.open(directory, [.readWrite, .temporary], mode: 0o600))
        try await response.forEachPiece { bytes in try await AsyncIO.offload { try file.descriptor.writeAll(bytes) } }
        try await AsyncIO.offload {
            let archive = FileSource(try FileDescriptor.open(file.descriptor.procPath))
            try TreeExtraction(owner: .caller, keepsKinds: false).run(archive, in: FileDescriptor.open(directory, [.directory]))
        }
    }

    /// A file, or standard input for `-` and the empty path.
    static func source(_ path: String) throws -> RequestBody {
        if path.isEmpty || path == "-" { return RequestBody(reading: try AsyncConnection.standard(0)) }
        do throws(SyscallError) {
            return RequestBody(reading: try AsyncConnection(inherited: FileDescriptor.open(path)))
        } catch { throw Invalid("open \(path): \(error.errno)") }
    }
}
