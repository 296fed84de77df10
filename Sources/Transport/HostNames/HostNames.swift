internal import AsyncIO
internal import DNS
internal import Linux
internal import Synchronization
package import Values

/// Finds the addresses of host names, as the C library does with `hosts: files dns`: /etc/hosts, then the name servers of
/// /etc/resolv.conf. Both files are read anew each time; what servers said is kept for as long as they allow, a minute at most.
package final class HostNames: Sendable {
    /// As this host is configured.
    package static let shared = HostNames()

    private let hostsPath: String
    private let configure: @Sendable () -> ResolverConfiguration
    private let state = Mutex(State())

    private struct State {
        var cache: [String: (addresses: [IPAddress], until: ContinuousClock.Instant)] = [:]
        var lookups = 0
    }

    private static let cacheLimit = 256
    private static let longestSeconds: UInt32 = 60

    private convenience init() {
        self.init(hosts: "/etc/hosts") {
            // Without the file it is as if it were empty.
            let bytes = try? FileSystem.read("/etc/resolv.conf", limit: 1 << 20)
            return ResolverConfiguration(parsing: String(decoding: bytes ?? [], as: UTF8.self))
        }
    }

    /// With another hosts file and other servers than this host's.
    package init(hosts path: String, _ configure: @escaping @Sendable () -> ResolverConfiguration) {
        hostsPath = path
        self.configure = configure
    }

    /// At least one address, best first: those of `name` when it is one itself. Throws LookupError and CancellationError.
    package func addresses(of name: String) async throws -> [IPAddress] {
        if let address = IPAddress(name) { return [address] }
        let name = name.lowercased()
        let bare = name.hasSuffix(".") ? String(name.dropLast()) : name
        if let known = cached(name) { return known }
        if let local = Self.ordered(local(bare)) { return local }
        // Never a matter for name servers: RFC 6761 §6.3, RFC 7686.
        if bare == "localhost" || bare.hasSuffix(".localhost") { return [IPAddress(.v4, 0x7f00_0001), IPAddress(.v6, 1)] }
        guard DomainName(bare) != nil, !bare.hasSuffix(".onion") else { throw LookupError(.noSuchHost, name) }
        return try await ask(name)
    }

    private func cached(_ name: String) -> [IPAddress]? {
        state.withLock { state in
            guard let (addresses, until) = state.cache[name], until > .now else { return nil }
            return addresses
        }
    }

    private func local(_ name: String) -> [IPAddress] {
        // A host without the file knows no names by itself.
        let bytes = try? FileSystem.read(hostsPath, limit: 4 << 20)
        return HostsFile.addresses(of: name, in: String(decoding: bytes ?? [], as: UTF8.self))
    }

    private func ask(_ name: String) async throws -> [IPAddress] {
        let configuration = configure()
        let number = state.withLock { state in
            defer { state.lookups &+= 1 }
            return state.lookups
        }
        var failure: LookupError?
        for candidate in configuration.candidates(for: name) {
            guard let domain = DomainName(candidate) else { continue }
            let first = configuration.rotates ? number % max(configuration.servers.count, 1) : 0
            do {
                let answer = try await NameQuery(configuration: configuration, firstServer: first, name: name, domain: domain).run()
                let addresses = Self.ordered(answer.addresses) ?? answer.addresses
                keep(addresses, name, seconds: min(answer.lifetime, Self.longestSeconds))
                return addresses
            } catch let error as LookupError {
                // What a server knows not to be there says less than that one could not be asked.
                if failure == nil || failure?.kind == .noSuchHost { failure = error }
            }
        }
        throw failure ?? LookupError(.noSuchHost, name)
    }

    private func keep(_ addresses: [IPAddress], _ name: String, seconds: UInt32) {
        guard seconds > 0 else { return }
        state.withLock { state in
            if state.cache.count >= Self.cacheLimit { state.cache.removeAll() }
            state.cache[name] = (addresses, .now + .seconds(Int64(seconds)))
        }
    }

    /// Those that this host has a way to come first, IPv6 before IPv4: RFC 6724's rules 1 and 6. Nil for none.
    private static func ordered(_ addresses: [IPAddress]) -> [IPAddress]? {
        if addresses.count < 2 { return addresses.isEmpty ? nil : addresses }
        // Connecting a datagram socket sends nothing, but finds the way.
        let reachable = addresses.filter { (try? InternetSocket.datagrams(peer: Endpoint($0, 9))) != nil }
        let rest = addresses.filter { !reachable.contains($0) }
        return reachable.filter { $0.family == .v6 } + reachable.filter { $0.family == .v4 } + rest
    }
}
