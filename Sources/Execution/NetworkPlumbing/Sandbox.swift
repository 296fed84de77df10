package import Linux
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
    package private(set) var attachments: [Attachment] = []
    package private(set) var publications: [Publication] = []

    /// A port of the host that is held: nobody else can bind it while `socket` is open.
    package struct Publication: Sendable {
        package var port: PublishedPort
        /// Where the kernel leads it; nil when no address of the container has the host address's family: then a relay must.
        package var target: IPAddress?
        /// Bound; TCP ones listen, and connections that the rules do not catch (from ::1, say) arrive there: for a relay.
        /// nil for SCTP on a kernel without it.
        package var socket: OpenFile?
    }

    /// Makes a namespace with its loopback up.
    package init(owner: String, table: String) throws(PlumbingError) { throw .kernelLacks("network namespaces") }

    /// Runs `body` with the calling thread in the namespace: sockets made there stay there.
    package func enter<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws -> Result { throw PlumbingError.kernelLacks("network namespaces") }

    /// Makes one interface, up, with its addresses and routes; when it fails nothing is left of it.
    package func add(_ attachment: Attachment) throws(PlumbingError) { throw .kernelLacks("veth") }

    /// Takes the interface of a network away; ports that led there lead to another one if there is one. Missing is right.
    package func remove(network: String) throws(PlumbingError) { throw .kernelLacks("veth") }

    /// Makes these the default routes, by the interface of this network, instead of those there are. Empty: none.
    package func setGateways(_ gateways: [IPAddress], network: String) throws(PlumbingError) { throw .kernelLacks("routes") }

    /// Publishes more ports: all or none. Plans that differ in the host address only get the same port. They lead to the first attachment
    /// with an address of the family, one with a default route before others.
    @discardableResult
    package func publish(_ plans: [PortPlan]) throws(PlumbingError) -> [Publication] { throw .kernelLacks("nf_tables") }

    /// Takes ports away again and lets go of them; those that are not published are right.
    package func withdraw(_ ports: [PublishedPort]) throws(PlumbingError) { throw .kernelLacks("nf_tables") }

    /// Withdraws all ports. The namespace itself goes with the last reference and the last process.
    package func close() throws(PlumbingError) { throw .kernelLacks("nf_tables") }
}
