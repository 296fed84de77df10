internal import CLinux
package import Values

/// TCP and UDP sockets over IPv4 and IPv6: tcp(7), udp(7), ip(7), ipv6(7). All of them are non-blocking.
package enum InternetSocket {
    /// Listens for TCP connections. Port 0 takes a free one. `[::]` takes IPv4 connections too, where the host allows that.
    package static func listen(_ endpoint: Endpoint, backlog: CInt = 4096) throws(SyscallError) -> FileDescriptor {
        let file = try make(endpoint.address.family, SOCK_STREAM, endpoint)
        try file.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
        if endpoint.address.family == .v6 {
            try file.setOption(CInt(IPPROTO_IPV6), CInt(IPV6_V6ONLY), endpoint.address.isUnspecified ? 0 : 1)
        }
        let number = file.rawValue
        _ = try withAddress(endpoint) { address, length throws(SyscallError) in
            try retrying("bind", "\(endpoint)") { clinux_bind(number, address, length) }
        }
        _ = try retrying("listen", "\(endpoint)") { CLinux.listen(number, backlog) }
        return file
    }

    /// Begins a TCP connection, which stands, or has failed with what `pendingError` tells, once it can be written to.
    package static func beginConnecting(_ endpoint: Endpoint) throws(SyscallError) -> FileDescriptor {
        let file = try make(endpoint.address.family, SOCK_STREAM, endpoint)
        do throws(SyscallError) {
            try connect(file, endpoint)
        } catch  where error.errno.rawValue == EINPROGRESS {}
        return file
    }

    /// A UDP socket on a port of the kernel's choice, which takes datagrams from `peer` only.
    package static func datagrams(peer: Endpoint) throws(SyscallError) -> FileDescriptor {
        let file = try make(peer.address.family, SOCK_DGRAM, peer)
        try connect(file, peer)
        return file
    }

    /// A UDP socket that takes datagrams sent to `endpoint`.
    package static func datagrams(at endpoint: Endpoint) throws(SyscallError) -> FileDescriptor {
        let file = try make(endpoint.address.family, SOCK_DGRAM, endpoint)
        let number = file.rawValue
        _ = try withAddress(endpoint) { address, length throws(SyscallError) in
            try retrying("bind", "\(endpoint)") { clinux_bind(number, address, length) }
        }
        return file
    }

    private static func make(_ family: IPAddress.Family, _ kind: __socket_type, _ endpoint: Endpoint) throws(SyscallError) -> FileDescriptor {
        let kind = CInt(kind.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        return FileDescriptor(owning: try retrying("socket", "\(endpoint)") { socket(family == .v4 ? AF_INET : AF_INET6, kind, 0) })
    }

    private static func connect(_ file: borrowing FileDescriptor, _ endpoint: Endpoint) throws(SyscallError) {
        let number = file.rawValue
        _ = try withAddress(endpoint) { address, length throws(SyscallError) in
            try retrying("connect", "\(endpoint)") { clinux_connect(number, address, length) }
        }
    }

    /// Lends `endpoint` as the kernel wants it.
    static func withAddress<Result>(
        _ endpoint: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SyscallError) -> Result
    ) throws(SyscallError) -> Result {
        var storage = sockaddr_storage()
        let length = withUnsafeMutableBytes(of: &storage) { raw -> Int in
            switch endpoint.address.family {
            case .v4:
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = endpoint.port.bigEndian
                withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: endpoint.address.bytes) }
                raw.storeBytes(of: address, as: sockaddr_in.self)
                return MemoryLayout<sockaddr_in>.size
            case .v6:
                var address = sockaddr_in6()
                address.sin6_family = sa_family_t(AF_INET6)
                address.sin6_port = endpoint.port.bigEndian
                withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: endpoint.address.bytes) }
                raw.storeBytes(of: address, as: sockaddr_in6.self)
                return MemoryLayout<sockaddr_in6>.size
            }
        }
        let size = socklen_t(length)
        return try withUnsafePointer(to: &storage) { pointer throws(SyscallError) in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer throws(SyscallError) in try body(pointer, size) }
        }
    }

    /// What the kernel says of an address; nil for families other than IPv4 and IPv6. An IPv4 address in IPv6's clothes is IPv4.
    fileprivate static func endpoint(_ storage: sockaddr_storage) -> Endpoint? {
        withUnsafeBytes(of: storage) { raw in
            switch CInt(storage.ss_family) {
            case AF_INET:
                let address = raw.load(as: sockaddr_in.self)
                return withUnsafeBytes(of: address.sin_addr) { IPAddress(bytes: Array($0)) }.map { Endpoint($0, UInt16(bigEndian: address.sin_port)) }
            case AF_INET6:
                let address = raw.load(as: sockaddr_in6.self)
                guard let ip = withUnsafeBytes(of: address.sin6_addr, { IPAddress(bytes: Array($0)) }) else { return nil }
                let plain = ip.value >> 32 == 0xffff ? IPAddress(.v4, ip.value & 0xffff_ffff) : ip
                return Endpoint(plain, UInt16(bigEndian: address.sin6_port))
            default: return nil
            }
        }
    }
}

