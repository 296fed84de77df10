import Database
import Diagnostics
package import DockerAPI
import JSON
import Linux
import NetworkPlumbing
import Networks
import Supervisor
import Values

extension Containers {
    /// Puts a container on another network; one that runs has the interface when this returns.
    ///
    /// Throws `forbidden` in Docker's words for combinations that cannot be, `notFound` for a network that is not there.
    package func connect(_ reference: String, to network: String, _ settings: EndpointSettings) throws {
        try locked(try find(reference).id, reference: reference) { record in
            switch NetworkMode(record.hostConfig.networkMode) {
            case .container, .host: throw Fault(.forbidden, NetworkChoice.sharedAndOthers)
            case .none: throw Fault(.forbidden, NetworkChoice.noneAndOthers)
            case .named: break
            }
            let lease = try networks.connect(record.member, to: network, settings, isRunning: record.running)
            Failpoint.hit(.connectAfterLease)
            guard let lease, let attachment = lease.attachment else { return }
            do {
                let leases = try networks.leases(of: record.id), standard = try networks.settings()
                var request = SupervisorRequest(.connect)
                request.attachment = attachment
                request.resolver = try resolverPlan(record, leases, standard)
                if try answer(record, request).isConnected == true {
                    throw Fault(.forbidden, "endpoint with name \(record.name) already exists in network \(lease.network)")
                }
                // Nothing was published while there was no network with a way out.
                if try PublishedPorts.read(paths(record)).isEmpty {
                    var publish = SupervisorRequest(.publish)
                    publish.publish = try portPlans(record, leases)
                    if publish.publish?.isEmpty == false { _ = try answer(record, publish) }
                }
                var own = HostsFile()
                own.add(own: attachment.addresses.map(\.address), hostname: record.config.hostname, domainname: record.config.domainname)
                try editHosts(of: record) { $0 + own.lines.map(\.text).joined() }
                try refreshResolver(record, before: leases.filter { $0.network != lease.network }, now: leases, standard)
                networks.publish("connect", of: record.id, on: attachment.network)
            } catch let fault as Fault where fault.kind == .forbidden { throw fault } catch {
                // Why it is not on the network is what the caller must know; what has no interface yet has none to be taken away.
                var request = SupervisorRequest(.disconnect)
                request.network = attachment.network
                _ = try? askLocked(record, request)
                try? networks.disconnect(record.id, from: network)
                throw error
            }
        }
    }

    /// Takes a container off a network, the interface of one that runs too. With `force` a network that is gone is right.
    package func disconnect(_ reference: String, from network: String, force: Bool = false) throws {
        try locked(try find(reference).id, reference: reference) { record in
            if record.hostConfig.networkMode == "host" {
                throw Fault(.forbidden, "cannot disconnect container from host network - container was created in host network mode")
            }
            if record.running, let leaving = try lease(of: record, on: network) {
                let staying = try networks.leases(of: record.id).filter { $0.network != leaving.network }
                var request = SupervisorRequest(.disconnect)
                request.network = leaving.settings.networkID
                request.gateways = Self.gateways(of: staying)
                // Without any network there is nobody left to ask.
                request.resolver = staying.isEmpty ? ResolverPlan(servers: []) : try resolverPlan(record, staying, networks.settings())
                if leaving.attachment != nil { _ = try answer(record, request) }
                Failpoint.hit(.disconnectAfterInterface)
                networks.publish("disconnect", of: record.id, on: leaving.settings.networkID)
                try editHosts(of: record) { $0.removing(leaving.attachment?.addresses.map(\.address) ?? []) }
            }
            do { try networks.disconnect(record.id, from: network) } catch let fault as Fault where fault.kind == .notFound && force {}
        }
    }

    private func lease(of record: ContainerRecord, on network: String) throws -> EndpointLease? {
        // That there is no such network, or that the container is not on it, is for `disconnect` to say.
        guard let id = try? networks.resolve(network).id else { return nil }
        return try networks.leases(of: record.id).first { $0.settings.networkID == id }
    }

    /// The default routes that a container has by the networks that it is left on: of the greatest priority, then by name.
    static func gateways(of leases: [EndpointLease]) -> [IPAddress] {
        let open = leases.filter { !$0.settings.gateway.isEmpty || !$0.settings.ipv6Gateway.isEmpty }
        let best = open.min { a, b in a.settings.gwPriority == b.settings.gwPriority ? a.network < b.network : a.settings.gwPriority > b.settings.gwPriority }
        return [best?.settings.gateway, best?.settings.ipv6Gateway].compactMap { $0.flatMap { IPAddress($0) } }
    }

    /// Changes /etc/hosts of a container that runs: in place, for the container has this very file.
    func editHosts(of record: ContainerRecord, _ change: (String) -> String) throws {
        let path = paths(record).hosts
        guard let bytes = try FileSystem.readIfPresent(path, limit: 1 << 20) else { return }
        let old = String(decoding: bytes, as: UTF8.self), new = change(old)
        if new != old { try FileDescriptor.open(path, [.writeOnly, .truncate]).writeAll(Array(new.utf8)) }
    }

    /// The first network with names makes the supervisor's resolver the one to ask; a file that was changed in there stays as it is.
    private func refreshResolver(_ record: ContainerRecord, before: [EndpointLease], now: [EndpointLease], _ standard: NetworkDefaults) throws {
        let old = try resolvConf(record, before, standard), new = try resolvConf(record, now, standard)
        let path = paths(record).resolvConf
        guard old != new, let bytes = try FileSystem.readIfPresent(path, limit: 1 << 20), bytes == Array(old.utf8) else { return }
        try FileDescriptor.open(path, [.writeOnly, .truncate]).writeAll(Array(new.utf8))
    }

    /// Tells a supervisor what its container is called from now on. With the container's lock held.
    func tellName(_ name: String, _ record: ContainerRecord) throws {
        guard record.running else { return }
        var request = SupervisorRequest(.rename)
        request.names = [name]
        _ = try askLocked(record, request)
        for lease in try networks.leases(of: record.id) {
            guard let attachment = lease.attachment else { continue }
            request.network = attachment.network
            request.names = attachment.names
            _ = try askLocked(record, request)
        }
    }

    /// Gives back what a supervisor that was killed held outside its container; to be called when nothing of it lives any more.
    func clearNetwork(_ id: Identifier) {
        // Whoever is given such a port next replaces the rule, and names are believed only as long as their supervisor lives: what cannot be
        // taken away now does no harm for long.
        guard let leases = try? networks.leases(of: id), !leases.isEmpty else { return }
        try? Firewall(table: networks.firewallTable).withdraw(owner: id.description)
        for attachment in leases.compactMap(\.attachment) { try? NetworkNames(directory: attachment.directory).forget(id.description) }
    }
}

extension ContainerRecord {
    /// As networks see it.
    var member: NetworkMember {
        NetworkMember(id: id, name: name, hostname: config.hostname, disablesIPv6: hostConfig.sysctls?["net.ipv6.conf.all.disable_ipv6"] == "1")
    }
}
