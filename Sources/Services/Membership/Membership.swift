import AsyncIO
import HostNames
import JSON
import Linux
import NetworkPlumbing
package import Networks
import Supervisor
import Synchronization
import Values

/// One host's part in an overlay network that an etcd keeps together: see the module's page.
package enum Membership {
    /// Takes part until no container of this host is on the network. Returns at once when another process does already. Throws for what
    /// cannot go on: settings that are wrong, a network that is gone.
    package static func run(_ plan: OverlayMembership) throws {
        try FileSystem.makeDirectories(plan.directory, mode: 0o711)
        let lock = OpenFile(try FileDescriptor.open(plan.lock, [.readWrite, .create], mode: 0o600))
        guard try lock.descriptor.lock(exclusive: true, wait: false) else { return }
        defer { withExtendedLifetime(lock) {} }
        // Each container of other hosts is a file that is held.
        let limit = try Process.limit(Process.openFiles)
        try Process.setLimit(Process.openFiles, soft: limit.hard, hard: limit.hard)
        do {
            try AsyncIO.run {
                let participant = try await Participant(plan)
                try await participant.serve()
            }
        } catch {
            try plan.note("\(error)")
            throw error
        }
    }
}

/// The loop. Lives within one task.
private final class Participant {
    /// Seconds after which others forget a host that says nothing, and how often it does.
    private static let leaseSeconds = 10
    private static let keepAlive = Duration.seconds(3)
    /// How often those of this host are looked at, and how often the etcd is asked without being told of news.
    private static let tick = Duration.milliseconds(250)
    private static let refresh = Duration.seconds(5)
    /// Without any container: one that is just being started is waited for.
    private static let patienceAtFirst = Duration.seconds(30)
    private static let patience = Duration.seconds(3)

    private let plan: OverlayMembership
    private let etcd: Etcd
    private let names: NetworkNames
    private let own: IPAddress
    private var noted = ""

    /// Made up anew, and with it the keys of an encrypted network, as often as Docker does.
    private static let lifetime = Duration.seconds(12 * 3600)
    private var life: [UInt8] = []
    private var lifeDue = Duration.zero

    private var lease: String?
    private var keepAliveDue = Duration.zero
    /// What stands in the etcd under the lease.
    private var told: [String: [UInt8]] = [:]
    private var others: [String: (record: MemberRecord, member: NetworkNames.Member)] = [:]

    init(_ plan: OverlayMembership) async throws {
        self.plan = plan
        etcd = try Etcd(plan)
        names = NetworkNames(directory: plan.directory)
        if let local = plan.overlay.local {
            own = local
        } else {
            // The address that this host has on the way there.
            guard let address = try await HostNames.shared.addresses(of: etcd.hosts.first ?? "").first,
                let local = try InternetSocket.datagrams(peer: Endpoint(address, 9)).localEndpoint()?.address
            else { throw EtcdError("no address of this host leads to the etcd: name one, --opt local=ADDRESS") }
            own = local
        }
        try plan.note("")
    }

    func serve() async throws {
        let isStale = Flag()
        let watching = AsyncIO.begin { [etcd, plan] in
            while !Task.isCancelled {
                // Whatever ends it, the refresh goes on and it is begun again.
                try? await etcd.watch(plan.prefix) { isStale.raise() }
                try await AsyncIO.sleep(.seconds(1))
            }
        }
        defer { watching.cancel() }
        var seen = MonotonicClock.now, patience = Self.patienceAtFirst, refreshDue = Duration.zero
        while true {
            let local = try names.all().filter { others[$0.key] == nil }
            let now = MonotonicClock.now
            if !local.isEmpty { (seen, patience) = (now, Self.patience) }
            if now - seen > patience { break }
            do {
                try await tell(local)
                if isStale.lower() || now >= refreshDue {
                    let items = try await etcd.all(below: plan.prefix)
                    try learn(OtherHosts(items, own: own, local: Set(local.keys)), try await secret(items))
                    refreshDue = now + Self.refresh
                }
                try note("")
            } catch PlumbingError.noSuchLink { break } catch { try note("\(error)") }
            try await AsyncIO.sleep(noted.isEmpty ? Self.tick : .seconds(1))
        }
        // What cannot be removed says nothing once this process has ended.
        for other in others.values { try? other.member.leave() }
        // The others would forget this host soon by themselves.
        if let lease { try? await AsyncIO.withDeadline(.seconds(2)) { [etcd] in try await etcd.revoke(lease) } }
    }

