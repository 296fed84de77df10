internal import Diagnostics
internal import DockerAPI
internal import Values

/// What a request says about a network's addresses, checked with Docker's errors.
enum AddressRules {
    /// Throws one error that lists all that is wrong, as Docker's does.
    static func check(_ ranges: [IPAMConfig], enableIPv6: Bool) throws(Fault) {
        let problems = ranges.flatMap { Self.problems($0, enableIPv6: enableIPv6) }
        if !problems.isEmpty { throw Fault(.invalid, "invalid network config:\n\(join(problems))") }
    }

    /// Several problems in one text, in the form of Docker's.
    static func join(_ problems: [String]) -> String {
        problems.count == 1 ? problems[0] : problems.map { "* \($0)" }.joined(separator: "\n")
    }

    private static func problems(_ config: IPAMConfig, enableIPv6: Bool) -> [String] {
        guard let subnet = IPPrefix(config.subnet) else { return ["invalid subnet \(config.subnet): invalid CIDR block notation"] }
        let family = subnet.address.family
        if family == .v6, !enableIPv6 { return [] }
        var problems: [String] = []
        if subnet != subnet.network { problems.append("invalid subnet \(subnet): it should be \(subnet.network)") }
        problems += self.problems(range: config.ipRange, subnet)
        if let problem = problem(address: config.gateway, subnet) { problems.append("invalid gateway \(config.gateway): \(problem)") }
        for (name, address) in (config.auxiliaryAddresses ?? [:]).sorted(by: { $0.key < $1.key }) {
            if let problem = problem(address: address, subnet) { problems.append("invalid auxiliary address \(name): \(problem)") }
        }
        return problems
    }

    private static func problems(range text: String, _ subnet: IPPrefix) -> [String] {
        if text.isEmpty { return [] }
        guard let range = IPPrefix(text) else { return ["invalid ip-range \(text): invalid CIDR block notation"] }
        guard range.address.family == subnet.address.family else { return ["invalid ip-range \(text): parent subnet is an \(name(subnet)) block"] }
        var problems: [String] = []
        if range.length < subnet.length { problems.append("invalid ip-range \(text): CIDR block is bigger than its parent subnet \(subnet)") }
        if range != range.network { problems.append("invalid ip-range \(range): it should be \(range.network)") }
        if !subnet.overlaps(range) { problems.append("invalid ip-range \(text): parent subnet \(subnet) doesn't contain ip-range") }
        return problems
    }

    private static func problem(address text: String, _ subnet: IPPrefix) -> String? {
        if text.isEmpty { return nil }
        guard let address = IPAddress(text) else { return "invalid address" }
        guard address.family == subnet.address.family else { return "parent subnet is an \(name(subnet)) block" }
        return subnet.contains(address) ? nil : "parent subnet \(subnet) doesn't contain this address"
    }

    private static func name(_ subnet: IPPrefix) -> String { subnet.address.family == .v4 ? "IPv4" : "IPv6" }

    /// Whether a bridge can have it. Throws Docker's errors.
    static func checkBridge(_ subnet: IPPrefix) throws(Fault) {
        guard subnet.first.family == .v6 else {
            if subnet.length == 0 { throw Fault(.invalid, "ipv4 pool is empty") }
            if subnet.first.isLoopback { throw Fault(.invalid, "loopback subnet '\(subnet)' is not allowed") }
            if subnet.first.value >> 28 == 0xe { throw Fault(.invalid, "multicast subnet '\(subnet)' is not allowed") }
            return
        }
        if subnet.length == 0 { throw Fault(.invalid, "ipv6 pool is empty") }
        if subnet.first.value >> 120 == 0xff { throw Fault(.invalid, "multicast subnet '\(subnet)' is not allowed") }
        if let linkLocal = IPPrefix("fe80::/64"), subnet != linkLocal, linkLocal.overlaps(subnet) {
            throw Fault(.invalid, "'\(subnet)' clashes with the Link-Local prefix 'fe80::/64'")
        }
    }
}
