internal import Arguments
internal import Linux

extension Root {
    static func importContext() -> AnyCommand {
        AnyCommand(
            "import", "Import a context from a tar file", usage: "CONTEXT FILE|-", arity: .exactly(2), subject: .files,
            action: { session in
                let name = session.arguments[0], path = session.arguments[1], contexts = try Contexts(session)
                try contexts.checkNew(name)
                let bytes: [UInt8]
                do throws(SyscallError) {
                    bytes = try path == "-" ? FileDescriptor.standard(0).readToEnd(limit: EngineContext.limit) : FileSystem.read(path, limit: EngineContext.limit)
                } catch {
                    if error.errno == .fileTooLarge { throw Invalid("read exceeds the defined limit") }
                    throw error
                }
                let archive = try ContextArchive(parsing: bytes, name: name)
                try contexts.store.write(archive.context, archive.material)
                session.print(name)
                session.warn("Successfully imported context \(Syntax.quoted(name))")
                return 0
            })
    }
}
