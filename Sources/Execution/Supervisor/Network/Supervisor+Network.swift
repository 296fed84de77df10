import ContainerRuntime
import Linux
import NetworkPlumbing
import OCI
import Values

/// The container's network through its lives, and what is changed about it meanwhile.
extension Supervisor {
    /// Has the launch use the namespace that is there, or makes one when the plan has networks. It must be held until the process is in it.
    func openNetwork(for launch: inout ContainerLaunch) throws -> OpenFile? {
        var namespace = namespace.take()
        if let networkPlan {
            let opened = try ContainerNetwork(networkPlan, id: plan.id, namespace: namespace)
            network = opened
            namespace = opened.namespace
            try PublishedPorts.replace(opened.ports, paths)
        }
        guard let namespace else { return nil }
        launch.spec.linux?.namespaces?.removeAll { $0.type == .network }
        launch.spec.linux?.namespaces?.append(LinuxNamespace(.network, path: namespace.descriptor.procPath))
        return namespace
    }

    /// Gives back what is to be given back at the end of each life. What went wrong, in words.
    func closeNetwork() -> String? {
        guard let closing = network else { return nil }
        network = nil
        networkPlan = closing.plan
        do {
            try closing.close()
            try PublishedPorts.replace([], paths)
            return nil
        } catch { return "\(error)" }
    }

    func serveNetwork(_ request: SupervisorRequest) -> SupervisorReply {
        guard let networkPlan else { return SupervisorReply(error: "the container has no network of its own") }
        let isKnown = networkPlan.attachments.contains { $0.network == request.attachment?.network }
        if request.kind == .connect, isKnown { return SupervisorReply(isConnected: true) }
        do {
            // Between two lives there is nothing to change but what the next is to be like.
            if let network { try change(network, request) } else { try changePlan(request) }
            return SupervisorReply()
        } catch let conflict as PortConflict {
            return SupervisorReply(error: "\(conflict)", conflict: conflict)
        } catch { return SupervisorReply(error: "\(error)") }
    }

    private func change(_ network: ContainerNetwork, _ request: SupervisorRequest) throws {
        switch request.kind {
        case .connect:
            guard let attachment = request.attachment else { throw RuntimeError("malformed request: no attachment") }
            try network.connect(attachment, resolver: request.resolver)
        case .disconnect: try network.disconnect(request.network ?? "", gateways: request.gateways ?? [], resolver: request.resolver)
        case .rename: try network.rename(request.network ?? "", to: request.names ?? [])
        case .publish: try PublishedPorts.append(try network.publish(request.publish ?? []), paths)
        default:
            try network.withdraw(request.withdraw ?? [])
            try PublishedPorts.replace(network.ports, paths)
        }
        networkPlan = network.plan
    }

    private func changePlan(_ request: SupervisorRequest) throws {
        guard var changed = networkPlan else { return }
        switch request.kind {
        case .connect:
            guard let attachment = request.attachment else { throw RuntimeError("malformed request: no attachment") }
            changed.connect(attachment, resolver: request.resolver)
        case .disconnect: changed.disconnect(request.network ?? "", gateways: request.gateways ?? [], resolver: request.resolver)
        case .rename: changed.rename(request.network ?? "", to: request.names ?? [])
        case .publish: changed.ports += request.publish ?? []
        default: changed.withdraw(request.withdraw ?? [])
        }
        networkPlan = changed
    }
}

/// What live changes make of a plan.
extension SandboxPlan {
    mutating func connect(_ attachment: Attachment, resolver: ResolverPlan?) {
        if !attachment.gateways.isEmpty { for index in attachments.indices { attachments[index].gateways = [] } }
        attachments.append(attachment)
        if let resolver { self.resolver = resolver }
    }

    /// The network that has the default routes afterwards, when these are given and there is one.
    @discardableResult
    mutating func disconnect(_ network: String, gateways: [IPAddress], resolver: ResolverPlan?) -> String? {
        attachments.removeAll { $0.network == network }
        if let resolver { self.resolver = resolver }
        guard !gateways.isEmpty,
            let index = attachments.firstIndex(where: { $0.addresses.contains { prefix in gateways.contains { prefix.contains($0) } } })
        else { return nil }
        attachments[index].gateways = gateways
        return attachments[index].network
    }

    mutating func rename(_ network: String, to names: [String]) {
        for index in attachments.indices where attachments[index].network == network { attachments[index].names = names }
    }

    mutating func withdraw(_ published: [PublishedPort]) {
        for port in published {
            // Of several that it may have come of, the one that asked for no other.
            let origins = ports.indices.filter {
                let plan = ports[$0]
                return port.transport == plan.transport && port.hostAddress == plan.hostAddress && port.containerPort == plan.containerPort
                    && (plan.hostPorts.contains(port.hostPort) || plan.hostPorts == 0...0 || port.hostPort == 0)
            }
            if let origin = origins.first(where: { ports[$0].hostPorts == port.hostPort...port.hostPort }) ?? origins.first { ports.remove(at: origin) }
        }
    }
}
