internal import Archive
internal import ComposeFile
internal import DockerClient
internal import HTTPTransport
internal import Linux
internal import Values

/// Secrets and configs whose contents are not files of the host: they are copied into the container.
extension Deployment {
    func putFiles(of service: ComposeService, _ name: String, into container: String) async throws {
        for (kind, references, files) in [(FileKind.secret, service.secrets, project.secrets), (.config, service.configs, project.configs)] {
            for reference in references {
                guard let file = files[reference.source], FileKind.isCopied(reference, file, of: service) else { continue }
                let content = try content(file, kind)
                if service.readOnly {
                    throw ComposeFileError("cannot create \(kind) \"\(file.name)\" in read-only service \(name): `file` is the sole supported option")
                }
                let owns = !reference.uid.isEmpty || !reference.gid.isEmpty
                try await client.writePath(container, path: "/", .bytes(try archive(content, reference, kind)), copiesOwner: owns)
            }
        }
    }

    private static let sizeLimit = 16 << 20

    private func content(_ file: ComposeFileObject, _ kind: FileKind) throws -> [UInt8] {
        if !file.content.isEmpty { return Array(file.content.utf8) }
        if file.environment.isEmpty {
            do throws(SyscallError) { return try FileSystem.read(file.file, limit: Self.sizeLimit) } catch {
                throw ComposeFileError("\(kind) file \(file.file): \(error.errno)")
            }
        }
        guard let value = project.environment[file.environment] else {
            throw ComposeFileError("environment variable \"\(file.environment)\" required by \(kind) \"\(file.name)\" is not set")
        }
        return Array(value.utf8)
    }

    private func archive(_ data: [UInt8], _ reference: ComposeFileReference, _ kind: FileKind) throws -> [UInt8] {
        func number(_ text: String) throws -> UInt32 {
            if text.isEmpty { return 0 }
            guard let number = UInt32(text) else { throw ComposeFileError("strconv.Atoi: parsing \(text.debugDescription): invalid syntax") }
            return number
        }
        let mode = reference.mode.isEmpty ? 0o444 : UInt32(reference.mode, radix: 8) ?? 0o444
        var entry = TarEntry(String(kind.target(reference).drop { $0 == "/" }), permissions: mode & 0o7777, size: Int64(data.count))
        entry.user = try number(reference.uid)
        entry.group = try number(reference.gid)
        entry.modified = Timestamp.now
        let sink = MemorySink()
        let writer = TarWriter(sink)
        try writer.append(entry, data: data)
        try writer.finish()
        return sink.bytes
    }
}
