package import Linux
package import Values

/// Why a part of a network could not be made, changed or taken away.
package enum PlumbingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kernel refused: what was attempted, on what (`create bridge docker0`), and its word.
    case kernel(_ stage: String, SyscallError)
    /// The kernel was built without it: `ipvlan links`, `nf_tables`.
    case kernelLacks(String)
    /// An interface that is named by the user, a macvlan's parent say, is not there.
    case noSuchLink(String)
    /// A port of the host cannot be had: the first that was asked for (0 for any), and why: `EADDRINUSE` when it is another's, or all of a
    /// range are; `EADDRNOTAVAIL` when the address is not the host's; `EACCES`. `owner` is the container that has it, where the rules tell.
    case port(PortPlan.Transport, IPAddress, UInt16, Errno, owner: String?)
    /// nft(8) did not take the ruleset, or is not installed.
    case ruleset(String)
    /// The plan itself cannot be: two addresses of a family, ports without an address to lead to.
    case invalid(String)

    package var description: String {
        switch self {
        case .kernel(let stage, let cause): "\(stage): \(cause)"
        case .kernelLacks(let what): "the kernel has no \(what)"
        case .noSuchLink(let name): "no such interface: \(name)"
        case .port(let transport, let address, let port, let errno, let owner):
            "bind for \(Endpoint(address, port))/\(transport.rawValue): \(owner.map { "published by \($0)" } ?? "\(errno)")"
        case .ruleset(let why): "load firewall rules: \(why)"
        case .invalid(let why): why
        }
    }
}

/// Gives a system call's failure the stage at which it happened.
func at<Result: ~Copyable>(_ stage: @autoclosure () -> String, _ body: () throws(SyscallError) -> Result) throws(PlumbingError) -> Result {
    do { return try body() } catch { throw .kernel(stage(), error) }
}
