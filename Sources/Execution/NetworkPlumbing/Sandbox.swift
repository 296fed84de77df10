package import Linux
import Netlink
package import Values

/// The network namespace of one container, owned by its supervisor: interfaces, and the ports of the host that lead to it.
///
/// For single-threaded programs: it enters the namespace for moments with the one thread there is. The namespace goes when the last
/// process in it and this owner are gone, and takes its interfaces along; the rules of published ports go by `close()`, or, when the
/// supervisor was killed, by `Firewall.withdraw(owner:)`.
package final class Sandbox {
    /// The container's id: rules of its ports carry it.
    package let owner: String
    package let firewall: Firewall
    /// For setns(2) and clone3(2): `/proc/self/fd/N`.
    package let namespace: OpenFile
    package internal(set) var attachments: [Attachment] = []
    package internal(set) var publications: [Publication] = []

    /// The namespace that the owner lives in.
    private let outside: OpenFile
    /// Conversations with the kernel about the host's side and the container's.
    var host: NetlinkSocket
    var inside: NetlinkSocket

    /// A port of the host that is held: nobody else can bind it while `socket` is open.
    package struct Publication: Sendable {
        package var port: PublishedPort
        /// Where the kernel leads it; nil when no address of the container has the host address's family: then a relay must.
        package var target: IPAddress?
        /// The container's addresses on routed networks beside, where the port is open as well.
        var doors: [IPAddress] = []
        /// Bound; TCP ones listen, and connections that the rules do not catch (from ::1, say) arrive there: for a relay.
        /// nil for SCTP on a kernel without it.
        package var socket: OpenFile?
    }

    /// In `namespace`, or in one that is made.
    package init(owner: String, table: String, namespace: OpenFile? = nil) throws(PlumbingError) {
        self.owner = owner
        firewall = Firewall(table: table)
        host = try HostNetwork.open()
        outside = try at("open network namespace") { () throws(SyscallError) in OpenFile(try FileDescriptor.open("/proc/thread-self/ns/net")) }
        let namespace = if let namespace { namespace } else { try Self.makeNamespace() }
        self.namespace = namespace
        inside = try at("open rtnetlink in the network namespace") { [outside, namespace] () throws(SyscallError) in
            try Self.open(in: namespace, from: outside)
        }
        // An interface that comes up says so to its neighbours, which may have known another container by its address.
        try configure(["ipv4/conf/default/arp_notify": "1", "ipv6/conf/default/ndisc_notify": "1"])
    }

    /// A namespace with its loopback up. Leaves the thread where it is.
    package static func makeNamespace() throws(PlumbingError) -> OpenFile {
        try at("make network namespace") { () throws(SyscallError) in
            let before = try FileDescriptor.open("/proc/thread-self/ns/net")
            try Namespace.unshare(.newNetwork)
            let outcome: Swift.Result<OpenFile, SyscallError>
            do throws(SyscallError) {
                try Loopback.bringUp()
                outcome = .success(OpenFile(try FileDescriptor.open("/proc/thread-self/ns/net")))
            } catch { outcome = .failure(error) }
            try Namespace.join(before, .newNetwork)
            return try outcome.get()
        }
    }

    private static func open(in namespace: OpenFile, from outside: OpenFile) throws(SyscallError) -> NetlinkSocket {
        try Namespace.join(namespace.descriptor, .newNetwork)
        let socket: NetlinkSocket
        do throws(SyscallError) { socket = try .route() } catch {
            // It was there before, and has room for the thread.
            try? Namespace.join(outside.descriptor, .newNetwork)
            throw error
        }
        try Namespace.join(outside.descriptor, .newNetwork)
        return socket
    }

    /// Runs `body` with the calling thread in the namespace: sockets made there stay there.
    package func enter<Result>(_ body: () throws -> Result) throws -> Result {
        try at("enter network namespace") { () throws(SyscallError) in try Namespace.join(namespace.descriptor, .newNetwork) }
        let result = Swift.Result { try body() }
        // It cannot fail, the thread was there before. If it did, everything after would happen in the wrong place.
        try at("leave network namespace") { () throws(SyscallError) in try Namespace.join(outside.descriptor, .newNetwork) }
        return try result.get()
    }

    /// Writes settings below /proc/sys/net of the namespace, by their names with slashes.
    func configure(_ settings: [String: String]) throws(PlumbingError) {
        guard !settings.isEmpty else { return }
        try at("enter network namespace") { () throws(SyscallError) in try Namespace.join(namespace.descriptor, .newNetwork) }
        var failure: PlumbingError?
        do throws(PlumbingError) {
            for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
                do throws(PlumbingError) { try Sysctl.write(name, value) } catch {
                    // An interface with an MTU below 1280, or a kernel without IPv6, has none to be switched off.
                    guard case .kernel(_, let cause) = error, cause.errno == .noEntry, name.hasSuffix("/disable_ipv6"), value == "1" else { throw error }
                }
            }
        } catch { failure = error }
        try at("leave network namespace") { () throws(SyscallError) in try Namespace.join(outside.descriptor, .newNetwork) }
        if let failure { throw failure }
    }
}
