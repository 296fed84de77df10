internal import CLinux

// xattr(7). Those of a name in a directory go through /proc/self/fd, as there are no *at calls before Linux 6.13.
extension FileDescriptor {
    /// fsetxattr(2) on this file, which must not be an `O_PATH` handle.
    package borrowing func setExtendedAttribute(_ name: PathBytes, to value: [UInt8]) throws(SyscallError) {
        let number = rawValue
        _ = try retrying("setxattr", name.description) { name.withPointer { fsetxattr(number, $0, value, value.count, 0) } }
    }

    /// lsetxattr(2) on a single name in this directory.
    package borrowing func setExtendedAttribute(_ name: PathBytes, to value: [UInt8], of file: PathBytes) throws(SyscallError) {
        let path = procPath(file)
        _ = try retrying("setxattr", "\(file): \(name)") { path.withPointer { path in name.withPointer { lsetxattr(path, $0, value, value.count, 0) } } }
    }

    /// llistxattr(2) and lgetxattr(2) of a single name in this directory, sorted; empty where the file system has none.
    /// An attribute that vanishes between the two calls is left out.
    package borrowing func extendedAttributes(of file: PathBytes) throws(SyscallError) -> [(name: PathBytes, value: [UInt8])] {
        let path = procPath(file)
        var buffer = [CChar](repeating: 0, count: 1024)
        var length: Int
        while true {
            do throws(SyscallError) {
                length = try retrying("listxattr", file.description) { path.withPointer { llistxattr($0, &buffer, buffer.count) } }
                break
            } catch  where error.errno.rawValue == ERANGE && buffer.count < 65536 {
                buffer = [CChar](repeating: 0, count: 65536)
            } catch  where error.errno == .notSupported { return [] }
        }
        var result: [(PathBytes, [UInt8])] = []
        for part in buffer[..<length].split(separator: 0) {
            guard let name = PathBytes(part.map { UInt8(bitPattern: $0) }) else { continue }
            if let value = try extendedAttribute(name, of: file) { result.append((name, value)) }
        }
        return result.sorted { $0.0 < $1.0 }
    }

    /// lgetxattr(2) of a single name in this directory (`.` for the directory itself); nil when it has no such attribute.
    package borrowing func extendedAttribute(_ name: PathBytes, of file: PathBytes) throws(SyscallError) -> [UInt8]? {
        let path = procPath(file)
        var buffer = [UInt8](repeating: 0, count: 256)
        while true {
            do throws(SyscallError) {
                let count = try retrying("getxattr", "\(file): \(name)") {
                    path.withPointer { path in name.withPointer { lgetxattr(path, $0, &buffer, buffer.count) } }
                }
                return Array(buffer[..<count])
            } catch  where error.errno.rawValue == ERANGE && buffer.count < 65536 {
                buffer = [UInt8](repeating: 0, count: 65536)
            } catch  where error.errno == .noData || error.errno == .notSupported { return nil }
        }
    }

    private borrowing func procPath(_ name: PathBytes) -> PathBytes {
        PathBytes("/proc/self/fd/\(rawValue)/".utf8 + name.bytes) ?? name
    }
}
