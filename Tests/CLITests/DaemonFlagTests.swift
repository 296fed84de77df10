import Arguments
import JSON
import Testing

@testable import CLI

/// Flags of the daemon in the words of `daemon.json`.
@Suite struct DaemonFlagTests {
    private func settings(_ given: [(String, [String])]) throws -> JSONValue {
        let all = DaemonFlag.all
        var values = FlagValues(all.map(\.flag))
        for (name, texts) in given {
            let flag = try #require(all.first { $0.flag.name == name }?.flag)
            for text in texts { values.set(flag, text) }
        }
        return .object(try DaemonFlag.settings(values, of: all))
    }

    @Test("flags say what daemon.json says") func words() throws {
        let flags = try settings([
            ("bip", ["10.5.0.1/24"]), ("icc", ["false"]), ("mtu", ["1400"]), ("dns", ["192.0.2.1", "192.0.2.2"]), ("dns-opt", ["timeout:1"]),
            ("host-gateway-ip", ["192.0.2.9"]), ("default-address-pool", ["base=10.9.0.0/16,size=24"]), ("default-network-opt", ["bridge=a.b=c=d", "bridge=e=f"]),
            ("default-ulimit", ["nofile=10:20", "core=-1"]), ("add-runtime", ["fast=/opt/fast", "odd=a=b"]), ("log-opt", ["max-size=1m", "max-file=2"]),
            ("label", ["a=b"]), ("default-shm-size", ["128M"]), ("feature", ["buildkit=true"]), ("max-concurrent-downloads", ["7"]), ("debug", ["true"]),
        ])
        let file = #"""
            {"bip":"10.5.0.1/24","icc":false,"mtu":1400,"dns":["192.0.2.1","192.0.2.2"],"dns-opts":["timeout:1"],"host-gateway-ips":["192.0.2.9"],
            "default-address-pools":[{"base":"10.9.0.0/16","size":24}],"default-network-opts":{"bridge":{"a.b":"c=d","e":"f"}},
            "default-ulimits":{"nofile":{"Name":"nofile","Hard":20,"Soft":10},"core":{"Name":"core","Hard":-1,"Soft":-1}},
            "runtimes":{"fast":{"path":"/opt/fast"},"odd":{"path":"a=b"}},"log-opts":{"max-size":"1m","max-file":"2"},"labels":["a=b"],
            "default-shm-size":"128M","features":{"buildkit":true},"max-concurrent-downloads":7,"debug":true}
            """#
        let (own, wanted) = (try #require(flags.object), try #require(try JSONValue(parsing: Array(file.utf8)).object))
        #expect(own.members.count == wanted.members.count)
        for member in wanted.members { #expect(own[member.name] == member.value, "\(member.name)") }
    }

    @Test("values that cannot be") func wrong() throws {
        for (name, value) in [
            ("default-address-pool", "10.9.0.0/16"), ("default-network-opt", "bridge"), ("add-runtime", "fast"), ("add-runtime", "=x"), ("add-runtime", "fast="),
            ("log-opt", "max-size"), ("default-ulimit", "nofile"), ("default-ulimit", "what=1"), ("mtu", "many"), ("icc", "perhaps"), ("default-shm-size", "x"),
        ] {
            let flag = try #require(DaemonFlag.all.first { $0.flag.name == name }?.flag)
            #expect(flag.problem(value) != nil, "--\(name) \(value)")
        }
    }

    @Test("no flag is there twice") func names() {
        let names = DaemonFlag.all.map(\.flag.name), shorts = DaemonFlag.all.compactMap(\.flag.short)
        #expect(Set(names).count == names.count && Set(shorts).count == shorts.count)
    }
}
