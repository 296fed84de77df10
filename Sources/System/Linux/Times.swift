internal import CLinux
package import Values

// Setting modification times, utimensat(2). The access time is set to the same, so that unpacked trees do not depend on when they were read.
extension FileDescriptor {
    private static func pair(_ time: Timestamp) -> [timespec] {
        let seconds = time.seconds
        let value = timespec(tv_sec: Int(seconds), tv_nsec: Int(time.nanoseconds - seconds * 1_000_000_000))
        return [value, value]
    }

    /// futimens(3) of this file.
    package borrowing func setTimes(_ time: Timestamp) throws(SyscallError) {
        let number = rawValue
        let times = Self.pair(time)
        _ = try retrying("futimens", "fd \(number)") { futimens(number, times) }
    }

    /// utimensat(2) of the name itself, not of what a symbolic link names.
    package borrowing func setTimes(of path: PathBytes, _ time: Timestamp) throws(SyscallError) {
        let number = rawValue
        let times = Self.pair(time)
        _ = try retrying("utimensat", path.description) { path.withPointer { utimensat(number, $0, times, AT_SYMLINK_NOFOLLOW) } }
    }

    /// ftruncate(2).
    package borrowing func setSize(_ size: Int64) throws(SyscallError) {
        let number = rawValue
        _ = try retrying("ftruncate", "fd \(number)") { ftruncate(number, off_t(size)) }
    }

    /// Writes every byte from `offset` on, by pwrite(2).
    package borrowing func writeAll(_ buffer: UnsafeRawBufferPointer, at offset: Int64) throws(SyscallError) {
        let number = rawValue
        var done = 0
        while done < buffer.count {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
            let place = off_t(offset) + off_t(done)
            done += try retrying("pwrite", "fd \(number)") { pwrite(number, rest.baseAddress, rest.count, place) }
        }
    }

    /// The same.
    package borrowing func writeAll(_ bytes: [UInt8], at offset: Int64) throws(SyscallError) {
        let outcome = bytes.withUnsafeBytes { buffer -> Result<Void, SyscallError> in
            do throws(SyscallError) { return .success(try writeAll(buffer, at: offset)) } catch { return .failure(error) }
        }
        try outcome.get()
    }
}
