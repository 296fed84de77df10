/// Go's `os.FileMode`, which is not the kernel's: https://pkg.go.dev/io/fs#FileMode. Docker's clients speak of files by it.
package struct GoFileMode {
    private static let directory = 1 << 31, symbolicLink = 1 << 27, device = 1 << 26, pipe = 1 << 25, socket = 1 << 24
    private static let setUser = 1 << 23, setGroup = 1 << 22, character = 1 << 21, sticky = 1 << 20

    package let value: Int

    package init(_ value: Int) { self.value = value }

    package init(_ status: FileStatus) {
        let mode = Int(status.permissions)
        let kind =
            switch status.kind {
            case .directory: Self.directory
            case .symbolicLink: Self.symbolicLink
            case .fifo: Self.pipe
            case .socket: Self.socket
            case .blockDevice: Self.device
            case .characterDevice: Self.device | Self.character
            default: 0
            }
        value = mode & 0o777 | kind | (mode & 0o4000 != 0 ? Self.setUser : 0) | (mode & 0o2000 != 0 ? Self.setGroup : 0) | (mode & 0o1000 != 0 ? Self.sticky : 0)
    }

    package var kind: FileStatus.Kind {
        if value & Self.directory != 0 { return .directory }
        if value & Self.symbolicLink != 0 { return .symbolicLink }
        if value & Self.pipe != 0 { return .fifo }
        if value & Self.socket != 0 { return .socket }
        if value & Self.device != 0 { return value & Self.character != 0 ? .characterDevice : .blockDevice }
        return .regular
    }

    /// As chmod(2) has them.
    package var permissions: UInt32 {
        UInt32(value & 0o777) | (value & Self.setUser != 0 ? 0o4000 : 0) | (value & Self.setGroup != 0 ? 0o2000 : 0) | (value & Self.sticky != 0 ? 0o1000 : 0)
    }
}
