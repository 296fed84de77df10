internal import CLinux

/// environ(7) of this process, which nothing here changes.
package enum Environment {
    /// The value of a variable; nil when it is not set.
    package static func value(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }

    /// Every `NAME=value`.
    package static var all: [String] {
        var entries: [String] = []
        var next = clinux_environ()
        while let entry = next?.pointee {
            entries.append(String(cString: entry))
            next = next?.advanced(by: 1)
        }
        return entries
    }
}

/// Standard output and error, for short texts.
package enum StandardStream {
    /// write(2) of everything to descriptor `number`, which stays open. Blocks as the descriptor does.
    package static func write(_ bytes: [UInt8], to number: CInt) throws(SyscallError) {
        let file = FileDescriptor(owning: number)
        do throws(SyscallError) {
            try file.writeAll(bytes)
        } catch {
            _ = file.release()
            throw error
        }
        _ = file.release()
    }
}

extension FileSystem {
    /// getcwd(3).
    package static func workingDirectory() throws(SyscallError) -> String {
        guard let path = getcwd(nil, 0) else { throw SyscallError("getcwd") }
        defer { free(path) }
        return String(cString: path)
    }
}
