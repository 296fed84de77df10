internal import CLinux

/// An open file, owned: it is closed when its owner ends. Every one is born close-on-exec.
///
/// Functions that only use a descriptor take it `borrowing`; those that keep it take it `consuming`.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The number in this process's table. Nothing outside this module and the C it calls may keep it.
    package let rawValue: CInt

    /// Takes ownership of a number that nothing else will close.
    package init(owning rawValue: CInt) { self.rawValue = rawValue }

    deinit { _ = CLinux.close(rawValue) }

    /// Closes and tells what close(2) said, for files whose last write may fail only now.
    package consuming func close() throws(SyscallError) {
        let number = release()
        if CLinux.close(number) != 0 { throw SyscallError("close", "fd \(number)") }
    }

    /// Gives the number away: the caller closes it.
    package consuming func release() -> CInt {
        let number = rawValue
        discard self
        return number
    }

    /// Lends a number that belongs to someone else, such as 0, 1 and 2, for the length of `body`.
    package static func lending<Result>(
        _ number: CInt, _ body: (borrowing FileDescriptor) throws(SyscallError) -> Result
    ) throws(SyscallError) -> Result {
        let file = FileDescriptor(owning: number)
        let outcome: Swift.Result<Result, SyscallError>
        do throws(SyscallError) { outcome = .success(try body(file)) } catch { outcome = .failure(error) }
        _ = file.release()
        return try outcome.get()
    }

    /// Standard input (0), output (1) or error (2) once more, for an owner. By their names in /dev sockets cannot be opened, nor terminals of
    /// another user.
    package static func standard(_ number: CInt) throws(SyscallError) -> FileDescriptor {
        FileDescriptor(owning: try retrying("fcntl", "F_DUPFD_CLOEXEC \(number)") { clinux_fcntl(number, F_DUPFD_CLOEXEC, 3) })
    }

    /// dup(2) with close-on-exec.
    package borrowing func duplicate() throws(SyscallError) -> FileDescriptor {
        let number = rawValue
        return FileDescriptor(owning: try retrying("fcntl", "F_DUPFD_CLOEXEC \(number)") { clinux_fcntl(number, F_DUPFD_CLOEXEC, 0) })
    }

    /// fcntl(2) `O_NONBLOCK`.
    package borrowing func setNonBlocking(_ on: Bool = true) throws(SyscallError) {
        let number = rawValue
        let flags = try retrying("fcntl", "F_GETFL \(number)") { clinux_fcntl(number, F_GETFL, 0) }
        let wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK
        if wanted != flags { _ = try retrying("fcntl", "F_SETFL \(number)") { clinux_fcntl(number, F_SETFL, Int(wanted)) } }
    }
}

// Reading and writing.
extension FileDescriptor {
    /// read(2): the number of bytes read into the start of `buffer`, 0 at the end of the file.
    package borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(SyscallError) -> Int {
        let number = rawValue
        return try retrying("read", "fd \(number)") { CLinux.read(number, buffer.baseAddress, buffer.count) }
    }

    /// pread(2).
    package borrowing func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SyscallError) -> Int {
        let number = rawValue
        return try retrying("pread", "fd \(number)") { CLinux.pread(number, buffer.baseAddress, buffer.count, off_t(offset)) }
    }

    /// write(2): the number of bytes taken, which may be fewer than given.
    package borrowing func write(_ buffer: UnsafeRawBufferPointer) throws(SyscallError) -> Int {
        let number = rawValue
        return try retrying("write", "fd \(number)") { CLinux.write(number, buffer.baseAddress, buffer.count) }
    }

    /// write(2) of the bytes from `offset` on: the number taken, which may be fewer.
    package borrowing func write(_ bytes: [UInt8], from offset: Int = 0) throws(SyscallError) -> Int {
        let number = rawValue
        return try retrying("write", "fd \(number)") {
            bytes.withUnsafeBytes { CLinux.write(number, $0.baseAddress.map { $0 + offset }, $0.count - offset) }
        }
    }

    /// Writes every byte, in as many calls as the kernel needs. For blocking descriptors.
    package borrowing func writeAll(_ buffer: UnsafeRawBufferPointer) throws(SyscallError) {
        var rest = buffer[...]
        while !rest.isEmpty {
            rest = rest.dropFirst(try write(UnsafeRawBufferPointer(rebasing: rest)))
        }
    }

    /// Up to `limit` bytes of what can be read now; empty at the end of the file.
    package borrowing func read(upTo limit: Int) throws(SyscallError) -> [UInt8] {
        let number = rawValue
        var failure: SyscallError?
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            do throws(SyscallError) {
                count = try retrying("read", "fd \(number)") { CLinux.read(number, buffer.baseAddress, buffer.count) }
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Up to `limit` bytes from `offset` on, by pread(2); empty at the end of the file.
    package borrowing func read(upTo limit: Int, at offset: Int64) throws(SyscallError) -> [UInt8] {
        let number = rawValue
        var failure: SyscallError?
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            do throws(SyscallError) {
                count = try retrying("pread", "fd \(number)") { CLinux.pread(number, buffer.baseAddress, buffer.count, off_t(offset)) }
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Everything up to the end of the file; throws `EFBIG` when that is more than `limit` bytes.
    package borrowing func readToEnd(limit: Int) throws(SyscallError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let chunk = try read(upTo: max(4096, min(bytes.count, 1 << 20)))
            if chunk.isEmpty { return bytes }
            bytes += chunk
            if bytes.count > limit { throw SyscallError("read", "fd \(rawValue)", errno: Errno(rawValue: EFBIG)) }
        }
    }

    /// Writes every byte. For blocking descriptors.
    package borrowing func writeAll(_ bytes: some Collection<UInt8>) throws(SyscallError) {
        let number = rawValue
        func write(_ buffer: UnsafeRawBufferPointer) throws(SyscallError) {
            var rest = buffer[...]
            while !rest.isEmpty {
                let piece = UnsafeRawBufferPointer(rebasing: rest)
                rest = rest.dropFirst(try retrying("write", "fd \(number)") { CLinux.write(number, piece.baseAddress, piece.count) })
            }
        }
        let array = Array(bytes)
        var failure: SyscallError?
        array.withUnsafeBytes { buffer in
            do throws(SyscallError) { try write(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
