internal import DockerAPI
internal import NetworkPlumbing
internal import Values

/// Which of a container's networks has its default routes.
enum Gateways {
    /// Writes the default routes into the attachments: those of IPv4 and of IPv6 each go by the first network, in Docker's order, that has
    /// a way out of the family.
    static func choose(_ endpoints: inout [(endpoint: EndpointRecord, record: NetworkRecord)]) {
        let order = endpoints.indices.sorted { precedes(endpoints[$0], endpoints[$1]) }
        for index in endpoints.indices { endpoints[index].endpoint.live?.attachment?.gateways = [] }
        for family in [IPAddress.Family.v4, .v6] {
            for index in order {
                guard let gateway = gateway(endpoints[index].record, endpoints[index].endpoint, family) else { continue }
                endpoints[index].endpoint.live?.attachment?.gateways.append(gateway)
                break
            }
        }
    }

    /// Docker's order: the greater priority, more families with a way out, the name.
    private static func precedes(
        _ a: (endpoint: EndpointRecord, record: NetworkRecord), _ b: (endpoint: EndpointRecord, record: NetworkRecord)
    ) -> Bool {
        let priorities = (a.endpoint.settings.gwPriority, b.endpoint.settings.gwPriority)
        if priorities.0 != priorities.1 { return priorities.0 > priorities.1 }
        func families(_ one: (endpoint: EndpointRecord, record: NetworkRecord)) -> Int {
            [IPAddress.Family.v4, .v6].count { gateway(one.record, one.endpoint, $0) != nil }
        }
        let counts = (families(a), families(b))
        return counts.0 != counts.1 ? counts.0 > counts.1 : a.record.network.name < b.record.network.name
    }

    /// Where the endpoint's packets leave its network; nil when they do not, unspecified when the interface alone is to be named.
    private static func gateway(_ record: NetworkRecord, _ endpoint: EndpointRecord, _ family: IPAddress.Family) -> IPAddress? {
        guard !record.isInternal, let attachment = endpoint.live?.attachment,
            let address = attachment.addresses.first(where: { $0.address.family == family })?.address
        else { return nil }
        if record.isRouted { return family == .v4 ? .anyV4 : .anyV6 }
        return record.pools.first { $0.contains(address) }.flatMap { record.gateway($0) }
    }
}
