import Diagnostics
import DockerAPI
import Linux
import NetworkPlumbing
import Synchronization
import Testing
import Values

@testable import Networks

@Suite struct ManageTests {
    @Test func predefinedNetworksAreThereAndStay() throws {
        let root = try NetworkRoot()
        let networks = try root.networks.list()
        #expect(networks.map { "\($0.name) \($0.driver) \($0.scope)" } == ["bridge bridge local", "host host local", "none null local"])
        #expect(try root.networks.list() == networks)
        let bridge = networks[0]
        #expect(bridge.ipam.config == [IPAMConfig(subnet: "172.17.0.0/16", gateway: "172.17.0.1")])
        #expect(bridge.options["com.docker.network.bridge.default_bridge"] == "true")
        #expect(bridge.options["com.docker.network.bridge.name"] == "br-\(bridge.id.prefix(12))")
        for name in ["bridge", "host", "none"] {
            #expect(fault { try root.networks.remove(name) } == "forbidden: \(name) is a pre-defined network and cannot be removed")
        }
        // The host is not touched for being looked at.
        #expect(root.notes.ensured.withLock { $0.isEmpty })
    }

    @Test func theUsualRootHasTheUsualNames() {
        #expect(Networks.firewallTable(StatePaths(dataRoot: "/var/lib/davit", runRoot: "/run/davit")) == "davit")
        let others = ["/a", "/b"].map { Networks.firewallTable(StatePaths(dataRoot: $0, runRoot: "/run/davit")) }
        #expect(Set(others).count == 2)
    }

    @Test func lookedUpByNameIdAndPrefix() throws {
        let root = try NetworkRoot()
        let id = try root.create("n")
        for reference in ["n", id, String(id.prefix(20))] { #expect(try root.networks.resolve(reference).id == id) }
        #expect(fault { _ = try root.networks.resolve("nope") } == "notFound: network nope not found")
        #expect(fault { _ = try root.networks.resolve("") } == "notFound: network  not found")
        #expect(fault { _ = try root.networks.inspect("n", scope: "swarm") } == "notFound: network n not found")
        for number in 0..<17 { try root.create("n\(number)", driver: "macvlan") }
        let firsts = Dictionary(grouping: try root.networks.list().map { String($0.id.prefix(1)) }) { $0 }
        let shared = try #require(firsts.first { $0.value.count > 1 })
        #expect(
            fault { _ = try root.networks.resolve(shared.key) }
                == "invalid: network \(shared.key) is ambiguous (\(shared.value.count) matches found based on ID prefix)")
    }

    @Test func whatIsInUseStays() throws {
        let root = try NetworkRoot()
        let network = try root.create("n")
        let (id, leases) = try root.start("c", on: ["n": EndpointSettings()])
        #expect(try root.networks.members(of: String(network.prefix(12))) == [id])
        #expect(try root.networks.members(of: "nope") == [])
        let endpoint = leases[0].settings.endpointID.prefix(12)
        #expect(
            fault { try root.networks.remove("n") }
                == "forbidden: error while removing network: network n has active endpoints (name:\"c\" id:\"\(endpoint)\")")
        try root.stop(id)
        try root.networks.remove("n")
        guard case .bridge(let plan, _, _) = root.notes.removed.withLock({ $0.first }) else { return #expect(Bool(false)) }
        #expect(plan.name == "br-\(network.prefix(12))")
        #expect(fault { try root.networks.remove("n") } == "notFound: network n not found")
    }

    @Test func aParentThatWasMadeGoesWithTheLastNetworkOnIt() throws {
        let root = try NetworkRoot()
        try root.create("a", driver: "macvlan", options: ["parent": "eth0.5"])
        try root.create("b", driver: "macvlan", options: ["parent": "eth0.5"])
        try root.networks.remove("a")
        #expect(root.notes.removed.withLock { $0.isEmpty })
        try root.networks.remove("b")
        #expect(root.notes.removed.withLock { $0.count } == 1)
    }

    @Test func filters() throws {
        let root = try NetworkRoot()
        let id = try root.create("one", labels: ["a": "1", "b": ""])
        try root.create("two", driver: "macvlan", labels: ["a": "2"])
        _ = try root.start("c", on: ["one": EndpointSettings()])
        func names(_ filters: [String: [String]]) throws -> [String] { try root.networks.list(Filters(filters)).map(\.name) }
        #expect(try names(["driver": ["macvlan", "null"]]) == ["none", "two"])
        #expect(try names(["name": ["o"]]) == ["host", "none", "one", "two"])
        #expect(try names(["id": [String(id.prefix(8))]]) == ["one"])
        #expect(try names(["label": ["a"]]) == ["one", "two"])
        #expect(try names(["label": ["a=2"]]) == ["two"])
        #expect(try names(["label": ["a", "b"]]) == ["one"])
        #expect(try names(["scope": ["swarm"]]) == [])
        #expect(try names(["type": ["custom"]]) == ["one", "two"])
        #expect(try names(["type": ["builtin"]]) == ["bridge", "host", "none"])
        #expect(try names(["dangling": ["1"]]) == ["two"])
        #expect(try names(["dangling": ["false"]]) == ["bridge", "host", "none", "one"])
        #expect(fault { _ = try names(["colour": ["red"]]) } == "invalid: invalid filter 'colour'")
        #expect(fault { _ = try names(["type": ["odd"]]) } == "invalid: invalid filter: 'type'='odd'")
        #expect(fault { _ = try names(["dangling": ["true", "false"]]) } == "invalid: got more than one value for filter key \"dangling\"")
        #expect(fault { _ = try names(["dangling": ["x"]]) }?.hasPrefix("invalid: invalid value for filter 'dangling'") == true)
    }

    @Test func pruneTakesWhatNobodyUses() throws {
        let root = try NetworkRoot()
        for name in ["used", "kept", "gone"] { try root.create(name, labels: name == "kept" ? ["keep": ""] : [:]) }
        let (id, _) = try root.start("c", on: ["used": EndpointSettings()])
        func pruned(_ filters: [String: [String]]) throws -> [String]? { try root.networks.prune(Filters(filters)).networksDeleted }
        #expect(try pruned(["until": ["1h"]]) == nil)
        #expect(try pruned(["label!": ["keep"]]) == ["gone"])
        #expect(fault { _ = try pruned(["until": ["soon"]]) } == "invalid: invalid filter 'until=soon'")
        #expect(fault { _ = try pruned(["dangling": ["true"]]) } == "invalid: invalid filter 'dangling'")
        #expect(try pruned([:]) == ["kept"])
        try root.stop(id)
        #expect(try pruned([:]) == ["used"])
    }

    @Test func recoveryTakesAwayOnlyOwnLeftOvers() throws {
        let root = try NetworkRoot()
        let id = try root.create("n")
        let table = root.networks.firewallTable
        root.notes.bridges.withLock { $0 = ["br-mine": "\(table):\(id)", "br-left": "\(table):0123", "br-other": "davit-0:0123", "virbr0": "net"] }
        _ = try root.start("c", on: ["n": EndpointSettings()])
        root.notes.ensured.withLock { $0 = [] }
        try root.networks.recover()
        let removed = root.notes.removed.withLock { sides in sides.map { side in if case .bridge(let plan, _, _) = side { plan.name } else { "" } } }
        #expect(removed == ["br-left"])
        // What containers run on is brought back.
        #expect(root.notes.ensured.withLock { $0.count } == 1)
    }
}