    /// Has the etcd hold what is true of this host.
    private func tell(_ local: [String: (names: [String], addresses: [IPAddress])]) async throws {
        let now = MonotonicClock.now
        if now >= lifeDue { (life, lifeDue) = ((0..<16).map { _ in .random(in: 0...255) }, now + Self.lifetime) }
        if let known = lease, now >= keepAliveDue {
            if try await !etcd.keepAlive(known) { lease = nil }
            keepAliveDue = now + Self.keepAlive
        }
        if lease == nil {
            lease = try await etcd.grant(seconds: Self.leaseSeconds)
            keepAliveDue = now + Self.keepAlive
            told = [:]
        }
        guard let lease else { return }
        var wanted: [String: [UInt8]] = local.isEmpty ? [:] : ["\(plan.prefix)hosts/\(own)": life]
        for (id, entry) in local {
            wanted["\(plan.prefix)containers/\(id)"] = try JSON.encode(
                MemberRecord(host: own.description, names: entry.names, addresses: entry.addresses.map(\.description)))
        }
        for (key, value) in wanted where told[key] != value {
            try await etcd.put(key, value, lease: lease)
            told[key] = value
        }
        for key in told.keys where wanted[key] == nil {
            try await etcd.delete(key)
            told[key] = nil
        }
    }

    /// Of what the keys of an encrypted network are made: the first host there makes it up.
    private func secret(_ items: [(key: String, value: [UInt8])]) async throws -> OverlaySecret? {
        guard plan.overlay.isEncrypted else { return nil }
        if let file = plan.overlay.keyFile { return try OverlaySecret(file: file) }
        let key = "key"
        guard let value = items.first(where: { $0.key == key })?.value else {
            try await etcd.provide(plan.prefix + key, (0..<32).map { _ in .random(in: 0...255) })
            throw EtcdError("the network has no key yet")
        }
        guard let secret = OverlaySecret(value) else { throw EtcdError("the network's key is too short or too long") }
        return secret
    }

    /// Has this host know what the others tell.
    private func learn(_ now: OtherHosts, _ secret: OverlaySecret?) throws {
        var overlay = plan.overlay
        overlay.local = own
        var secret = secret
        secret?.lives = now.lives.merging([own: life]) { $1 }
        try Bridge.setPeers(now.hosts, of: overlay, secret: secret)
        try Firewall(table: plan.table).admit(now.hosts, to: overlay, bridge: plan.bridge)
        for (id, other) in others where now.containers[id] == nil {
            try other.member.leave()
            others[id] = nil
        }
        for (id, record) in now.containers where others[id]?.record != record {
            let member = try names.join(
                id, names: record.names, addresses: record.addresses.compactMap { IPAddress($0) }, replacing: others[id]?.member)
            others[id] = (record, member)
        }
    }

    private func note(_ text: String) throws {
        if text == noted { return }
        try plan.note(text)
        noted = text
    }
}

extension OverlayMembership {
    fileprivate var lock: String { "\(directory)/\(Self.lockName)" }

    /// The file that is locked also says what goes wrong; it is empty when nothing does.
    fileprivate func note(_ text: String) throws {
        try FileDescriptor.open(lock, [.writeOnly, .truncate]).writeAll(text.isEmpty ? [] : Array("\(text)\n".utf8))
    }
}

/// Raised by one task, lowered by another.
private final class Flag: Sendable {
    private let isRaised = Mutex(true)

    func raise() { isRaised.withLock { $0 = true } }

    /// Whether it was raised.
    func lower() -> Bool {
        isRaised.withLock { raised in
            defer { raised = false }
            return raised
        }
    }
}
