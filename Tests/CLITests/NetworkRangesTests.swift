import DockerAPI
import Testing

@testable import CLI

/// What `network create` makes of subnets, ranges and gateways, with the stock client's errors.
@Suite struct NetworkRangesTests {
    private func make(_ subnets: [String], _ ranges: [String] = [], _ gateways: [String] = [], _ auxiliary: [String: String] = [:]) throws -> [IPAMConfig] {
        try NetworkRanges.make(subnets: subnets, ranges: ranges, gateways: gateways, auxiliary: auxiliary)
    }

    private func problem(_ subnets: [String], _ ranges: [String] = [], _ gateways: [String] = [], _ auxiliary: [String: String] = [:]) -> String? {
        do {
            _ = try make(subnets, ranges, gateways, auxiliary)
            return nil
        } catch { return "\(error)" }
    }

    @Test func eachGoesToItsSubnet() throws {
        let configs = try make(["10.0.0.0/24", "2001:db8::/64"], ["10.0.0.128/25"], ["2001:db8::9", "10.0.0.5"], ["a": "10.0.0.7"])
        #expect(
            configs == [
                IPAMConfig(subnet: "10.0.0.0/24", ipRange: "10.0.0.128/25", gateway: "10.0.0.5", auxiliaryAddresses: ["a": "10.0.0.7"]),
                IPAMConfig(subnet: "2001:db8::/64", gateway: "2001:db8::9"),
            ])
        #expect(try make([]) == [])
        // A lone subnet is the engine's to judge.
        #expect(try make(["nonsense"]) == [IPAMConfig(subnet: "nonsense")])
    }

    @Test func whatGoesNowhere() {
        #expect(problem([], ["10.0.0.0/25"]) == "every ip-range or gateway must have a corresponding subnet")
        #expect(problem(["10.0.0.0/8", "10.1.0.0/16"]) == "multiple overlapping subnet configuration is not supported")
        #expect(problem(["10.0.0.0/24"], ["10.1.0.0/25"]) == "no matching subnet for range 10.1.0.0/25")
        #expect(problem(["10.0.0.0/24"], ["10.0.0.0"]) == "invalid CIDR address: 10.0.0.0")
        #expect(problem(["x"], [], ["10.0.0.1"]) == "invalid subnet: invalid CIDR address: x")
        #expect(problem(["10.0.0.0/24"], [], ["10.0.1.1"]) == "no matching subnet for gateway 10.0.1.1")
        #expect(problem(["10.0.0.0/24"], [], [], ["a": "10.0.1.1"]) == "no matching subnet for aux-address 10.0.1.1")
        #expect(
            problem(["10.0.0.0/24", "10.0.1.0/24"], [], ["10.0.0.1", "10.0.0.2"])
                == "cannot configure multiple gateways (10.0.0.2, 10.0.0.1) for the same subnet (10.0.0.0/24)")
        #expect(
            problem(["10.0.0.0/24", "10.0.1.0/24"], ["10.0.0.0/25", "10.0.0.128/25"])
                == "cannot configure multiple ranges (10.0.0.128/25, 10.0.0.0/25) on the same subnet (10.0.0.0/24)")
    }
}
