internal import AsyncIO
internal import HTTP
internal import HostNames
internal import Linux
internal import Synchronization
internal import TLS
internal import Values

/// Makes connections to servers: finds addresses, tries them, goes through proxies, agrees on TLS.
struct Dialer: Sendable {
    let names: HostNames
    let connectTimeout: Duration
    let handshakeTimeout: Duration
    let contexts: TLSContexts

    /// When one address has not answered after this, the next is tried beside it: RFC 8305 §5.
    private static let stagger = Duration.milliseconds(250)
    /// Addresses of one name that are tried at all.
    private static let addressLimit = 8

    /// A connection that carries requests for `route`. Throws ClientError and CancellationError.
    func open(_ route: ClientRoute) async throws -> any ByteStream {
        guard let proxy = route.proxy else {
            let connection = try await connect(to: route.origin)
            guard route.origin.scheme == .https else { return connection }
            return try await secure(connection, route.origin, route.tls ?? TLSClientSettings())
        }
        let stream: any ByteStream
        do {
            let connection = try await connect(to: proxy.origin)
            stream = proxy.origin.scheme == .https ? try await secure(connection, proxy.origin, TLSClientSettings()) : connection
        } catch let error as ClientError {
            throw ClientError(error.kind, "proxyconnect tcp: \(error.message)")
        }
        if route.isForwarded { return stream }
        try await tunnel(through: stream, proxy, to: route.origin)
        return try await secure(stream, route.origin, route.tls ?? TLSClientSettings())
    }

    // MARK: TCP

    /// Throws ClientError and CancellationError.
    private func connect(to origin: URL.Origin) async throws -> AsyncConnection {
        let latest = Latest()
        do {
            return try await AsyncIO.withDeadline(connectTimeout) {
                let addresses = Self.interleaved(try await names.addresses(of: origin.host)).prefix(Self.addressLimit)
                return try await Self.race(addresses.map { Endpoint($0, origin.port) }, latest)
            }
        } catch is DeadlineExceeded {
            throw ClientError(.timeout, "dial tcp \(latest.endpoint.map { "\($0)" } ?? origin.hostAndPort): i/o timeout")
        } catch let error as SyscallError {
            let kind: ClientError.Kind = error.errno.rawValue == 110 /* ETIMEDOUT */ ? .timeout : .connect(error.errno)
            throw ClientError(kind, "dial tcp \(error.subject): \(error.call): \(error.errno)")
        } catch {
            throw ClientError(error, isResponseBegun: false) ?? error
        }
    }

    /// The first address tried, for messages.
    private final class Latest: Sendable {
        private let value = Mutex<Endpoint?>(nil)
        var endpoint: Endpoint? { value.withLock { $0 } }
        func set(_ endpoint: Endpoint) { value.withLock { if $0 == nil { $0 = endpoint } } }
    }

    private enum Attempt: Sendable {
        case connected(AsyncConnection)
        case failed(any Error)
        case staggered
    }

    /// The first connection that stands. When none does the first address's error is thrown: it is the one that was meant.
    private static func race(_ endpoints: [Endpoint], _ latest: Latest) async throws -> AsyncConnection {
        if let only = endpoints.first, endpoints.count == 1 {
            latest.set(only)
            return try await .connect(tcp: only)
        }
        return try await withThrowingTaskGroup(of: Attempt.self) { group in
            var rest = endpoints[...], underWay = 0
            var firstError: (any Error)?
            func start() {
                guard let next = rest.popFirst() else { return }
                latest.set(next)
                underWay += 1
                group.addTask {
                    do { return .connected(try await .connect(tcp: next)) } catch { return .failed(error) }
                }
                if rest.isEmpty { return }
                group.addTask {
                    // Cancelled when it is all over.
                    try? await AsyncIO.sleep(stagger)
                    return .staggered
                }
            }
            start()
            while let attempt = try await group.next() {
                switch attempt {
                case .connected(let connection):
                    group.cancelAll()
                    // One that came in second is closed with its last owner.
                    return connection
                case .failed(let error):
                    underWay -= 1
                    if firstError == nil { firstError = error }
                    try Task.checkCancellation()
                    start()
                    if underWay == 0 { throw error is CancellationError ? error : firstError ?? error }
                case .staggered: start()
                }
            }
            throw firstError ?? CancellationError()
        }
    }

    /// Families take turns, beginning with that of the first.
    private static func interleaved(_ addresses: [IPAddress]) -> [IPAddress] {
        guard let first = addresses.first else { return [] }
        let same = addresses.filter { $0.family == first.family }, other = addresses.filter { $0.family != first.family }
        var result: [IPAddress] = []
        for index in 0..<max(same.count, other.count) {
            if index < same.count { result.append(same[index]) }
            if index < other.count { result.append(other[index]) }
        }
        return result
    }

    // MARK: TLS and proxies

    private func secure(_ stream: any ByteStream, _ origin: URL.Origin, _ settings: TLSClientSettings) async throws -> any ByteStream {
        do {
            let context = try await contexts.context(for: settings)
            return try await AsyncIO.withDeadline(handshakeTimeout) {
                try await TLSStream.establish(try context.session(host: origin.host), over: stream)
            }
        } catch {
            stream.close()
            if error is DeadlineExceeded { throw ClientError(.timeout, "net/http: TLS handshake timeout") }
            throw ClientError(error, isResponseBegun: false) ?? error
        }
    }

    /// Has the proxy connect to `origin`: RFC 9110 §9.3.6.
    private func tunnel(through stream: any ByteStream, _ proxy: ProxyServer, to origin: URL.Origin) async throws {
        var head = RequestHead(Method(rawValue: "CONNECT"), origin.hostAndPort, headers: ["Host": origin.hostAndPort])
        head.headers["Proxy-Authorization"] = proxy.authorization
        let request = head.bytes
        let reader = MessageReader(stream)
        do {
            let response = try await AsyncIO.withDeadline(connectTimeout) {
                try await stream.writeAll(request)
                return try await reader.response()
            }
            guard response.status / 100 == 2 else {
                throw ClientError(.proxy, response.reason.flatMap { $0.isEmpty ? nil : $0 } ?? ResponseHead.reason(response.status))
            }
            // A server does not speak first in TLS, but what has come belongs to it.
            reader.handOver()
        } catch {
            stream.close()
            if error is DeadlineExceeded { throw ClientError(.timeout, "proxyconnect tcp: i/o timeout") }
            throw ClientError(error, isResponseBegun: false) ?? error
        }
    }
}

/// Contexts of settings used lately: making one may mean to read the host's whole bundle of authorities.
final class TLSContexts: Sendable {
    private let known = Mutex<[TLSClientSettings: TLSContext]>([:])
    private static let limit = 32

    /// Throws TLSError `.badSettings`.
    func context(for settings: TLSClientSettings) async throws -> TLSContext {
        if let context = known.withLock({ $0[settings] }) { return context }
        let context = try await AsyncIO.offload { try TLSContext(client: settings) }
        known.withLock { known in
            if known.count >= Self.limit { known.removeAll() }
            known[settings] = context
        }
        return context
    }
}
