package import Linux

/// Files for 0, 1 and 2 of a process in a container.
package struct StandardStreams: ~Copyable {
    package var input: FileDescriptor
    package var output: FileDescriptor
    package var error: FileDescriptor

    package init(input: consuming FileDescriptor, output: consuming FileDescriptor, error: consuming FileDescriptor) {
        self.input = input
        self.output = output
        self.error = error
    }

    /// Puts them in place in this process.
    func install() throws(SyscallError) {
        try Process.place(input, as: 0)
        try Process.place(output, as: 1)
        try Process.place(error, as: 2)
    }

    /// Makes the terminal all three, and the controlling one of a new session.
    static func install(terminal: borrowing FileDescriptor) throws(SyscallError) {
        try PseudoTerminal.takeControl(terminal)
        try Process.place(terminal, as: 0)
        try Process.place(terminal, as: 1)
        try Process.place(terminal, as: 2)
    }

    static func changeOwner(of number: CInt, user: UInt32) throws(SyscallError) {
        try FileDescriptor.lending(number) { file throws(SyscallError) in
            let status = try file.status()
            // The null device is everybody's; a file that is the user's already may be on a read-only file system.
            if status.deviceNumber == DeviceNumber(major: 1, minor: 3) || status.user == user { return }
            try file.changeOwner(user: user, group: status.group)
        }
    }

    /// To the process's own stderr, which nobody checks.
    static func say(_ text: String) {
        // The process is about to end and has nowhere else to say it.
        try? FileDescriptor.lending(2) { file throws(SyscallError) in try file.writeAll(Array(text.utf8)) }
    }
}

/// Streams for several to hold.
final class HeldStreams {
    let streams: StandardStreams

    init?(_ streams: consuming StandardStreams?) {
        guard let streams else { return nil }
        self.streams = streams
    }
}
