import Linux

/// A container's terminal, for who wants to have it.
enum Console {
    /// Sends it to a unix socket, as runc's terminals document has it: one message with the terminal's name.
    static func hand(_ terminal: inout FileDescriptor?, to path: String) throws {
        guard let terminal = terminal.take() else { throw RuntimeFault("the container has no terminal") }
        try hand(terminal, named: "/dev/ptmx", to: path)
    }

    /// The same of any descriptor.
    static func hand(_ file: borrowing FileDescriptor, named name: String, to path: String) throws {
        do throws(SyscallError) {
            try UnixSocket.connect(path: path).send(Array(name.utf8), passing: file)
        } catch { throw RuntimeFault("unable to send \(name) to \(path): \(error)") }
    }
}