// What connected and listening internet sockets tell, and take.
extension FileDescriptor {
    /// getsockname(2); nil when this is no internet socket.
    package borrowing func localEndpoint() -> Endpoint? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return clinux_getsockname(rawValue, &storage, &length) == 0 ? InternetSocket.endpoint(storage) : nil
    }

    /// getpeername(2); nil when this is no connected internet socket.
    package borrowing func peerEndpoint() -> Endpoint? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return clinux_getpeername(rawValue, &storage, &length) == 0 ? InternetSocket.endpoint(storage) : nil
    }

    /// The error that waits on a socket, taken from it: socket(7) `SO_ERROR`. Nil when there is none.
    package borrowing func pendingError() -> Errno? {
        var value: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(rawValue, SOL_SOCKET, SO_ERROR, &value, &length) == 0 else { return .current }
        return value == 0 ? nil : Errno(rawValue: value)
    }

    /// tcp(7) `TCP_NODELAY`: small writes leave at once, since every one here is a whole message or a whole piece.
    package borrowing func setNoDelay() throws(SyscallError) { try setOption(CInt(IPPROTO_TCP), CInt(TCP_NODELAY), 1) }

    /// socket(7) `SO_KEEPALIVE`, with probes after a minute: a peer that has lost its power is noticed some time.
    package borrowing func setKeepAlive() throws(SyscallError) {
        try setOption(SOL_SOCKET, SO_KEEPALIVE, 1)
        try setOption(CInt(IPPROTO_TCP), CInt(TCP_KEEPIDLE), 60)
        try setOption(CInt(IPPROTO_TCP), CInt(TCP_KEEPINTVL), 15)
    }

    /// sendfile(2) of at most `count` bytes of `source` from `offset` on: how many went, fewer than asked when the socket is full,
    /// 0 at the end of the file. Throws `EAGAIN` when none fits and the socket is non-blocking.
    package borrowing func sendFile(_ source: borrowing FileDescriptor, at offset: Int64, count: Int) throws(SyscallError) -> Int {
        let number = rawValue, from = source.rawValue
        var offset = off_t(offset)
        return try retrying("sendfile", "fd \(number)") { sendfile(number, from, &offset, count) }
    }

    /// What recv(2) with `MSG_PEEK` finds: true when nothing has come and the connection stands.
    package borrowing func isQuiet() -> Bool {
        var byte: UInt8 = 0
        return recv(rawValue, &byte, 1, CInt(MSG_PEEK | MSG_DONTWAIT)) < 0 && Errno.current == .wouldBlock
    }

    /// sendto(2) of one datagram to `peer`.
    package borrowing func sendDatagram(_ bytes: [UInt8], to peer: Endpoint) throws(SyscallError) {
        let number = rawValue
        _ = try InternetSocket.withAddress(peer) { address, length throws(SyscallError) in
            try retrying("sendto", "\(peer)") { clinux_sendto(number, bytes, bytes.count, address, length) }
        }
    }

    /// recvfrom(2) of one datagram of at most `limit` bytes and who sent it; throws `EAGAIN` when none waits.
    package borrowing func receiveDatagram(limit: Int = 65535) throws(SyscallError) -> (bytes: [UInt8], peer: Endpoint?) {
        let number = rawValue
        var storage = sockaddr_storage()
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = try retrying("recvfrom", "fd \(number)") { clinux_recvfrom(number, &buffer, limit, &storage) }
        return (Array(buffer.prefix(count)), InternetSocket.endpoint(storage))
    }

    borrowing func setOption(_ level: CInt, _ name: CInt, _ value: CInt) throws(SyscallError) {
        var value = value
        let number = rawValue
        _ = try retrying("setsockopt", "fd \(number)") { setsockopt(number, level, name, &value, socklen_t(MemoryLayout<CInt>.size)) }
    }
}
