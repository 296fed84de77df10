internal import CLinux

/// termios(3) of a terminal of this process, by its number: standard input and output are not owned by anyone here.
package struct TerminalMode: Sendable {
    private let number: CInt
    private var settings: termios

    /// isatty(3).
    package static func isTerminal(_ number: CInt) -> Bool { isatty(number) == 1 }

    /// Rows and columns of the terminal open as `number`; nil when it is none, or does not know.
    package static func size(_ number: CInt) -> (rows: UInt16, columns: UInt16)? {
        var size = winsize()
        guard clinux_ioctl(number, CLINUX_TIOCGWINSZ, &size) == 0, size.ws_row > 0, size.ws_col > 0 else { return nil }
        return (size.ws_row, size.ws_col)
    }

    /// The settings as they are now.
    package init(of number: CInt) throws(SyscallError) {
        self.number = number
        settings = termios()
        if tcgetattr(number, &settings) != 0 { throw SyscallError("tcgetattr", "fd \(number)") }
    }

    /// cfmakeraw(3), except that output is still processed when `keepsOutput`.
    package func makeRaw(keepsOutput: Bool = false) throws(SyscallError) {
        var raw = settings
        cfmakeraw(&raw)
        if keepsOutput { raw.c_oflag = settings.c_oflag }
        if tcsetattr(number, TCSANOW, &raw) != 0 { throw SyscallError("tcsetattr", "fd \(number)") }
    }

    /// Stops showing what is typed; what was typed before is forgotten.
    package func hideInput() throws(SyscallError) {
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        silent.c_lflag |= tcflag_t(ICANON | ISIG)
        silent.c_iflag |= tcflag_t(ICRNL)
        if tcsetattr(number, TCSAFLUSH, &silent) != 0 { throw SyscallError("tcsetattr", "fd \(number)") }
    }

    /// Puts the settings back, once what was written is out.
    package func restore() throws(SyscallError) {
        var settings = settings
        if tcsetattr(number, TCSADRAIN, &settings) != 0 { throw SyscallError("tcsetattr", "fd \(number)") }
    }
}
