import Linux
import OCI

/// Opens a terminal inside the container, makes it stdio, and sends the owner's end to the parent.
func openTerminal(_ size: ConsoleSize?, channel: borrowing FileDescriptor, isInit: Bool, keepsLines: Bool) throws(RuntimeError) {
    try at("open terminal") { () throws(SyscallError) in
        let primary = try PseudoTerminal.open("/dev/pts/ptmx")
        if let size, size.height > 0, size.width > 0 { try PseudoTerminal.resize(primary, rows: size.height, columns: size.width) }
        let terminal = try PseudoTerminal.peer(primary)
        if keepsLines { try PseudoTerminal.keepLines(primary) }
        if isInit {
            // /dev/console is this terminal, as programs such as systemd expect.
            let dev = try FileDescriptor.open("/dev", [.path, .directory])
            do throws(SyscallError) {
                _ = try dev.open("console", [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
            } catch  where error.errno == .exists {}
            // By descriptors: names below a /dev that is somebody's volume may lead elsewhere meanwhile, CVE-2025-52565.
            try Mounts.attach(try Mounts.cloneDetached(terminal), on: try dev.open("console", [.path, .noFollow]))
        }
        try channel.send([ChildMessage.terminal.rawValue], passing: primary)
        try StandardStreams.install(terminal: terminal)
    }
}
