import JSON
import Testing
import Values

@testable import Membership

/// What is believed of what stands in an etcd.
@Suite struct OtherHostsTests {
    private let id = String(repeating: "ab", count: 32)

    private func read(_ items: [(String, String)]) throws -> OtherHosts {
        OtherHosts(items.map { ($0.0, Array($0.1.utf8)) }, own: try #require(IPAddress("10.0.0.1")))
    }

    @Test func hostsAndContainersOfOthers() throws {
        let record = #"{"host":"10.0.0.2","names":["web","www"],"addresses":["10.9.0.130"]}"#
        let others = try read([("hosts/10.0.0.1", ""), ("hosts/10.0.0.3", "life"), ("hosts/10.0.0.2", ""), ("containers/\(id)", record)])
        #expect(others.hosts.map(\.description) == ["10.0.0.2", "10.0.0.3"])
        #expect(others.lives == [try #require(IPAddress("10.0.0.2")): [], try #require(IPAddress("10.0.0.3")): Array("life".utf8)])
        #expect(others.containers == [id: MemberRecord(host: "10.0.0.2", names: ["web", "www"], addresses: ["10.9.0.130"])])
    }

    @Test(arguments: [
        ("hosts/0.0.0.0", ""), ("hosts/127.0.0.1", ""), ("hosts/::1", ""), ("hosts/fd00::1", ""), ("hosts/", ""), ("hosts/x", ""), ("hosts", ""), ("", ""),
        ("other/10.0.0.2", ""),
    ])
    func whatIsNoHostIsLeftOut(_ key: String, _ value: String) throws { #expect(try read([(key, value)]).hosts.isEmpty) }

    @Test func whatIsNoContainerIsLeftOut() throws {
        let good = #"{"host":"10.0.0.2","names":["web"],"addresses":["10.9.0.130"]}"#
        let mine = #"{"host":"10.0.0.1","names":["web"],"addresses":["10.9.0.130"]}"#
        let unknown = #"{"host":"10.0.0.9","names":["web"],"addresses":["10.9.0.130"]}"#
        for (key, value) in [("containers/../x", good), ("containers/\(id)/x", good), ("containers/\(id)", "{"), ("containers/\(id)", mine), ("containers/\(id)", unknown)] {
            #expect(try read([("hosts/10.0.0.2", ""), (key, value)]).containers.isEmpty, "\(key)")
        }
        // A container of this host's.
        let items = [("hosts/10.0.0.2", [] as [UInt8]), ("containers/\(id)", Array(good.utf8))]
        #expect(OtherHosts(items, own: try #require(IPAddress("10.0.0.1")), local: [id]).containers.isEmpty)
        let many = (0..<300).map { ("hosts/10.1.\($0 / 250).\($0 % 250 + 1)", "") }
        #expect(try read(many).hosts.count == 256)
    }
}
