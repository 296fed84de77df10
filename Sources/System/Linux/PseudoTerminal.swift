internal import CLinux

/// pty(7): the two ends and their size.
package enum PseudoTerminal {
    /// Opens a new pair through the `ptmx` of a devpts instance, such as `/dev/pts/ptmx`: the terminal's owner's end.
    package static func open(_ ptmx: String) throws(SyscallError) -> FileDescriptor {
        let primary = try FileDescriptor.open(ptmx, [.readWrite, .noControllingTerminal])
        var unlocked: CInt = 0
        let number = primary.rawValue
        if clinux_ioctl(number, CLINUX_TIOCSPTLCK, &unlocked) != 0 { throw SyscallError("ioctl", "TIOCSPTLCK") }
        return primary
    }

    /// ioctl_tty(2) `TIOCGPTPEER`: the programs' end, without going by a name that may mean something else here.
    package static func peer(_ primary: borrowing FileDescriptor) throws(SyscallError) -> FileDescriptor {
        let number = clinux_ioctl_int(primary.rawValue, CLINUX_TIOCGPTPEER, Int(O_RDWR | O_NOCTTY | O_CLOEXEC))
        if number < 0 { throw SyscallError("ioctl", "TIOCGPTPEER") }
        return FileDescriptor(owning: number)
    }

    /// termios(3) without `ONLCR`: lines come out as the programs end them, for who reads them from a pipe.
    package static func keepLines(_ terminal: borrowing FileDescriptor) throws(SyscallError) {
        var settings = termios()
        if tcgetattr(terminal.rawValue, &settings) != 0 { throw SyscallError("tcgetattr", "pty") }
        settings.c_oflag &= ~tcflag_t(ONLCR)
        if tcsetattr(terminal.rawValue, TCSANOW, &settings) != 0 { throw SyscallError("tcsetattr", "pty") }
    }

    /// Makes the terminal the controlling one of this process, which must lead a session.
    package static func takeControl(_ terminal: borrowing FileDescriptor) throws(SyscallError) {
        if clinux_ioctl_int(terminal.rawValue, CLINUX_TIOCSCTTY, 0) != 0 { throw SyscallError("ioctl", "TIOCSCTTY") }
    }

    /// Rows and columns.
    package static func size(_ terminal: borrowing FileDescriptor) throws(SyscallError) -> (rows: UInt16, columns: UInt16) {
        var size = winsize()
        if clinux_ioctl(terminal.rawValue, CLINUX_TIOCGWINSZ, &size) != 0 { throw SyscallError("ioctl", "TIOCGWINSZ") }
        return (size.ws_row, size.ws_col)
    }

    /// Changes the size; the foreground programs get SIGWINCH.
    package static func resize(_ terminal: borrowing FileDescriptor, rows: UInt16, columns: UInt16) throws(SyscallError) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        if clinux_ioctl(terminal.rawValue, CLINUX_TIOCSWINSZ, &size) != 0 { throw SyscallError("ioctl", "TIOCSWINSZ") }
    }
}
